"""What people do to a document or its contact, as far as its state allows it; each act happens in the sandbox."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.bookkeeping import BookkeepingError
from sandbox.ixpole.instalments import UnknownInstalmentError
from sandbox.ixpole.tenants import ARENA, CLUB
from sandbox.qondor.payments import RuleBrokenError, UnknownPaymentError
from sandbox.xero.wire import RefusedError
from tests.chaos.acts import Act
from tests.chaos.people.journal import GONE, bookings_of, note

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox
    from tests.chaos.documents import Paper
    from tests.chaos.journeys import Journey

ON = dt.date(2026, 11, 20)
HAND = "HAND-1"
"""A reference or number of a booking that nobody knows."""
OTHER_TOTAL = Decimal("777.00")


@dataclass(frozen=True)
class Whose:
    """A document as people know it on both sides."""

    source: str
    finance: str
    source_id: str
    number: str
    customer: str
    total: Decimal
    currency: str
    is_credit: bool

    @property
    def tenant(self) -> Any:
        """iXpole's tenant of the route."""
        return CLUB if self.finance == "xero" else ARENA


def whose_is(journey: Journey, one: Paper) -> Whose:
    """The document as people know it."""
    expected = one.expected
    return Whose(
        source=journey.route.source.system,
        finance=journey.route.finance.system,
        source_id=expected.source_id,
        number=expected.number,
        customer=expected.customer_name,
        total=expected.total,
        currency=expected.currency,
        is_credit=expected.is_credit,
    )


@dataclass(frozen=True)
class PersonActs(Act):
    """Somebody tries verbs in the order of a dice, until one applies to the document as it is now.

    :param during: whether runs are at work.
    """

    whose: Whose
    verbs: tuple[str, ...]
    during: bool = False

    def __call__(self, sandbox: Sandbox) -> None:
        found = bookings_of(sandbox, self.whose.finance, self.whose.source_id, self.whose.number)
        for verb in self.verbs:
            try:
                done = _VERBS[verb](sandbox, self.whose, found[0] if found else None)
            except _REFUSALS:
                done = None
            if done is not None:
                finance_id, detail = done
                source_id = self.whose.source_id
                note(sandbox, verb, source_id, during=self.during, finance_id=finance_id, detail=detail)
                return


Done = tuple[str, str] | None
_REFUSALS = (BookkeepingError, RefusedError, RuleBrokenError, UnknownPaymentError, UnknownInstalmentError, KeyError)


def _keeper(sandbox: Sandbox, whose: Whose) -> Any:
    return getattr(sandbox, whose.finance).bookkeeper


def _living(booked: Booked | None) -> bool:
    return booked is not None and booked.status not in GONE


