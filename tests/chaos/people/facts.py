"""How a document stands on both sides, read where the sandbox is: what a person sees who looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.people.journal import GONE, bookings_of, by_hand, deeds

if TYPE_CHECKING:
    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox
    from tests.chaos.people.whose import Whose


@dataclass(frozen=True)
class Facts:
    """One document.

    :param ours: what the package booked for it, the living first; `replaced` by what a person entered in its place.
    :param strangers: living bookings of other things under its number.
    :param state: what its source says; empty when it was removed there.
    :param source_currency: what its source says now, where somebody changed it.
    """

    ours: tuple[Booked, ...]
    replaced: tuple[Booked, ...]
    strangers: tuple[Booked, ...]
    state: str
    reference: str | None
    paid: str | None
    source_currency: str | None
    is_contact_archived: bool

    @property
    def living(self) -> tuple[Booked, ...]:
        """All that counts for it in finance."""
        return tuple(each for each in (*self.ours, *self.replaced) if each.status not in GONE)

    def booking(self, finance_id: str) -> Booked | None:
        """One of them by its id."""
        return next((each for each in (*self.ours, *self.replaced) if each.id == finance_id), None)


def facts_of(sandbox: Sandbox, whose: Whose) -> Facts:
    """The document now; runs in the sandbox."""
    keeper = getattr(sandbox, whose.finance).bookkeeper
    mine = {deed.finance_id for deed in deeds(sandbox) if deed.verb == REPLACED and deed.source_id == whose.source_id}
    strangers = by_hand()
    state, reference, paid, currency = _source(sandbox, whose)
    return Facts(
        ours=tuple(bookings_of(sandbox, whose.finance, whose.source_id, whose.number)),
        replaced=tuple(each for each in keeper.documents() if each.id in mine),
        strangers=tuple(
            each
            for each in keeper.documents()
            if each.id in strangers - mine and each.number == whose.number and each.status not in GONE
        ),
        state=state,
        reference=reference,
        paid=paid,
        source_currency=currency,
        is_contact_archived=whose.finance == "xero" and _is_archived(sandbox, whose.customer),
    )


def contact_names(sandbox: Sandbox) -> list[str]:
    """The names of Xero's contacts, without those that were merged into another; runs in the sandbox."""
    return [row["Name"] for row in sandbox.xero.contacts.rows() if not row.get("MergedToContactID")]


REPLACED = "entered in its place"


def _source(sandbox: Sandbox, whose: Whose) -> tuple[str, str | None, str | None, str | None]:
    if whose.source == "qondor":
        if whose.source_id not in sandbox.qondor.payments:
            return "", None, None, None
        row = sandbox.qondor.payments[whose.source_id]
        return row["statusText"], row.get("externalReference"), row.get("paidDate"), row["currency"]
    key = f"{whose.tenant.name}/{whose.source_id}"
    if key not in sandbox.ixpole.instalments:
        return "", None, None, None
    row = sandbox.ixpole.instalments[key]
    return row["Status"], row.get("InvoiceNumber"), row.get("PaymentNo"), None


def _is_archived(sandbox: Sandbox, name: str) -> bool:
    return any(
        row["Name"] == name and row["ContactStatus"] == "ARCHIVED" and not row.get("MergedToContactID")
        for row in sandbox.xero.contacts.rows()
    )
