"""What administrators and sellers do in a source; each act happens in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.people.whose import HAND, ON, Done, Verb, Whose

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox


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


def _processed_by_hand(reference: Callable[[Booked | None], str | None]) -> Verb:
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


IN_SOURCE: dict[str, Verb] = {
    "set back": _set_back,
    "set back against the rules": _set_back_against_rules,
    "processed by hand with our reference": _processed_by_hand(lambda booked: None if booked is None else booked.id),
    "processed by hand with another reference": _processed_by_hand(lambda _: HAND),
    "failed by hand": _failed_by_hand,
    "paid by hand in the source": _paid_by_hand,
    "removed from the source": _removed,
    "another currency in the source": _other_currency,
}
