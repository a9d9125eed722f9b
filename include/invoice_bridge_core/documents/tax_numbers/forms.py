"""How each country's tax numbers look, which part of them names the company, and which check digits they have."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER_PREFIXES = {"EL": "GR", "XI": "GB"}
"""Greece's prefix is not its code; Northern Ireland has one of its own beside the United Kingdom's."""


class Core(NamedTuple):
    """What names the company.

    :param part: tells apart what else the number may name: the businesses of one Dutch person, people a century apart.
    """

    digits: str
    part: str = ""


class _Form(NamedTuple):
    patterns: tuple[str, ...]
    module: str
    width: int = 0
    before: str = ""


_FORMS = {
    "NO": _Form((r"(?P<core>\d{9})(?:MVA)*",), "no.orgnr"),
    "SE": _Form((r"(?P<core>\d{10})(?:01)?", r"(?P<part>16|18|19|20)(?P<core>\d{10})(?:01)?"), "se.orgnr"),
    "DK": _Form((r"(?P<core>\d{8})",), "dk.cvr"),
    "FI": _Form((r"(?P<core>\d{7,8})",), "fi.alv", width=8),
    "IS": _Form((r"(?P<core>\d{10})", r"(?P<core>\d{5,6})"), "is_.kennitala"),
    "FO": _Form((r"(?P<core>\d{6})",), "fo.vn"),
    "GB": _Form((r"(?P<core>\d{9})(?:\d{3})?", r"(?P<core>(?:GD|HA)\d{3})"), "gb.vat"),
    "DE": _Form((r"(?P<core>\d{9})(?:\d{5})?",), "de.vat"),
    "FR": _Form(
        (r"(?P<core>[0-9A-HJ-NP-Z]{2}000\d{6})", r"[0-9A-HJ-NP-Z]{2}(?P<core>\d{9})", r"(?P<core>\d{9})(?:\d{5})?"),
        "fr.siren",
    ),
    "NL": _Form((r"(?P<core>\d{9})(?:B(?P<part>\d{2}))?", r"(?P<core>\d{8})B(?P<part>\d{2})"), "nl.bsn", width=9),
    "BE": _Form((r"(?P<core>[01]?\d{9})",), "be.vat", width=10),
    "PL": _Form((r"(?P<core>\d{10})",), "pl.nip"),
    "US": _Form((r"(?P<core>\d{9})",), "us.ein"),
    "CH": _Form((r"E?(?P<core>\d{9})(?:MWST|TVA|IVA|VAT)*",), "ch.uid", before="CHE"),
    "AT": _Form((r"U?(?P<core>\d{8})",), "at.uid", before="U"),
    "IE": _Form((r"(?P<core>\d[0-9A-Z]\d{5}[A-Z]{1,2})",), "ie.vat"),
    "ES": _Form((r"(?P<core>[0-9A-Z]\d{7}[0-9A-Z])",), "es.nif"),
    "IT": _Form((r"(?P<core>\d{11})",), "it.iva"),
    "PT": _Form((r"(?P<core>\d{9})",), "pt.nif"),
    "LU": _Form((r"(?P<core>\d{8})",), "lu.tva"),
    "EE": _Form((r"(?P<core>\d{9})",), "ee.kmkr"),
    "LV": _Form((r"(?P<core>\d{11})",), "lv.pvn"),
    "LT": _Form((r"(?P<core>\d{9}|\d{12})",), "lt.pvm"),
    "CZ": _Form((r"(?P<core>\d{8,10})",), "cz.dic"),
    "SK": _Form((r"(?P<core>\d{10})",), "sk.dph"),
    "HU": _Form((r"(?P<core>\d{8})(?:\d{3})?",), "hu.anum"),
    "RO": _Form((r"(?P<core>\d{2,10})",), "ro.cf"),
    "BG": _Form((r"(?P<core>\d{9,10})",), "bg.vat"),
    "GR": _Form((r"(?P<core>\d{8,9})",), "gr.vat", width=9),
    "HR": _Form((r"(?P<core>\d{11})",), "hr.oib"),
    "SI": _Form((r"(?P<core>\d{8})",), "si.ddv"),
    "CY": _Form((r"(?P<core>\d{8}[A-Z])",), "cy.vat"),
    "MT": _Form((r"(?P<core>\d{8})",), "mt.vat"),
    "LI": _Form((r"(?P<core>\d{5})",), "li.peid"),
}
COUNTRIES = tuple(_FORMS)
_COMMON = ("NO", "SE", "DK", "FI", "IS", "FO", "GB", "DE", "FR", "NL", "BE", "PL", "US", "CH", "AT", "IE", "ES", "IT")
_NORDIC = ("NO", "SE", "DK", "FI", "IS")
_WITH_MVA = re.compile(r"\d{9}(?:MVA)+")
_PREFIX = re.compile(f"(?:{'|'.join((*COUNTRIES, *OTHER_PREFIXES))})(?=[0-9A-Z]*[0-9])")


def split_prefix(number: str) -> tuple[str, str]:
    """The country's code at the beginning, if there is one, and what follows it."""
    country, rest = "", number
    while (prefix := _PREFIX.match(rest)) is not None and country in ("", OTHER_PREFIXES.get(prefix[0], prefix[0])):
        country, rest = OTHER_PREFIXES.get(prefix[0], prefix[0]), rest[prefix.end() :]
    if country == "" and _WITH_MVA.fullmatch(rest):
        country = "NO"
    return country, rest


@lru_cache(maxsize=8192)
def cores(country: str, number: str, *, is_vat: bool = False) -> tuple[Core, ...]:
    """What the number names in the country by its look: nothing, or one company; two where it may be read in two ways.

    Where check digits tell the ways apart, only the right one is left.

    :param number: digits and capitals, without the country's prefix.
    :param is_vat: whether the prefix was written: twelve digits of a Swedish number are a VAT number then.
    """
    found = dict.fromkeys(_by_look(country, number))
    if is_vat and country == "SE" and re.fullmatch(r"\d{10}01", number):
        found = dict.fromkeys([Core(number[:10])])
    right = [core for core in found if is_right(country, core)]
    return tuple(right or found)


@lru_cache(maxsize=8192)
def is_right(country: str, core: Core) -> bool:
    """Whether the check digits are right."""
    form = _FORMS.get(country)
    if form is None:
        return False
    digits = f"{form.before}{core.digits}"
    if country == "FR" and len(digits) > 9:
        return _passes("fr.tva", digits)
    if country == "IS" and len(digits) < 10:
        return _passes("is_.vsk", digits)
    if country == "NL" and core.part and _passes("nl.btw", f"{digits}B{core.part}"):
        return True
    return _passes(form.module, digits)


def rightly_read(number: str) -> Iterator[tuple[str, Core]]:
    """What a number without a country names in those countries where its check digits are right."""
    for country in _COMMON:
        for core in cores(country, number):
            if is_right(country, core):
                yield country, core


def looks_like(number: str) -> tuple[str, ...]:
    """The Nordic countries of which a number without a country may be one, by its look alone."""
    return tuple(country for country in _NORDIC if cores(country, number))


def _by_look(country: str, number: str) -> Iterator[Core]:
    form = _FORMS.get(country)
    for pattern in form.patterns if form is not None else ():
        if (match := re.fullmatch(pattern, number)) is not None and form is not None:
            yield Core(match["core"].zfill(form.width), match.groupdict().get("part") or "")


def _passes(module: str, number: str) -> bool:
    return bool(import_module(f"stdnum.{module}").is_valid(number))
