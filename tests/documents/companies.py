"""Companies with right tax numbers, and the ways in which people write them; also e-mail addresses and names."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from hypothesis import strategies as st

NAMES = {
    "NO": "Norway",
    "SE": "Sweden",
    "DK": "Denmark",
    "FI": "Finland",
    "IS": "Iceland",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "NL": "Netherlands",
    "BE": "Belgium",
    "PL": "Poland",
    "US": "United States",
}
_NUMBERS = {
    # module of the library, first digits, digits before those that are tried, digits that are tried
    "NO": ("no.orgnr", ("8", "9"), 7, 1),
    "SE": ("se.orgnr", ("55", "21", "76", "96"), 7, 1),
    "DK": ("dk.cvr", ("1", "2", "3", "4"), 6, 1),
    "FI": ("fi.alv", ("0", "1", "2"), 6, 1),
    "IS": ("is_.kennitala", ("550169", "460800", "691217", "420369"), 2, 2),
    "GB": ("gb.vat", ("1", "2", "3", "9"), 6, 2),
    "DE": ("de.vat", ("1", "2", "3", "8"), 7, 1),
    "FR": ("fr.siren", ("3", "4", "5", "8"), 7, 1),
    "NL": ("nl.bsn", ("0", "8"), 7, 1),
    "BE": ("be.vat", ("04", "08", "10"), 6, 2),
    "PL": ("pl.nip", ("5", "6", "7", "9"), 8, 1),
    "US": ("us.ein", ("12", "20", "46", "83"), 7, 0),
}
_WRITTEN = {
    "NO": (
        *("{0}", "NO{0}MVA", "NO {3 3 3} MVA", "{3 3 3}", "Org.nr: {3 3 3} MVA", "{0}MVA", "no{0}mva", "NO{0}"),
        *("Org.nr. {0}", "Foretaksregisteret NO {3 3 3} MVA", "NO-{0}-MVA", "{3 3 3} mva"),
    ),
    "SE": (
        *("{6-4}", "{0}", "SE{0}01", "16{0}", "16{6-4}", "{0}01", "SE {6-4} 01", "SE{6-4}01", "se{0}01"),
        *("Org.nr: {6-4}", "Momsreg.nr SE{0}01"),
    ),
    "DK": ("{0}", "DK{0}", "DK {2 2 2 2}", "{2 2 2 2}", "CVR-nr. {0}", "CVR {2 2 2 2}", "DK-{0}", "CVR-nr.: DK{0}"),
    "FI": ("{7-1}", "FI{0}", "{0}", "Y-tunnus {7-1}", "FI {0}", "ALV FI{0}", "Y-tunnus: {7-1}", "FI-{0}"),
    "IS": ("{6-4}", "{0}", "IS{0}", "kt. {6-4}", "Kennitala: {6-4}", "kt. {0}"),
    "GB": (
        *("{0}", "GB{0}", "GB {3 4 2}", "VAT Reg No GB{0}", "VAT Reg No {3 4 2}", "GB{0}001", "VAT No. GB {3 4 2}"),
        *("{3 4 2}", "VAT: GB{0}"),
    ),
    "DE": (
        "DE{0}",
        "DE {3 3 3}",
        "{0}",
        "DE {0}",
        "USt-IdNr. DE{0}",
        "USt-IdNr.: DE {3 3 3}",
        "DE-{0}",
        "USt-ID: DE{0}",
    ),
    "FR": (
        *("{0}", "FR{k}{0}", "FR {k} {3 3 3}", "{3 3 3}", "SIREN {3 3 3}", "{k}{0}", "N° TVA : FR {k} {3 3 3}"),
        *("SIRET {3 3 3} 00012", "RCS Paris {3 3 3}", "TVA intracom. FR{k}{0}"),
    ),
    "NL": ("NL{0}B01", "{0}B01", "NL {0} B01", "NL{0}.B01", "BTW NL{0}B01", "{0}", "RSIN {0}", "nl{0}b01"),
    "BE": (
        *("BE{0}", "BE {4.3.3}", "{4.3.3}", "{0}", "BE{s}", "BTW BE {4.3.3}", "TVA BE {4.3.3}", "{s}", "BE-{0}"),
        *("KBO {4.3.3}", "BE (0){s}"),
    ),
    "PL": ("{0}", "PL{0}", "{3-3-2-2}", "NIP {3-3-2-2}", "PL {0}", "NIP: PL{0}", "{3-2-2-3}", "NIP: {0}"),
    "US": ("{2-7}", "{0}", "EIN {2-7}", "EIN: {2-7}", "US {2-7}"),
}
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_BLANKS = " \u00a0\u2009\u202f"
_UNSEEN = ("", "", "", "\u200b", "\ufeff", "\u00ad", "\u2060")


@dataclass(frozen=True)
class Company:
    """A company by its country and what names it in the country's register."""

    country: str
    core: str

    def writings(self) -> tuple[str, ...]:
        """The number as people write it, in plain characters."""
        return tuple(written for shape in _WRITTEN[self.country] if (written := _filled(shape, self.core)))


