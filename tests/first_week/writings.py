"""Clean rows written as people write them: some fields in another way, and now and then one that says nothing.

The ways are those of `tests.documents.mangled`; each batch draws them from its own seed.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.documents import mangled
from tests.documents.mangled import Ways, code, country, identifier, line, name, number, text, ways_of

if TYPE_CHECKING:
    from random import Random

    from tests.documents.companies import Company

Kind = Callable[..., Ways]
_UNSEEN = ("", "", "", "\u200b", "\ufeff")
_DASHES, _BLANKS = "-\u2010\u2011\u2012\u2013\u2014\u2212", " \u00a0\u2009\u202f"


def word(clean: str) -> Ways:
    """A word of a system's own list, which an import may write in other letters."""
    spaced = "".join(f" {sign}" if sign.isupper() else sign for sign in clean).strip()
    return {**code(clean), "small letters": clean.lower(), "capitals": clean.upper(), "in words": spaced}


def flag(clean: str) -> Ways:
    """A yes or no, here as the text of Python."""
    is_set = clean == "True"
    texts = ("true", "True", "1", "yes", "Ja") if is_set else ("false", "FALSE", "0", "no", "Nei", " false ")
    return {"as it is": is_set, "a digit": int(is_set), **{each: each for each in texts}}


def letters(clean: str) -> Ways:
    """The code of a currency."""
    return {**code(clean), "small letters": clean.lower(), "with a blank": f"{clean} "}


QONDOR: Mapping[str, Kind] = {
    **mangled.QONDOR,
    **dict.fromkeys(("typeText", "formOfPaymentText"), word),
    **dict.fromkeys(("type", "formOfPayment", "currencyCode", "paymentTermsDays", "creditedInvoiceId"), identifier),
    "currency": letters,
    "isCreditNote": flag,
}
QONDOR_CUSTOMER: Mapping[str, Kind] = {
    **mangled.QONDOR_CUSTOMER,
    "id": identifier,
    "phoneNumber": line,
    "invoiceAddressEnabled": flag,
}
QONDOR_BOOKER: Mapping[str, Kind] = {
    **dict.fromkeys(("firstName", "lastName"), name),
    "email": mangled.email,
    "phoneNumber": line,
}
QONDOR_CUSTOM: Mapping[str, Kind] = {"heading": name, "value": line, "externalReference": code}
IXPOLE: Mapping[str, Kind] = {**mangled.IXPOLE, "Currency": letters, "EventId": identifier, "EventName": line}
IXPOLE_LINE: Mapping[str, Kind] = {**mangled.IXPOLE_LINE, "ProductId": identifier}
IXPOLE_CUSTOMER: Mapping[str, Kind] = {
    **dict.fromkeys(("Name", "Address", "City"), name),
    **dict.fromkeys(("CustomerCode", "Zip", "Type", "Language"), code),
    "VatNumber": mangled.tax_number,
    "Email": mangled.email,
    "Phone": line,
    "CountryCode": country,
}
IXPOLE_PRODUCT: Mapping[str, Kind] = {
    "ProductCode": code,
    "LedgerAccount": code,
    "Name": name,
    "Description": text,
    "UnitPrice": mangled.amount,
}
MAYBE: Mapping[Kind, tuple[str, ...]] = {
    mangled.date: (
        *("{d}.{m}.{y}.", "{y}-{m}-{d}", "{d}-{m}-{y}", "{d}/{m}-{y}", "{d}.{m}.{y} kl. 12:00", "den {d}.{m}.{y}"),
        *(
            "{d:02}{m:02}{y}",
            "{y}.{m:02}.{d:02}",
            "{d} {m} {y}",
            "{y}-{m:02}-{d:02}T00:00:00+02",
            "{y}{m:02}{d:02}T000000Z",
        ),
    ),
    mangled.amount: (
        *(
            "{0:f} kr",
            "ca. {0:f}",
            "+{0:f}",
            "{0:.2f}000",
            "{0:f} inkl. mva",
            "= {0:f}",
            "{0:.1f}",
            "{0:,.3f}",
            "{0:e}",
        ),
        *("EUR {0:f}", "{0:.0f}-", "{0:f} ", "\t{0:f}", "{0:,.0f}", "{0:.0f},-"),
    ),
    number: ("{0:f} stk", "{0:f}x", "{0:f} pcs", "{0:f} døgn", "x{0:f}", "{0:.0f}", "+{0:f}", "{0:f}."),
    mangled.rate: ("{0:f} prosent", "{0:f}% MVA", "MVA {0:f}%", "{0:f}pct", "{0:.2f} %", "0,{0:02.0f}", "0.{0:02.0f}"),
    letters: ("{0}.", "{0} (norske)", "{0}/", "{0}{0}", "1 {0}"),
    country: ("{0}.", "{0}-", "Korea", "EU", "Skandinavia", "-", "?", "The {0}", "XX", "{0} / UK"),
    mangled.email: (
        "n/a; {0}",
        "{0} (Kari)",
        "Kari Nordmann {0}",
        "mail: {0} / tlf 22 00 00 00",
        "{0} og {0}",
        "unknown",
    ),
}
"""What may be read, and then as the clean value; else it is held."""
UNREADABLE: Mapping[Kind, tuple[Any, ...]] = {
    mangled.date: ("31.02.2026", "11/02/2026", "soon", "2026-13-01", "1.11.26", "as agreed", "2026-W45-1", 5),
    mangled.amount: ("1,234", "ten thousand", "12 345 67", "NaN", "see offer", "1.2.3", "5 stk", "1e3", True, [1]),
    number: ("a few", "1,234", "2 days", "3 x 4", "½", {"value": 3}),
    mangled.rate: ("high", "25/15", "25 % or 15 %", "MVA"),
    letters: ("Kroner", "N0K", "kr", "NOK/EUR", "$"),
    word: ("Faktura", "unknown", "7"),
    flag: ("maybe", "2", "x"),
}
"""What stands in a field and says nothing, or more than one thing: the document has to be held."""


