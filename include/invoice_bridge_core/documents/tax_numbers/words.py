"""What people write around a tax number: labels, registers, courts and countries."""

from __future__ import annotations

import re
import unicodedata

_OTHER_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "đ": "d", "ł": "l", "Ł": "L"})
_WORD = re.compile(r"[0-9A-Z]+")

_COUNTRY_LABELS = {
    "DK": ("CVR", "CVRNR", "CVRNUMMER", "SENR"),
    "NO": ("MVA", "MVANR", "FORETAKSREGISTERET", "ORGANISASJONSNUMMER", "ORGANISASJONSNR", "FORETAKSNUMMER"),
    "SE": ("ORGANISATIONSNUMMER", "ORGANISATIONSNR", "MOMSREGISTRERINGSNUMMER", "PERSONNUMMER", "PERSNR"),
    "FI": ("YTUNNUS", "TUNNUS", "ALV", "ALVNRO", "ALVNUMERO", "FONUMMER"),
    "IS": ("KENNITALA", "KT", "VSK", "VSKNR", "VSKNUMER"),
    "FR": ("SIREN", "SIRET", "INTRACOMMUNAUTAIRE", "INTRACOM"),
    "DE": ("UST", "USTID", "USTIDNR", "IDNR", "UMSATZSTEUERID"),
    "NL": ("RSIN", "OMZETBELASTINGNUMMER"),
    "BE": ("KBO", "BCE", "ONDERNEMINGSNUMMER"),
    "PL": ("NIP",),
    "US": ("EIN", "FEIN"),
    "CH": ("MWST",),
    "IT": ("PARTITA",),
}
_LABELS = (
    *("VAT", "VATNO", "VATNR", "VATREG", "VATREGNO", "VATREGISTRATION", "VATID", "VATIN", "TAX", "TAXID", "TAXNO"),
    *("TIN", "GST", "REG", "REGNO", "REGNR", "REGISTRATION", "REGISTERED", "REGISTER", "NUMBER", "NUMMER", "NUMERO"),
    *("NR", "NRO", "NUM", "NUMER", "NUMER", "ORG", "ORGNR", "ORGNO", "ORGNUMMER", "MOMS", "MOMSNR", "MOMSREG"),
    *("MOMSREGNR", "BTW", "BTWNR", "BTWNUMMER", "TVA", "TVANR", "IVA", "PIVA", "COMPANY", "BUSINESS", "EU", "ID"),
    *("VATEU", "UE", "IDENTIFICATION", "IDENTIFICATIE", "STEUERNUMMER", "STNR", "STEUER", "ENTERPRISE", "CODE"),
)
_BY_LABEL = {label: country for country, labels in _COUNTRY_LABELS.items() for label in labels}
_ALL_LABELS = frozenset((*_BY_LABEL, *_LABELS))
_GLUED = re.compile(
    rf"(?:{'|'.join(sorted((label for label in _ALL_LABELS if len(label) > 2), key=len, reverse=True))})+"
    r"(?=[0-9]|[A-Z]{2}[0-9A-Z]*[0-9])"
)
_BEFORE_NO = frozenset(label for label in _ALL_LABELS if label not in ("NR", "ID")) | {"ID"}
_COURT_REGISTERS = frozenset({"HRA", "HRB", "AMTSGERICHT", "GNR", "PRR"})
"""Of Germany: each court counts its own companies, so that the number alone is many companies'."""


def compact(text: str) -> str:
    """Digits and capitals alone, whatever script the digits are of."""
    return "".join(_words(text))


def parted(text: str) -> tuple[str, str, str]:
    """A number without what stands around it.

    :return: the country that a label tells, or nothing; the number without labels; and without all other words, too.
    """
    words = _words(text)
    if _COURT_REGISTERS & set(words):
        return "", "", ""
    country = ""
    kept: list[str] = []
    is_after_label = False
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        label = _label(word, is_after_label=is_after_label, following=following)
        if label is not None:
            country = country or label
            is_after_label = True
            continue
        is_after_label = False
        if (glued := _GLUED.match(word)) is not None:
            country = country or _country_of_glued(glued[0])
            word = word[glued.end() :]
        kept.append(word)
    number = [word for word in kept if not (word.isalpha() and len(word) > 2 and word != "CHE")]
    return country, "".join(kept), "".join(number)


def _label(word: str, *, is_after_label: bool, following: str) -> str | None:
    """The country that a label tells, nothing where it tells none; `None` where the word is no label."""
    if word in ("Y", "FO") and following in ("TUNNUS", "NUMMER"):
        return "FI"
    if word == "SE" and following in ("NR", "NUMMER"):
        return "DK"  # Danish companies call a part of theirs so
    if word in ("NO", "N") and (is_after_label or word == "N"):
        return ""
    if word in _BY_LABEL:
        return _BY_LABEL[word]
    return "" if word in _ALL_LABELS else None


def _country_of_glued(labels: str) -> str:
    return next((country for label, country in _BY_LABEL.items() if label in labels and len(label) > 2), "")


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.translate(_OTHER_LETTERS))
    plain = "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in decomposed
        if unicodedata.category(character) not in ("Mn", "Cf")
    )
    return _WORD.findall(plain.upper())
