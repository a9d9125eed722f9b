"""What bookkeepers do to the documents of a finance system; each act happens in the sandbox."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.chaos.people.contacts import named_contact
from tests.chaos.people.journal import GONE, note
from tests.chaos.people.whose import ON, OTHER_TOTAL, Done, Verb, Whose

if TYPE_CHECKING:
    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox


def _keeper(sandbox: Sandbox, whose: Whose) -> Any:
    return getattr(sandbox, whose.finance).bookkeeper


def _living(booked: Booked | None) -> bool:
    return booked is not None and booked.status not in GONE


def _by_verb(verb: str, name: str = "", **values: Any) -> Verb:
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


def _approve(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if booked is None or "authorise" not in booked.verbs:
        return None
    keeper = _keeper(sandbox, whose)
    keeper.authorise(booked.id)
    total = keeper.document(booked.id).total
    if total != booked.total:
        # The sandbox adds up the lines of a draft again.
        note(sandbox, "total put back", whose.source_id, during=False, finance_id=booked.id, detail=str(abs(total)))
    return booked.id, ""


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
    other = named_contact(sandbox, "Somebody else")
    sandbox.xero.bookkeeper.changes.contact(booked.id, other)
    return booked.id, other


def _dated(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    if whose.finance != "xero" or booked is None or not _living(booked):
        return None
    sandbox.xero.bookkeeper.changes.dated(booked.id, dt.date(2026, 11, 27))
    return booked.id, "2026-11-27"


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


IN_FINANCE: dict[str, Verb] = {
    "voided or deleted": _void,
    "approved": _approve,
    "activated": _by_verb("activate"),
    "renumbered": _renumber,
    "another total": _total,
    "another contact": _contact,
    "another date": _dated,
    "paid": _by_verb("pay", on=ON),
    "unpaid": _by_verb("unpay"),
    "corrected": _by_verb("correct", on=ON),
    "credited by hand": _by_verb("credit", on=ON),
}
BY_HAND: dict[str, Verb] = {"entered by hand": _entered, "allocated elsewhere": _allocated_elsewhere}

MENDS: dict[str, Verb] = {"total put back": _total_put_back}
"""What is done only to mend."""