@dataclass(frozen=True)
class Written:
    """What became of a row.

    :param notes: which field was written in which way: `customer.invoiceEmail: a link`.
    :param unreadable: field and value of the one that says nothing, if there is one.
    :param maybe: field and value of the one that may be read or not, if there is one.
    """

    row: dict[str, Any]
    notes: tuple[str, ...]
    unreadable: tuple[str, Any] | None = None
    maybe: tuple[str, Any] | None = None


def payment(rng: Random, clean: Mapping[str, Any], company: Company | None) -> Written:
    """A payment of Qondor."""
    written = copy.deepcopy(dict(clean))
    places = [(written, QONDOR, "")]
    if written["customer"]:
        places.append((written["customer"], QONDOR_CUSTOMER, "customer."))
    if written["booker"]:
        places.append((written["booker"], QONDOR_BOOKER, "booker."))
    for position, each in enumerate(written["customInvoiceFields"]):
        places.append((each, QONDOR_CUSTOM, f"customInvoiceFields[{position}]."))
    for position, each in enumerate(written["lines"]):
        places.append((each, mangled.QONDOR_LINE, f"lines[{position}]."))
    result = _mangled(rng, written, places, clean["currency"], may_be_unreadable=True)
    if company is not None and written["customer"]:
        for field in ("vatNumber", "organisationNumber"):
            if company.country != "DE" or field == "vatNumber":
                _other_number(rng, written["customer"], field, company)
    return result


def instalment(rng: Random, clean: Mapping[str, Any]) -> Written:
    """An instalment of iXpole."""
    written = copy.deepcopy(dict(clean))
    places = [(written, IXPOLE, "")]
    for position, each in enumerate(written["Lines"]):
        places.append((each, IXPOLE_LINE, f"Lines[{position}]."))
    return _mangled(rng, written, places, clean["Currency"], may_be_unreadable=True)


