"""Customers of one batch: companies of eleven countries with right tax numbers, and people who book.

Some are traps: sister companies share an e-mail address, others share a name, and German companies of different courts
share the number of the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.documents.companies import Company, some_companies

if TYPE_CHECKING:
    from random import Random

VAT_WRITING = {
    **{"NO": 1, "SE": 2, "DK": 1, "FI": 1, "GB": 1, "DE": 0, "FR": 1, "NL": 0, "BE": 0, "PL": 1, "US": 0},
}
"""Country → which of the writings of `Company` is the one that authorities use."""
_POOL = 150
_PLACES = {
    "NO": ("Storgata 1", "0155", "Ålesund"),
    "SE": ("Östra Hamngatan 5", "211 20", "Malmö"),
    "DK": ("Nørregade 12", "1165", "København"),
    "FI": ("Hämeenkatu 3", "33100", "Tampere"),
    "GB": ("1 St John's Street", "EC1A 1BB", "London"),
    "DE": ("Große Straße 7", "50667", "Köln"),
    "FR": ("12 rue de l'Église", "75001", "Paris"),
    "NL": ("Herengracht 9", "1015 BA", "Amsterdam"),
    "BE": ("Meir 1", "2000", "Antwerpen"),
    "PL": ("ul. Łąkowa 4", "00-001", "Łódź"),
    "US": ("100 Main Street", "10001", "New York"),
}
_FIRST = (
    "Nordlys",
    "Åkerö",
    "Müller & Söhne",
    "Café Zoë",
    "O'Neil's",
    "Łódź",
    "Smith & Jones",
    "Château-Blanc",
    "Ærlig",
)
_SECOND = ("Hotell", "Reisen", "Events", "Møter", "Kongress", "Voyages", "Zjazd", "R&D", "Konferanse")
_FORMS = {
    **{"NO": "AS", "SE": "AB", "DK": "ApS", "FI": "Oy", "GB": "Ltd", "DE": "GmbH", "FR": "SARL", "NL": "B.V."},
    **{"BE": "NV", "PL": "Sp. z o.o.", "US": "Inc."},
}
_BOXES = ("faktura", "invoice", "o'neil", "Rechnung", "j.luc")
_PEOPLE = (("Kari", "Nordmann"), ("Åse", "Bjørnsen"), ("Siobhán", "O'Neil"), ("Jean-Luc", "Lefèvre"), ("Józef", "Żak"))


@dataclass(frozen=True)
class Customer:
    """A company, or a person who books, by what its source has of it.

    :param company: `None`: a booker, who is an e-mail address.
    :param is_known_by_id: whether the source gives its id; some sources have records without one.
    """

    number: int
    name: str
    email: str
    country: str
    company: Company | None = None
    first_name: str = ""
    last_name: str = ""
    is_known_by_id: bool = True

    @property
    def vat_number(self) -> str:
        """As authorities write it."""
        assert self.company is not None
        return self.company.writings()[VAT_WRITING[self.country]]

    @property
    def organisation_number(self) -> str | None:
        """As authorities write it; of Germany that of a court's register, which others have, too."""
        assert self.company is not None
        return "HRB 4711" if self.country == "DE" else self.company.core

    def in_qondor(self) -> dict[str, Any]:
        """The customer of a payment, cleanly written."""
        street, postal_code, city = _PLACES[self.country]
        return {
            "id": self.number if self.is_known_by_id else None,
            "customerNumber": f"C-{self.number}",
            "externalReference": None,
            "name": self.name,
            "legalName": self.name,
            "organisationNumber": self.organisation_number,
            "vatNumber": self.vat_number,
            "invoiceEmail": self.email,
            "phoneNumber": f"+47220{self.number:05d}",
            "address": street,
            "address2": None,
            "zipCode": postal_code,
            "city": city,
            "country": None,
            "countryCode": self.country,
            "invoiceAddressEnabled": False,
        }

    def as_booker(self) -> dict[str, Any]:
        """The booker of a payment, cleanly written."""
        return {
            "firstName": self.first_name,
            "lastName": self.last_name,
            "email": self.email,
            "phoneNumber": f"+47930{self.number:05d}",
        }

    def in_ixpole(self) -> dict[str, Any]:
        """The customer in iXpole's register, cleanly written."""
        street, postal_code, city = _PLACES[self.country]
        return {
            "CustomerId": self.number,
            "CustomerCode": f"K-{self.number}",
            "Name": self.name,
            "Type": "Company",
            "VatNumber": self.vat_number,
            "Email": self.email,
            "Phone": f"+47220{self.number:05d}",
            "Address": street,
            "Zip": postal_code,
            "City": city,
            "CountryCode": self.country,
            "Language": "en",
        }


def companies_of(rng: Random, count: int) -> list[Customer]:
    """Companies, no two of which are one; the third shares the second's address, the fifth the fourth's name."""
    chosen: list[Customer] = []
    used: set[Company] = set()
    while len(chosen) < count:
        country = rng.choice(tuple(VAT_WRITING))
        company = rng.choice(_pool(country))
        if company in used:
            continue
        used.add(company)
        number = 901 + len(chosen)
        name = f"{rng.choice(_FIRST)} {rng.choice(_SECOND)} {number} {_FORMS[country]}"
        email = f"{rng.choice(_BOXES)}{number}@firm{number}.example"
        if len(chosen) == 2:
            email = chosen[1].email
        if len(chosen) == 4:
            name = chosen[3].name
        is_known = len(chosen) < 5 or rng.random() > 0.15
        chosen.append(Customer(number, name, email, country, company, is_known_by_id=is_known))
    return chosen


def bookers_of(rng: Random, count: int) -> list[Customer]:
    """People who book, some of whom share a name."""
    people = []
    for number in range(601, 601 + count):
        first, last = rng.choice(_PEOPLE)
        email = f"{rng.choice(_BOXES)}.{number}@people.example"
        people.append(Customer(number, f"{first} {last}", email, "NO", first_name=first, last_name=last))
    return people


@cache
def _pool(country: str) -> list[Company]:
    return some_companies(country, _POOL)
