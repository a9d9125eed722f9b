"""Which way a route keeps customers in step, and what of them."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator

from invoice_bridge_core.routes.fields import Cron, Flag
from invoice_bridge_core.routes.settings import Section

CustomerField = Literal[
    "name",
    "legal_name",
    "tax_number",
    "organisation_number",
    "email",
    "phone",
    "address",
    "invoice_address",
    "payment_terms",
    "customer_number",
    "contact_persons",
]
Identifier = Literal["external_reference", "customer_number", "tax_number", "email", "name"]

CUSTOMER_FIELDS: tuple[CustomerField, ...] = get_args(CustomerField)
"""All that can be kept in step, in the order in which people read it."""
TRANSFERS_MATCH: tuple[Identifier, ...] = ("external_reference", "tax_number", "email", "name")
"""How the transfer finds the contact of a document's customer."""


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("must name at least one")
    if len(set(names)) < len(names):
        raise ValueError("must name each only once")
    return names


class Customers(Section):
    """The section `customers`; a route without it keeps no customers in step.

    :param master: whose data counts: the source's or the finance system's.
    :param create: whether customers are made that the other side has not got; otherwise they are listed.
    :param wipe: whether what the master leaves empty is emptied on the other side too.
    :param fields: what is kept in step.
    :param match: what may tell that two customers are one. The transfer keeps to it too: both make the same choice.
    """

    master: Literal["source", "finance"]
    schedule: Cron = "*/30 * * * *"
    create: Flag = True
    wipe: Flag = False
    fields: Annotated[tuple[CustomerField, ...], AfterValidator(_some)] = CUSTOMER_FIELDS
    match: Annotated[tuple[Identifier, ...], AfterValidator(_some)] = TRANSFERS_MATCH

    @property
    def is_source_master(self) -> bool:
        """Whether the source's data counts."""
        return self.master == "source"
