"""Whom a document is addressed to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Address(BaseModel):
    """A postal address; `country_code` is ISO 3166-1 alpha-2 in capitals.

    `unread_country` is what stands where the code should be and is no country, or may be several.
    `has_another`: this lacks a part, and the party has a second address, not in use, in which that may stand.
    """

    model_config = ConfigDict(frozen=True)

    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country_code: str | None = None
    country: str | None = None
    unread_country: str | None = None
    has_another: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no part of the address is known."""
        return not any((self.line1, self.line2, self.postal_code, self.city, self.country_code, self.country))

    @property
    def is_whole(self) -> bool:
        """Whether street, postal code, city and country are all known."""
        return all((self.line1 or self.line2, self.postal_code, self.city, self.country_code))


class Party(BaseModel):
    """A customer, or the booker of a booker-based invoice.

    `key` is the source's own id of the customer and stays the same when the data changes. `tax_numbers` are in
    the order in which they identify the customer: VAT number, then organisation number (seed 002).
    """

    model_config = ConfigDict(frozen=True)

    key: str
    name: str
    is_booker: bool = False
    is_person: bool = False
    first_name: str | None = None
    last_name: str | None = None
    customer_number: str | None = None
    tax_numbers: tuple[str, ...] = ()
    email: str | None = None
    phone: str | None = None
    address: Address = Address()
    language: str | None = None