def companies(*countries: str) -> st.SearchStrategy[Company]:
    """Companies with right numbers, of these countries or of all."""
    return st.sampled_from(countries or tuple(_NUMBERS)).flatmap(
        lambda country: _cores(country).map(lambda core: Company(country, core))
    )


def written(company: Company) -> st.SearchStrategy[str]:
    """A writing of the company's number, with the characters that other programs put in."""
    return st.sampled_from(company.writings()).flatmap(_mangled)


def emails() -> st.SearchStrategy[str]:
    """Addresses, some with letters of their own in the domain."""
    local = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=3, max_size=10)
    domain = st.sampled_from(
        ("firma.example", "møter.example", "gmbh-köln.example", "café.example", "post.firm.example")
    )
    return st.builds(lambda name, host: f"{name}@{host}", local, domain)


def written_email(address: str) -> st.SearchStrategy[str]:
    """An address in other letters, and its domain as DNS knows it."""
    local, _, domain = address.partition("@")
    encoded = domain.encode("idna").decode()
    return st.sampled_from((address, f"{local}@{encoded}", address.upper(), f"{local.title()}@{domain}"))


def company_names() -> st.SearchStrategy[str]:
    """Names of companies, with the letters and signs of their languages."""
    first = st.sampled_from(
        ("Østfold", "Åkerö", "Müller", "Café", "O'Neil's", "Łódź", "Þór", "Smith & Sons", "Saint-Denis")
    )
    second = st.sampled_from(("Hotell", "Reisen", "Events", "Møter", "Kongress", "Voyages", "Zjazd"))
    form = st.sampled_from(("AS", "AB", "ApS", "Oy", "ehf.", "Ltd", "GmbH", "SARL", "B.V.", "NV", "Sp. z o.o.", "Inc."))
    return st.builds(lambda *parts: " ".join(map(str, parts)), first, second, st.integers(1, 10**6), form)


def written_name(name: str) -> st.SearchStrategy[str]:
    """The same name in other capitals, with other apostrophes, or with parted accents."""
    return st.sampled_from(
        (name, name.upper(), name.lower(), name.replace("'", "’"), unicodedata.normalize("NFD", name))
    )


def some_companies(country: str, count: int) -> list[Company]:
    """Always the same ones."""
    chance = random.Random(country)
    found: list[Company] = []
    while len(found) < count:
        start, number = chance.choice(_NUMBERS[country][1]), chance.randint(*_range(country))
        if (core := _completed(country, start, number)) is not None:
            found.append(Company(country, core))
    return found


def _cores(country: str) -> st.SearchStrategy[str]:
    starts, numbers = st.sampled_from(_NUMBERS[country][1]), st.integers(*_range(country))
    return st.builds(_completed, st.just(country), starts, numbers).filter(bool).map(str)


def _range(country: str) -> tuple[int, int]:
    length = _NUMBERS[country][2]
    return (20, 98) if country == "IS" else (10 ** (length - 1), 10**length - 1)


@cache
def _completed(country: str, start: str, number: int) -> str | None:
    """The digits with those check digits that are right; `None` where none are."""
    module, _, length, tried = _NUMBERS[country]
    base = f"{start}{number:0{length}d}"
    endings = [f"{ending:0{tried}d}" for ending in range(10**tried)] if tried else [""]
    if country == "IS":
        endings = [f"{ending}{century}" for ending in range(10) for century in "90"]
    is_valid = import_module(f"stdnum.{module}").is_valid
    return next((base + ending for ending in endings if is_valid(base + ending)), None)


def _filled(shape: str, core: str) -> str | None:
    if "{s" in shape and not core.startswith("0"):
        return None
    text = shape.replace("{0}", core).replace("{s}", core[1:])
    if "{k}" in text:
        text = text.replace("{k}", f"{int(core + '12') % 97:02d}")
    while "{" in text:
        before, _, rest = text.partition("{")
        groups, _, after = rest.partition("}")
        separator = next(character for character in groups if not character.isdigit())
        parts, start = [], 0
        for length in map(int, groups.split(separator)):
            parts.append(core[start : start + length])
            start += length
        text = before + separator.join(parts) + after
    return text


def _mangled(text: str) -> st.SearchStrategy[str]:
    def apply(dash: str, blank: str, unseen: str, place: int, outer: str) -> str:
        changed = text.replace("-", dash).replace(" ", blank)
        at = place % (len(changed) + 1)
        return f"{outer}{changed[:at]}{unseen}{changed[at:]}{outer}"

    return st.builds(
        apply,
        st.sampled_from(_DASHES),
        st.sampled_from(_BLANKS),
        st.sampled_from(_UNSEEN),
        st.integers(0, 60),
        st.sampled_from(("", " ")),
    )
