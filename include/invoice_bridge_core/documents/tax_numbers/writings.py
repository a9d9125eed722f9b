"""How a tax number is likely to be written where it is looked for by its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.tax_numbers.forms import looks_like, rightly_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.documents.tax_numbers.forms import Core
    from invoice_bridge_core.documents.tax_numbers.number import TaxNumber

_SHAPES = {
    # 0 is the whole core; others are its groups, by the number of their digits.
    "NO": (
        *("NO{0}MVA", "{0}", "{3 3 3}", "NO {3 3 3} MVA", "{0}MVA", "NO{0}", "{3 3 3} MVA", "{0} MVA", "NO {0} MVA"),
        *("NO{0} MVA", "NO {3 3 3}", "NO {0}", "NO{3 3 3}MVA", "NO-{0}", "NO-{0}-MVA", "{3.3.3}", "NO{3 3 3} MVA"),
        *("{3 3 3}MVA", "Org.nr. {0}", "Org.nr. {3 3 3}", "Org.nr: {0}", "Org.nr: {3 3 3}", "Org.nr. {3 3 3} MVA"),
        *("Org.nr: {3 3 3} MVA", "Foretaksregisteret {3 3 3} MVA", "{3-3-3}"),
    ),
    "SE": (
        *(
            "SE{0}01",
            "{6-4}",
            "{0}",
            "SE {0}01",
            "{c}{6-4}",
            "{c}{0}",
            "{d}{6-4}",
            "{d}{0}",
            "{0}01",
            "SE{6-4}01",
            "SE {6-4}01",
            "SE{6-4}",
        ),
        *(
            "SE{0}",
            "SE {6-4}",
            "SE-{0}01",
            "{6-4}-01",
            "{6 4}",
            "SE {6-4}-01",
            "SE {6-4} 01",
            "SE{6-4}-01",
            "SE {0} 01",
        ),
        *("Org.nr. {6-4}", "Org.nr: {6-4}", "Org.nr. {0}", "Org.nr: {0}", "VAT SE{0}01"),
    ),
    "DK": (
        *("DK{0}", "{0}", "{2 2 2 2}", "DK {2 2 2 2}", "DK {0}", "DK-{0}", "CVR {0}", "CVR-nr. {0}", "CVR: {0}"),
        *("CVR nr. {0}", "CVR-nr. {2 2 2 2}", "CVR {2 2 2 2}", "CVR-nr: {0}", "CVR nr.: {0}", "CVR-nr.: {0}"),
        *("CVR{0}", "DK{2 2 2 2}", "DK-{2 2 2 2}", "{4 4}", "{2-2-2-2}", "{2.2.2.2}"),
    ),
    "FI": (
        *("FI{0}", "{7-1}", "{0}", "FI {0}", "FI{7-1}", "FI {7-1}", "FI-{0}", "FI-{7-1}", "Y-tunnus {7-1}"),
        *("Y-tunnus: {7-1}", "Y-tunnus {0}", "ALV FI{0}", "ALV {0}", "{7 1}"),
    ),
    "IS": (
        "{6-4}",
        "{0}",
        "IS{0}",
        "kt. {6-4}",
        "kt. {0}",
        "kt {6-4}",
        "{6 4}",
        "IS {6-4}",
        "IS {0}",
        "IS{6-4}",
        "Kt. {6-4}",
    ),
    "FR": (
        *("FR{k}{0}", "{0}", "{3 3 3}", "FR {k} {3 3 3}", "FR{k} {3 3 3}", "FR {k}{0}", "FR {k} {0}", "{k}{0}"),
        *("FR-{k}{0}", "FR{0}", "FR{k} {0}", "SIREN {0}", "SIREN {3 3 3}", "SIREN: {0}", "SIREN: {3 3 3}"),
        *("TVA FR{k}{0}", "TVA FR {k} {3 3 3}", "RCS {3 3 3}", "FR {0}", "FR {3 3 3}", "FR-{k}-{0}", "{3.3.3}"),
    ),
    "DE": (
        *("DE{0}", "DE {0}", "DE {3 3 3}", "{0}", "{3 3 3}", "DE{3 3 3}", "DE-{0}", "USt-IdNr. DE{0}"),
        *("USt-IdNr.: DE{0}", "USt-IdNr: DE{0}", "USt-ID DE{0}", "USt-ID: DE{0}", "USt-IdNr. DE {3 3 3}"),
        *("USt-IdNr.: DE {3 3 3}", "DE {0}", "VAT DE{0}"),
    ),
    "NL": (
        *("NL{0}B{p}", "{0}B{p}", "NL{0}", "{0}", "NL {0} B{p}", "NL {0}B{p}", "NL{0}.B{p}", "NL {3 3 3} B{p}"),
        *("NL{4.2.3}.B{p}", "NL.{0}.B{p}", "NL {4.2.3}.B{p}", "{0} B{p}", "NL {0}", "NL-{0}-B{p}", "BTW NL{0}B{p}"),
        *("{4.2.3}.B{p}", "{4.2.3}", "NL {0}.B{p}", "NL{0} B{p}"),
    ),
    "BE": (
        *("BE{0}", "{0}", "{4.3.3}", "BE {4.3.3}", "BE {0}", "BE{4.3.3}", "{s}", "BE{s}", "BE {s}", "{4 3 3}"),
        *("BE {4 3 3}", "BE-{0}", "BE-{4.3.3}", "BTW BE {4.3.3}", "BTW BE{0}", "TVA BE {4.3.3}", "TVA BE{0}"),
        *("{4-3-3}", "BE {4-3-3}", "KBO {4.3.3}", "BE{4 3 3}", "{s3.3.3}", "BE {s3.3.3}", "BE {s3 3 3}", "{s3-3-3}"),
    ),
    "PL": (
        *("PL{0}", "{0}", "{3-3-2-2}", "PL {0}", "{3-2-2-3}", "PL {3-3-2-2}", "PL{3-3-2-2}", "NIP {0}"),
        *("NIP {3-3-2-2}", "NIP: {0}", "NIP: {3-3-2-2}", "{3 3 2 2}", "PL {3 3 2 2}", "PL-{0}", "NIP PL{0}"),
        *("PL {3-2-2-3}", "{3 2 2 3}", "PL{3-2-2-3}"),
    ),
    "GB": (
        *(
            "GB{0}",
            "{0}",
            "GB {0}",
            "GB {3 4 2}",
            "{3 4 2}",
            "GB{3 4 2}",
            "GB-{0}",
            "GB{0}000",
            "GB{0}001",
            "GB {3 3 3}",
        ),
        *("{3 3 3}", "VAT Reg No {3 4 2}", "VAT Reg No GB{0}", "VAT Reg No {0}", "VAT No {0}", "VAT GB{0}", "{3-4-2}"),
        *("VAT No. GB{0}", "VAT No GB{0}", "VAT Reg No GB {3 4 2}", "VAT Reg. No. GB{0}", "XI{0}", "GB {3 4 2} 001"),
        *("GB {3-4-2}", "VAT No: GB{0}"),
    ),
    "US": (
        "{2-7}",
        "{0}",
        "EIN {2-7}",
        "EIN: {2-7}",
        "US{0}",
        "US {2-7}",
        "EIN {0}",
        "EIN: {0}",
        "{2 7}",
        "US{2-7}",
        "US {0}",
    ),
    "CH": ("CHE-{3.3.3}", "CHE{0}", "CHE-{3.3.3} MWST", "CHE {3.3.3}", "CHE-{3.3.3} TVA", "CHE-{0}", "CHE-{3.3.3} IVA"),
    "AT": ("ATU{0}", "AT U{0}", "U{0}", "AT-U{0}", "ATU {0}", "UID ATU{0}"),
    "ES": ("ES{0}", "{0}", "ES {0}", "ES-{0}", "{1-8}", "{8-1}", "{1 8}", "{1-7-1}"),
    "IE": ("IE{0}", "{0}", "IE {0}"),
}
_ELSEWHERE = ("{C}{0}", "{0}", "{C} {0}", "{C}-{0}", "{3 3 3}", "{C} {3 3 3}")


def tax_number_writings(number: TaxNumber, text: str) -> tuple[str, ...]:
    """How the number may stand in a finance system: as written first, then the likelier ones before the others."""
    found = [text.strip(), number.number]
    if number.country:
        found += (writing for core in number.cores for writing in _in_country(number.country, core, number))
    else:
        readings = [*rightly_read(number.plain)] or [
            (country, core) for country in looks_like(number.plain) for core in number.cores_in(country)
        ]
        by_country = [list(_in_country(country, core, number)) for country, core in readings]
        # One of each country after the other, so that a filter which is too short for all has the likely ones of all.
        longest = max(map(len, by_country), default=0)
        found += (each[place] for place in range(longest) for each in by_country if place < len(each))
    return tuple(dict.fromkeys(writing for writing in found if writing))


def _in_country(country: str, core: Core, number: TaxNumber) -> Iterator[str]:
    shapes = _SHAPES.get(country, _ELSEWHERE) if number.cores_in(country) else _ELSEWHERE
    for shape in shapes:
        if (writing := _shaped(shape, country, core, number)) is not None:
            yield writing


def _shaped(shape: str, country: str, core: Core, number: TaxNumber) -> str | None:
    """A writing; `None` where the core is too short or too long for its groups."""
    written = shape
    while "{" in written:
        start, end = written.index("{"), written.index("}")
        filled = _filled(written[start + 1 : end], country, core, number)
        if filled is None:
            return None
        written = f"{written[:start]}{filled}{written[end + 1 :]}"
    return written


def _filled(place: str, country: str, core: Core, number: TaxNumber) -> str | None:
    digits = core.digits
    match place:
        case "0":
            return digits
        case "C":
            return "EL" if country == "GR" else country
        case "c":
            return core.part or ("16" if digits[2] >= "2" else "19")
        case "d":
            return None if core.part or digits[2] >= "2" else "20"
        case "k":
            return _french_key(digits, number)
        case "p":
            return core.part or "01"
        case "s":
            return digits[1:] if digits.startswith("0") else None
    if place.startswith("s"):
        return _grouped(place[1:], digits[1:]) if digits.startswith("0") else None
    return _grouped(place, digits)


def _french_key(siren: str, number: TaxNumber) -> str | None:
    if len(siren) != 9 or not siren.isdigit():
        return None
    written = number.plain[:-9] if len(number.plain) == 11 else ""
    return written or f"{int(f'{siren}12') % 97:02d}"


def _grouped(groups: str, digits: str) -> str | None:
    separator = next(character for character in groups if not character.isdigit())
    lengths = [int(length) for length in groups.split(separator)]
    if sum(lengths) != len(digits):
        return None
    parts, start = [], 0
    for length in lengths:
        parts.append(digits[start : start + length])
        start += length
    return separator.join(parts)
