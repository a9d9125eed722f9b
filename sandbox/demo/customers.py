"""Customers and bookers of the demo data, in Qondor's shape (qondor.md, "One payment in full")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    from sandbox.store import Row

_CITIES = {
    "NO": ("Oslo", "0155", "Norway"),
    "SE": ("Stockholm", "111 20", "Sweden"),
    "DE": ("Berlin", "10115", "Germany"),
    "DK": ("København", "1550", "Denmark"),
}
_CURRENCIES = {"NO": "NOK", "SE": "SEK", "DE": "EUR", "DK": "EUR"}
_FORMS = {"NO": "AS", "SE": "AB", "DE": "GmbH", "DK": "ApS"}
_FIRST_WORDS = (
    "Fjord",
    "Nordlys",
    "Polar",
    "Granit",
    "Havn",
    "Lind",
    "Birk",
    "Stern",
    "Krone",
    "Fyr",
    "Elv",
    "Skog",
    "Brygge",
    "Anker",
)
_SECOND_WORDS = (
    "Consult",
    "Media",
    "Bygg",
    "Energi",
    "Reiser",
    "Teknikk",
    "Pharma",
    "Logistikk",
    "Invest",
    "Design",
    "Hotell",
    "Forlag",
)
_FIRST_NAMES = ("Kari", "Ola", "Åse", "Björn", "Märta", "Jürgen", "Søren", "Zoë", "Łukasz", "Ingrid", "Émile", "Sigrid")
_LAST_NAMES = (
    "Nordmann",
    "Hansen",
    "Lindström",
    "Müller",
    "Øverland",
    "Johansson",
    "Kowalski",
    "Dahl",
    "O'Neill",
    "Berg",
)

_LONGEST_NAME = ("Interessentskapet for felles kurs, konferanser og arrangementer i Nord-Norge " * 4)[:249] + "."

# Every so many ordinary customers lack a field.
_MISSING = {
    4: "phoneNumber",
    5: "legalName",
    7: "vatNumber",
    9: "country",
    10: "organisationNumber",
    11: "zipCode",
    13: "countryCode",
}

# Special customers by key. Every one has its own tax number and e-mail unless the point is that it does not.
SPECIAL: dict[str, dict[str, Any]] = {
    "newcomer": {"name": "Nordic Summit Partners AS"},
    "twin_one": {"name": "Møller & Co AS"},
    "twin_two": {"name": "Møller & Co AS"},
    "sharing_one": {"name": "Acme Events AS", "org": "912345678"},
    "sharing_two": {"name": "Acme Events AS avd. Bergen", "org": "912345678"},
    "spelled": {"name": "Bryggen Hotelldrift AS", "org": "987654321"},
    "by_email": {"name": "Lysekil Resor AB", "country": "SE", "email": "Faktura@Lysekil-Resor.example"},
    "several": {"name": "Kraftverk Norge AS", "org": "976543210"},
    "archived": {"name": "Gamle Torg Drift AS", "org": "965432109"},
    "quoted": {"name": 'Restaurant "Havet" AS', "org": "954321098"},
    "longest": {"name": _LONGEST_NAME},
    "decorated": {
        "name": "O'Brien's Café & Spa + Ski 🎿 GmbH",
        "country": "DE",
        "email": "rechnung+events@obrien-cafe.example",
    },
    "accented": {"name": "Žižkov Ärzte Übernachtung GmbH", "country": "DE"},
    "elsewhere": {"name": "Postboks Holding AS", "invoice_address": True},
    "sparse": {"name": "Enkel Kunde AS", "sparse": True},
    "no_tax_number": {"name": "Foreningen Fri Flyt", "without_tax": True},
    "owner_of_number": {"name": "Fremdbuchung GmbH", "country": "DE"},
}


class Register:
    """The customers of one scene; numbers come from the position, so that they never clash."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rows: list[Row] = []
        self._currencies: dict[int, str] = {}
        self.special = {key: self._customer(**wishes) for key, wishes in SPECIAL.items()}
        self.ordinary = [self._ordinary(position) for position in range(36)]

    def all(self) -> list[Row]:
        """Every customer, as Qondor's customer register shows them."""
        more: Row = {
            "officeId": 7,
            "isActive": True,
            "isInvoiceable": True,
            "invoiceCurrency": None,
            "remarks": None,
            "contactPersons": [],
        }
        return [{**row, **more} for row in self._rows]

    def currency(self, customer: Row) -> str:
        """The currency in which a customer is invoiced."""
        return self._currencies[customer["id"]]

    def booker(self, position: int) -> Row:
        """A person who books without a company; the e-mail is what identifies her."""
        first, last = (
            _FIRST_NAMES[position % len(_FIRST_NAMES)],
            _LAST_NAMES[(position // len(_FIRST_NAMES) + position) % len(_LAST_NAMES)],
        )
        phone = None if position % 4 == 3 else f"+4790{position:06d}"
        return {"firstName": first, "lastName": last, "email": f"booker{position}@people.example", "phoneNumber": phone}

    def _ordinary(self, position: int) -> Row:
        country = ("NO", "NO", "SE", "DE", "NO", "SE")[position % 6]
        first, second = _FIRST_WORDS[position % len(_FIRST_WORDS)], _SECOND_WORDS[(position * 5) % len(_SECOND_WORDS)]
        name = f"{first} {second} {_FORMS[country]}"
        if any(row["name"] == name for row in self._rows):
            name = f"{first} {second} {position} {_FORMS[country]}"
        row = self._customer(name, country)
        row |= {field: None for every, field in _MISSING.items() if position % every == every - 1}
        return row

    def _customer(
        self,
        name: str,
        country: str = "NO",
        org: str | None = None,
        email: str | None = None,
        invoice_address: bool = False,
        sparse: bool = False,
        without_tax: bool = False,
    ) -> Row:
        position = len(self._rows)
        number = org or f"{810_000_000 + position * 4_567}"
        vat = {"NO": f"NO{number}MVA", "SE": f"SE55{number[-8:]}01", "DE": f"DE{number}", "DK": f"DK{number[-8:]}"}[
            country
        ]
        if country == "SE":
            number = vat[2:12]
        city, zip_code, country_name = _CITIES[country]
        row: Row = {
            "id": 901 + position,
            "customerNumber": f"C-{901 + position}",
            "externalReference": None,
            "name": name,
            "legalName": name,
            "organisationNumber": number,
            "vatNumber": vat,
            "invoiceEmail": email or f"invoice{position}@customer.example",
            "phoneNumber": f"+4722{position:06d}",
            "address": f"Storgata {position + 1}",
            "address2": None,
            "zipCode": zip_code,
            "city": city,
            "country": country_name,
            "countryCode": country,
            "invoiceAddressEnabled": invoice_address,
            "invoiceAddress": "Postboks 77 Sentrum" if invoice_address else None,
            "invoiceAddress2": None,
            "invoiceZipCode": "0101" if invoice_address else None,
            "invoiceCity": "Oslo" if invoice_address else None,
            "invoiceCountryCode": "NO" if invoice_address else None,
        }
        if sparse:
            kept = ("id", "name", "organisationNumber", "invoiceAddressEnabled")
            row = {key: value if key in kept else None for key, value in row.items()}
        if without_tax:
            row |= {"organisationNumber": None, "vatNumber": None}
        self._rows.append(row)
        self._currencies[row["id"]] = _CURRENCIES[country]
        return row
