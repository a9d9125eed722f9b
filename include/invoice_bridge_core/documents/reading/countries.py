"""Countries as people write them: by name in the languages of the house, or by another code than ISO's two letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from invoice_bridge_core.documents.countries import is_country_code
from invoice_bridge_core.documents.reading.characters import as_code

_LANGUAGES = ("nb", "nn", "sv", "da", "fi", "is", "en", "de", "fr", "nl", "pl")
_OTHER_NAMES = {
    "GB": (
        "UK",
        "GBR",
        "Great Britain",
        "Britain",
        "England",
        "Scotland",
        "Wales",
        "Northern Ireland",
        "Storbritannia",
    ),
    "US": ("USA", "United States of America", "De forente stater", "Amerikas forente stater", "U S"),
    "NL": ("Holland", "Nederland", "The Netherlands", "Niederlande", "Pays Bas"),
    "GR": ("EL", "Hellas"),
    "CZ": ("Czech Republic", "Tsjekkia", "Tjeckien", "Tjekkiet", "Tschechische Republik"),
    "DE": ("BRD", "Bundesrepublik Deutschland", "Federal Republic of Germany"),
    "NO": ("Norge", "Noreg", "Kongeriket Norge", "Norwegen"),
    "SE": ("Sverige", "Konungariket Sverige"),
    "IE": ("Republic of Ireland", "Eire"),
    "CH": ("Schweiz", "Suisse", "Svizzera"),
}
_CODES_OF_OTHERS = {"UK": "GB", "EL": "GR"}
"""Two letters that are in use and that ISO gave to nobody, or that the European Union uses for itself."""


def country_code(text: str | None) -> str | None:
    """The two capitals of ISO 3166-1 for a country's name or code; `None` for what is no country, or may be two."""
    name = as_code(text or "")
    if not name:
        return None
    letters = name.upper()
    if len(letters) == 2:
        return _CODES_OF_OTHERS.get(letters) or (letters if is_country_code(letters) else None)
    return _names().get(_plain(name))


@cache
def _names() -> dict[str, str]:
    """Every name and every code of three letters; a name that two countries share is none."""
    from babel import Locale
    from babel.core import get_global

    found: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if is_country_code(code):
                found.setdefault(_plain(name), set()).add(code)
    for letters, codes in get_global("territory_aliases").items():
        if re.fullmatch(r"[A-Z]{3}", letters) and len(codes) == 1 and is_country_code(codes[0]):
            found.setdefault(_plain(letters), set()).add(codes[0])
    certain = {name: min(codes) for name, codes in found.items() if len(codes) == 1}
    return certain | {_plain(name): code for code, names in _OTHER_NAMES.items() for name in names}


def _plain(name: str) -> str:
    """A name without accents, dots and articles, so that two writings of it are one."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(
        r"\w+", "".join(letter for letter in letters if not unicodedata.combining(letter)).replace(".", "")
    )
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "die", "les", "la", "le") else words)