def register_entry(rng: Random, clean: Mapping[str, Any], company: Company) -> dict[str, Any]:
    """A customer of iXpole."""
    written = dict(clean)
    _mangled(rng, written, [(written, IXPOLE_CUSTOMER, "")], None)
    _other_number(rng, written, "VatNumber", company)
    return written


def product(rng: Random, clean: Mapping[str, Any]) -> dict[str, Any]:
    """A product of iXpole."""
    written = dict(clean)
    _mangled(rng, written, [(written, IXPOLE_PRODUCT, "")], None)
    return written


def other_writing(rng: Random, company: Company) -> str:
    """The company's tax number as somebody else writes it."""
    writing = rng.choice(company.writings()).replace("-", rng.choice(_DASHES)).replace(" ", rng.choice(_BLANKS))
    at = rng.randint(0, len(writing))
    return f"{writing[:at]}{rng.choice(_UNSEEN)}{writing[at:]}"


def _other_number(rng: Random, row: dict[str, Any], field: str, company: Company) -> None:
    if rng.random() < 0.4 and row.get(field):
        row[field] = other_writing(rng, company)


def _mangled(
    rng: Random,
    written: dict[str, Any],
    places: list[tuple[dict[str, Any], Mapping[str, Kind], str]],
    currency: str | None,
    *,
    may_be_unreadable: bool = False,
) -> Written:
    there = [
        (values, field, kind, path)
        for values, kinds, path in places
        for field, kind in kinds.items()
        if values.get(field) not in (None, "")
    ]
    notes = []
    clean_of = {(path, field): values[field] for values, field, _, path in there}
    for values, field, kind, path in rng.sample(there, min(rng.randint(1, 8), len(there))):
        ways = _ways(kind, values[field], currency)
        way = rng.choice(sorted(ways))
        values[field] = ways[way]
        notes.append(f"{path}{field}: {way}")
    if may_be_unreadable and rng.random() < 0.08 and (said := [place for place in there if place[2] in MAYBE]):
        values, field, kind, path = rng.choice(said)
        values[field] = _maybe(rng, kind, clean_of[path, field])
        return Written(written, (*notes, f"{path}{field}: maybe"), maybe=(field, values[field]))
    unreadable = None
    said = [place for place in there if place[2] in UNREADABLE and not _is_unimportant(place)]
    if may_be_unreadable and said and rng.random() < 0.05:
        values, field, kind, path = rng.choice(said)
        values[field] = rng.choice(UNREADABLE[kind])
        unreadable = (field, values[field])
        notes.append(f"{path}{field}: unreadable")
    return Written(written, tuple(notes), unreadable)


def _maybe(rng: Random, kind: Kind, clean: Any) -> str:
    is_number = kind in (mangled.amount, number, mangled.rate)
    form = rng.choice([each for each in MAYBE[kind] if not is_number or not _loses(each, Decimal(clean))])
    if kind is mangled.date:
        day = dt.date.fromisoformat(clean)
        return form.format(d=day.day, m=day.month, y=day.year)
    return form.format(Decimal(clean) if is_number else clean)


def _loses(form: str, clean: Decimal) -> bool:
    """Whether the form has fewer decimals than the number, so that it is another one."""
    places = re.search(r"\.(\d)f", form)
    return places is not None and round(clean, int(places[1])) != clean


def _is_unimportant(place: tuple[dict[str, Any], str, Kind, str]) -> bool:
    """Whether nothing is made of the field, so that it may hold anything."""
    return place[1] == "invoiceAddressEnabled" and place[0].get("invoiceAddress") is not None


def _ways(kind: Kind, value: Any, currency: str | None) -> Ways:
    if kind is flag:
        return flag(str(value))
    if kind is identifier:
        return identifier(int(value))
    if kind in (mangled.amount, number, mangled.rate):
        value = Decimal(value)
    if kind is mangled.date:
        return mangled.date(dt.date.fromisoformat(value))
    return ways_of(kind, value, currency)