def _set_back(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.source == "qondor":
        row = sandbox.qondor.administrator.set_back(whose.source_id, despite_rules=False)
        return "", str(row["statusText"])
    row = sandbox.ixpole.instalments[f"{whose.tenant.name}/{whose.source_id}"]
    if row["Status"] == "ToDo":
        return None
    sandbox.ixpole.seller.set_back(whose.source_id, whose.tenant)
    return "", str(row["Status"])


def _set_back_against_rules(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.source != "qondor" or sandbox.qondor.payments[whose.source_id]["statusText"] == "Unprocessed":
        return None
    before = sandbox.qondor.payments[whose.source_id]["statusText"]
    sandbox.qondor.administrator.set_back(whose.source_id, despite_rules=True)
    return "", str(before)


def _processed_by_hand(reference: Callable[[Booked | None], str | None]) -> Callable[..., Done]:
    def act(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
        said = reference(booked)
        if whose.source == "qondor":
            if sandbox.qondor.payments[whose.source_id]["statusText"] != "Unprocessed":
                return None
            sandbox.qondor.administrator.set_processed(whose.source_id, said)
            return "", said or ""
        if sandbox.ixpole.instalments[f"{whose.tenant.name}/{whose.source_id}"]["Status"] != "ToDo" or said is None:
            return None
        said = booked.number if booked is not None and said == booked.id else said
        sandbox.ixpole.seller.enter_invoice(whose.source_id, said, tenant=whose.tenant)
        return "", said

    return act


def _failed_by_hand(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.source != "qondor" or sandbox.qondor.payments[whose.source_id]["statusText"] != "Unprocessed":
        return None
    sandbox.qondor.administrator.set_failed(whose.source_id)
    return "", ""


def _paid_by_hand(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.source == "qondor":
        sandbox.qondor.administrator.set_paid(whose.source_id, ON)
        return "", ON.isoformat()
    if sandbox.ixpole.instalments[f"{whose.tenant.name}/{whose.source_id}"]["Status"] not in ("Open", "Overdue"):
        return None
    sandbox.ixpole.seller.enter_payment(whose.source_id, HAND, tenant=whose.tenant)
    return "", HAND


def _removed(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.source == "qondor":
        sandbox.qondor.administrator.remove(whose.source_id)
    else:
        sandbox.ixpole.seller.remove(whose.source_id, whose.tenant)
    return "", ""


def _other_currency(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    """In the source, and back when it is done once more."""
    if whose.source != "qondor":
        return None
    now = sandbox.qondor.payments[whose.source_id]["currency"]
    other, code = ("EUR", 978) if now == whose.currency else (whose.currency, {"NOK": 578, "SEK": 752}[whose.currency])
    sandbox.qondor.administrator.change(whose.source_id, currency=other, currencyCode=code)
    return "", other


def _by_verb(verb: str, name: str = "", **values: Any) -> Callable[..., Done]:
    """A bookkeeper's verb, where the booking's state allows it."""

    def act(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
        if booked is None or (name or verb) not in booked.verbs:
            return None
        told = getattr(_keeper(sandbox, whose), verb)(booked.id, **values)
        return (str(told) if verb == "credit" else booked.id), ""

    return act


def _void(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    keeper = _keeper(sandbox, whose)
    if booked is None or not _living(booked):
        return None
    if whose.finance == "quiddly":
        if booked.paid:
            return None
        keeper.changes.delete(booked.id)
    elif "void" in booked.verbs:
        keeper.void(booked.id)
    elif "delete" in booked.verbs:
        keeper.delete(booked.id)
    else:
        return None
    return booked.id, "DELETED" if whose.finance == "quiddly" or "delete" in booked.verbs else "VOIDED"


def _renumber(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if booked is None or not _living(booked) or (whose.finance == "quiddly" and booked.paid):
        return None
    number = f"{booked.number}-R"
    keeper = _keeper(sandbox, whose)
    (keeper.renumber if whose.finance == "xero" else keeper.changes.renumber)(booked.id, number)
    return booked.id, number


def _total(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if booked is None or not _living(booked) or booked.paid or booked.credited or booked.status == "PAID":
        return None
    total = OTHER_TOTAL if abs(booked.total) == whose.total else whose.total
    _keeper(sandbox, whose).changes.total(booked.id, -total if booked.total < 0 else total)
    return booked.id, str(total)


def _total_put_back(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if booked is None or not _living(booked) or booked.credited:
        return None
    if whose.finance == "xero" and booked.paid:
        # Xero changes no total of what is paid.
        sandbox.xero.bookkeeper.unpay(booked.id)
        note(sandbox, "unpaid", whose.source_id, during=False, finance_id=booked.id)
    _keeper(sandbox, whose).changes.total(booked.id, -whose.total if booked.total < 0 else whose.total)
    return booked.id, str(whose.total)


def _contact(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if booked is None or not _living(booked):
        return None
    if whose.finance == "quiddly":
        sandbox.quiddly.bookkeeper.changes.contact(booked.id, "C-77")
        return booked.id, "C-77"
    other = _named_contact(sandbox, "Somebody else")
    sandbox.xero.bookkeeper.changes.contact(booked.id, other)
    return booked.id, other


def _dated(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.finance != "xero" or booked is None or not _living(booked):
        return None
    sandbox.xero.bookkeeper.changes.dated(booked.id, dt.date(2026, 11, 27))
    return booked.id, "2026-11-27"


def _named_contact(sandbox: Sandbox, name: str) -> str:
    for row in sandbox.xero.contacts.rows():
        if row["Name"] == name:
            return str(row["ContactID"])
    return str(sandbox.xero.add_contact(Name=name)["ContactID"])


def _contact_row(sandbox: Sandbox, whose: Whose) -> dict[str, Any] | None:
    rows = [row for row in sandbox.xero.contacts.rows() if row["Name"] == whose.customer]
    return rows[0] if rows and whose.finance == "xero" else None


def _archive(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    row = _contact_row(sandbox, whose)
    if row is None or row["ContactStatus"] != "ACTIVE":
        return None
    sandbox.xero.contacts.change(row["ContactID"], ContactStatus="ARCHIVED")
    return "", whose.customer


def _restore(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    row = _contact_row(sandbox, whose)
    if row is None or row["ContactStatus"] != "ARCHIVED" or row.get("MergedToContactID"):
        return None
    sandbox.xero.contacts.change(row["ContactID"], ContactStatus="ACTIVE")
    return "", whose.customer


def _merge(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    row = _contact_row(sandbox, whose)
    if row is None or row.get("MergedToContactID"):
        return None
    into = _named_contact(sandbox, f"{whose.customer} (new)")
    sandbox.xero.merge_contacts(row["ContactID"], into)
    return "", into


def _entered(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    """Somebody takes the number for something else, before the document is booked."""
    keeper = _keeper(sandbox, whose)
    if any(each.number == whose.number and each.status != "DELETED" for each in keeper.documents()):
        return None
    if whose.finance == "xero":
        if whose.is_credit:
            return None
        made = keeper.changes.entered(whose.number, Decimal("1.00"))
        return str(made["InvoiceID"]), whose.number
    models = [row for row in sandbox.quiddly.invoices.rows() if row["type"] == "INVOICE"]
    if not models:
        return None
    made = keeper.changes.entered(whose.number, like=models[0]["id"])
    # The model may be the very total: another document never is.
    keeper.changes.total(made["id"], Decimal("1.00"))
    return str(made["id"]), whose.number


def _allocated_elsewhere(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    """What is left of a credit note of ours goes to another invoice of the contact."""
    if whose.finance != "xero" or booked is None or not whose.is_credit or booked.status != "AUTHORISED":
        return None
    note_row = sandbox.xero.credit_notes[booked.id]
    made = sandbox.xero.bookkeeper.changes.entered(f"X-{whose.number}", whose.total, "Another invoice")
    sandbox.xero.invoices.change(
        made["InvoiceID"], ContactID=note_row["ContactID"], CurrencyCode=note_row["CurrencyCode"]
    )
    day = ON.isoformat()
    sandbox.xero.accounting.credit_notes.allocate(
        note_row, {"Invoice": {"InvoiceID": made["InvoiceID"]}, "Amount": booked.due, "Date": day}
    )
    note(sandbox, "entered by hand", "", during=False, finance_id=str(made["InvoiceID"]), detail=f"X-{whose.number}")
    return booked.id, f"X-{whose.number}"


_VERBS: dict[str, Callable[..., Done]] = {
    "set back": _set_back,
    "set back against the rules": _set_back_against_rules,
    "processed by hand with our reference": _processed_by_hand(lambda booked: None if booked is None else booked.id),
    "processed by hand with another reference": _processed_by_hand(lambda _: HAND),
    "failed by hand": _failed_by_hand,
    "paid by hand in the source": _paid_by_hand,
    "removed from the source": _removed,
    "another currency in the source": _other_currency,
    "voided or deleted": _void,
    "approved": _by_verb("authorise"),
    "activated": _by_verb("activate"),
    "renumbered": _renumber,
    "another total": _total,
    "another contact": _contact,
    "another date": _dated,
    "paid": _by_verb("pay", on=ON),
    "unpaid": _by_verb("unpay"),
    "corrected": _by_verb("correct", on=ON),
    "credited by hand": _by_verb("credit", on=ON),
    "contact archived": _archive,
    "contact restored": _restore,
    "contact merged": _merge,
    "entered by hand": _entered,
    "allocated elsewhere": _allocated_elsewhere,
}

VERBS = tuple(_VERBS)
_VERBS["total put back"] = _total_put_back
"""Everything that people do."""
IN_RUNS = (
    "set back",
    "approved",
    "activated",
    "renumbered",
    "paid",
    "unpaid",
    "corrected",
    "contact merged",
    "contact restored",
    "entered by hand",
    "another date",
)
"""What may happen while runs are at work: its end is the same whether a look came before it or after."""


def chosen(rng: Random, verbs: tuple[str, ...]) -> tuple[str, ...]:
    """A dice's order; what ends a document for good comes up more rarely."""
    final = ("removed from the source", "failed by hand", "contact archived", "contact merged")
    weighed = [(rng.random() ** (2 if verb in final else 1), verb) for verb in verbs]
    return tuple(verb for _, verb in sorted(weighed, reverse=True))[:6]


WAITING = ("Unprocessed", "ToDo")
"""What sources say of a document that they offer."""
