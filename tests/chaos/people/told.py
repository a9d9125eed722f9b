"""What sources were told on the wire: what counted in finance, and of a payment once, when there was one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.chaos.documents import CREDIT
from tests.chaos.people.whose import OTHER_TOTAL
from tests.chaos.wire import HARMLESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.traffic import Entry
    from tests.chaos.journeys import Journey
    from tests.chaos.people.answers import Answers
    from tests.chaos.people.verdict import Case

_PAID, _UNPAID = ("paid", "credited by hand"), ("unpaid", "corrected")


def wrong_tellings(
    journey: Journey, case: Case, traffic: Sequence[Entry], answers: Answers, hidden: int
) -> Iterator[str]:
    """All violations about one document, one sentence each.

    :param hidden: how many troubles may have kept the ledger from knowing that a source heard it.
    """
    mine = [entry for entry in traffic if entry.method == "PUT" and _is_about(entry, case.one.source_id)]
    for entry in mine:
        if not _is_payment(entry):
            yield from _of_booking(case, entry)
    payments = [entry for entry in mine if _is_payment(entry)]
    credited = any(
        paper.expected.kind == CREDIT and paper.expected.credits == case.one.number for paper in journey.papers
    )
    for entry in payments:
        if not credited:
            yield from _of_payment(case, entry)
    heard = [entry for entry in payments if entry.status in (200, 204) and entry.fault in HARMLESS]
    again = sum(deed.verb.startswith("set back") for deed in case.deeds) + answers.anew.count(case.one.source_id)
    again += sum(deed.verb in ("entered in its place", "renumbered", "approved") for deed in case.deeds)
    if journey.route.source.system == "ixpole" and len({entry.body["PaymentNo"] for entry in heard}) == 1:
        # Nobody can ask iXpole what it was told, so the same payment may be told once more after each trouble.
        again += hidden
    if len(heard) > 1 + again:
        yield f"{case.one.number}: its payment was told {len(heard)} times, and it was set back {again} times"


def _of_booking(case: Case, entry: Entry) -> Iterator[str]:
    body: dict[str, Any] = entry.body
    if entry.path.endswith("/SetAsFailed"):
        if case.one.end != "rejected":
            yield f"call {entry.number}: {case.one.number} was set as failed, and nothing called for it"
        return
    if entry.path.endswith("/SetAsUnprocessed"):
        yield f"call {entry.number}: {case.one.number} was set back"
        return
    gone = {deed.finance_id for deed in case.deeds if deed.verb.startswith("voided") and _is_before(deed, entry)}
    reference = body.get("externalReference")
    # What was deleted in Quiddly is no longer there to be found.
    known = {deed.finance_id for deed in case.deeds}
    if reference is not None:
        if case.facts.booking(reference) is None and reference not in known:
            yield f"call {entry.number}: {case.one.number} was reported as {reference}, which is not its booking"
        if reference in gone:
            yield f"call {entry.number}: {case.one.number} was reported as {reference}, which was gone by then"
        totals = [
            deed for deed in case.deeds if deed.verb in ("another total", "total put back") and _is_before(deed, entry)
        ]
        if totals and totals[-1].finance_id == reference and totals[-1].detail == str(OTHER_TOTAL):
            yield f"call {entry.number}: {case.one.number} was reported, and its total had been changed"


def _of_payment(case: Case, entry: Entry) -> Iterator[str]:
    before = [deed for deed in case.deeds if deed.at < entry.number]
    paid = [deed for deed in before if deed.verb in _PAID]
    if not paid:
        yield f"call {entry.number}: {case.one.number} was told as paid, and nobody had paid it"
        return
    taken = [deed for deed in before if deed.verb in _UNPAID and _is_before(deed, entry)]
    # Xero tells of a credit by hand that stays when the money is taken back.
    if taken and taken[-1].at >= paid[-1].at and before.index(taken[-1]) > before.index(paid[-1]):
        yield f"call {entry.number}: {case.one.number} was told as paid, and its payment had been taken back"


def _is_before(deed: Any, entry: Entry) -> bool:
    """Whether the deed was done before the run began that sent this, so that the run could see it."""
    return deed.at < entry.number and not deed.during


def _is_about(entry: Entry, source_id: str) -> bool:
    if not isinstance(entry.body, dict):
        return False
    return source_id in (str(entry.body.get("invoiceId", "")), entry.body.get("InstalmentCode"))


def _is_payment(entry: Entry) -> bool:
    return "paidDate" in entry.body or "PaymentNo" in entry.body
