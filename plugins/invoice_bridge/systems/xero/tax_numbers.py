"""Tax numbers are written in many ways; here they are compared.

`NO912345678MVA`, `NO 912 345 678 MVA` and `912345678` are one Norwegian company; `SE556677889901` and `556677-8899`
are one Swedish one (the VAT number is the organisation number and `01`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNTRY = re.compile(
    r"AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FO|FR|GB|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI"
)
_OWN_NAMES = {"EL": "GR"}  # Greece's VAT prefix is not its ISO code
_LABEL = re.compile(r"^(?:ORGNR|ORGNO|ORGANISASJONSNUMMER|ORGANISATIONSNUMMER|VATNO|VAT|MOMSNR|CVR)+(?=\D*\d)")
_NORWEGIAN_SUFFIX = re.compile(r"(?<=\d)(?:MVA)+$")
_SWISS = re.compile(r"^CHE?(?=\d)(\d+)(?:MWST|TVA|IVA|VAT)*$")
_MIN_DIGITS = 5


def normalise_tax_number(text: str) -> str:
    """One writing per number: country code where it is known, then the core that the country's register uses.

    Empty when the text is not a tax number at all ("n/a", "0", "-"): such a text must never make two customers one.
    """
    country, core = _split(text)
    return f"{country}{core}" if _identifies(core) else ""


def tax_number_core(text: str) -> str:
    """What is the same in all writings that `same_tax_number` takes for one; empty when it is not a tax number."""
    core = _split(text)[1]
    return core if _identifies(core) else ""


def same_tax_number(one: str, other: str) -> bool:
    """Whether two writings name the same company. A number without a country matches that number in any country."""
    (country, core), (other_country, other_core) = _split(one), _split(other)
    if not _identifies(core) or core != other_core:
        return False
    return not country or not other_country or country == other_country


def names_another(one: str, others: Sequence[str]) -> bool:
    """Whether `one` and `others` both name companies, and not the same one; a text that is none names nobody."""
    if not tax_number_core(one) or not any(map(tax_number_core, others)):
        return False
    return not any(same_tax_number(one, other) for other in others)


def tax_number_writings(text: str) -> tuple[str, ...]:
    """How the number may stand in a finance system, as written first; empty when it is not a tax number."""
    country, core = _split(text)
    if not _identifies(core):
        return ()
    writings = [text.strip(), core]
    if country in ("NO", "") and re.fullmatch(r"\d{9}", core):
        spaced = f"{core[:3]} {core[3:6]} {core[6:]}"
        writings += [f"NO{core}MVA", f"{core}MVA", f"NO{core}", spaced, f"{spaced} MVA", f"NO {spaced} MVA"]
    elif country in ("SE", "") and re.fullmatch(r"\d{10}", core):
        writings += [f"SE{core}01", f"{core[:6]}-{core[6:]}", f"SE {core}01"]
    elif country:
        writings += [f"{country}{core}", f"{country} {core}"]
    return tuple(dict.fromkeys(writings))


def _split(text: str) -> tuple[str, str]:
    compact = _LABEL.sub("", re.sub(r"[^0-9A-Z]", "", text.upper()))
    if (swiss := _SWISS.match(compact)) is not None:
        return "CH", swiss[1]
    country, core = "", compact
    if _COUNTRY.match(compact) and any(character.isdigit() for character in compact[2:]):
        country, core = _OWN_NAMES.get(compact[:2], compact[:2]), compact[2:]
    if country in ("NO", "") and _NORWEGIAN_SUFFIX.search(core):
        country, core = "NO", _NORWEGIAN_SUFFIX.sub("", core)
    if country == "SE" and re.fullmatch(r"\d{10}01", core):
        core = core[:10]
    return country, core


def _identifies(core: str) -> bool:
    digits = [character for character in core if character.isdigit()]
    return len(digits) >= _MIN_DIGITS and set(digits) != {"0"}
