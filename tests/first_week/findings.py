"""What must hold of a batch that was played clean and as people wrote it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.json_object import shown
from invoice_bridge_core.documents import round_half_up
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.reading.characters import odd_characters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.first_week.batches import Batch
    from tests.first_week.papers import Paper
    from tests.first_week.play import Played

FINALS = frozenset(problem.value for problem in FinalProblem)
_ENDS = frozenset({"transferred", "held", "rejected"})
_MARKUP = re.compile(r"</?(?:p|b|br|div|span)\b[^>]*>|&(?:amp|lt|gt|nbsp|quot|#\d+);", re.IGNORECASE)
_LEFT = ("Status", "AmountDue", "AmountPaid", "RemainingCredit")
_NOISE = re.compile(r"\d\.\d{7,}")


@dataclass(frozen=True)
class Finding:
    """Something that does not hold.

    :param batch: what the command has to be told to play the batch again.
    """

    batch: str
    what: str
    paper: Paper | None = None
    row: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For whoever has to mend it: how to repeat it, what happened, and the document."""
        lines = [f"python -m tests.first_week {self.batch}: {self.what}"]
        if self.paper is not None:
            lines.append(f"  {self.paper.number} of {self.paper.customer}; {'; '.join(self.notes)}")
            lines.append(f"  {json.dumps(self.row, default=str, ensure_ascii=True)}")
        return "\n".join(lines)


def findings(batch: Batch, clean: Played, mangled: Played) -> Iterator[Finding]:
    """All that does not hold."""
    for paper in batch.papers:
        written = batch.written[paper.source_id]
        for what in _of_paper(batch, paper, clean, mangled):
            yield Finding(batch.name, what, paper, written.row, written.notes)
    for name, played in (("clean", clean), ("mangled", mangled)):
        for what in _of_all(batch, played):
            yield Finding(batch.name, f"{name}: {what}")


def _of_paper(batch: Batch, paper: Paper, clean: Played, mangled: Played) -> Iterator[str]:
    ends = tuple(played.outcomes.get(paper.source_id, "not looked at") for played in (clean, mangled))
    said = tuple(played.messages.get(paper.source_id, "") for played in (clean, mangled))
    for end, message in zip(ends, said, strict=True):
        if end not in _ENDS:
            yield f"ends as {end}: {message}"
    if ends[0] != "transferred" and not _names_what_is_wrong(paper, said[0]):
        yield f"{ends[0]} without naming {paper.names or 'anything of it'}: {said[0]}"
    if ends[1] == "held" and _waits_for_another(batch, paper):
        return
    written = batch.written[paper.source_id]
    odd = written.unreadable or written.maybe
    if odd is not None and ends[1] == "held" and said[0] != said[1]:
        if odd[0] not in said[1] and not _is_named(odd[1], said[1]):
            yield f"held without naming {odd[0]} {shown(odd[1])}: {said[1]}"
    elif written.unreadable is not None:
        yield f"{written.unreadable} cannot be read, but it is {ends[1]}: {said[1]}"
    elif ends[0] == ends[1] and written.maybe is not None and _is_named(written.maybe[1], said[1]):
        pass  # moved without what is no e-mail address, and said so
    elif ends[0] != ends[1] or (said[0] != said[1] and not _is_left_more(batch, paper)):
        yield f"is {ends[1]} ({said[1]!r}), but its clean twin is {ends[0]} ({said[0]!r})"
    yield from _differences(batch, paper, clean, mangled)


def _names_what_is_wrong(paper: Paper, message: str) -> bool:
    if paper.names:
        return all(name in message for name in paper.names)
    who = paper.customer.name if paper.customer else paper.number
    waits = f"Waits for its invoice {paper.credits.number}, which is" if paper.credits is not None else paper.number
    return any(each in message for each in (paper.number, who, "on line ", waits))


def _waits_for_another(batch: Batch, paper: Paper) -> bool:
    """Whether it credits what could not be read, or waits for such a one itself."""
    return paper.credits is not None and _is_odd(batch, paper.credits)


def _is_left_more(batch: Batch, paper: Paper) -> bool:
    """Whether another credit note of the same invoice could not be read, so that more is left for this one."""
    credited = (paper.source_id, paper.credits.source_id if paper.credits else None)
    return any(
        one.credits is not None and one.credits.source_id in credited and one is not paper and _is_odd(batch, one)
        for one in batch.papers
    )


def _is_odd(batch: Batch, paper: Paper) -> bool:
    written = batch.written[paper.source_id]
    return (written.unreadable or written.maybe) is not None or _waits_for_another(batch, paper)


def _is_named(value: Any, message: str) -> bool:
    text = str(value).strip().replace(",", ".")
    return shown(value) in message or text in message or text.upper() in message


def _differences(batch: Batch, paper: Paper, clean: Played, mangled: Played) -> Iterator[str]:
    number = _number(batch, paper)
    twins = clean.booked.get(number), mangled.booked.get(number)
    if twins[0] and twins[1]:
        # What is left to pay is another where its credit note could not be read.
        passed_over = _LEFT if _is_left_more(batch, paper) else ()
        for name, value in twins[0].items():
            if twins[1].get(name) != value and name not in passed_over:
                yield f"{name} is {twins[1].get(name)!r}, but of its clean twin {value!r}"
    booked = twins[1]
    if booked is None:
        return
    total = booked["totals"]["totalToPay"] if "totals" in booked else booked["Total"]
    if abs(Decimal(total)) != round_half_up(abs(paper.total)):
        yield f"is booked with {total}, but its total is {paper.total}"
    for line in booked["articleRows"] if "articleRows" in booked else booked["lines"]:
        text = line.get("description") or line.get("Description") or ""
        if _MARKUP.search(text) or odd_characters(text.replace("\n", "")) or _NOISE.search(text):
            yield f"{text!r} is printed"


def _of_all(batch: Batch, played: Played) -> Iterator[str]:
    for each in played.again:
        yield f"a second run is not idle: {each}"
    for source_id, rules in played.problems.items():
        if not FINALS & {rule for rule in rules if rule is not None}:
            yield f"{source_id} is rejected, but breaks no final rule"
    yield from _contacts(batch, played)


def _contacts(batch: Batch, played: Played) -> Iterator[str]:
    """Each customer is one contact, each contact one customer, and there are no others."""
    pairs = {
        (paper.customer, contact)
        for paper in batch.papers
        if paper.customer is not None and (contact := played.contact_of.get(_number(batch, paper))) is not None
    }
    for customer in batch.customers:
        if len(of_it := sorted(contact for one, contact in pairs if one == customer)) > 1:
            yield f"customer {customer.number} {customer.name} has {len(of_it)} contacts: {of_it}"
    for contact in played.contacts:
        if len(of := sorted(one.number for one, each in pairs if each == contact)) > 1:
            yield f"contact {contact} is of {len(of)} customers: {of}"
    booked = {one for one, _ in pairs}
    entered = {contact["Name"] for contact in batch.contacts}
    unused = sum(one.name in entered and one not in booked for one in batch.customers)
    if len(played.contacts) != len(booked) + unused and batch.route.finance.system == "xero":
        yield f"{len(played.contacts)} contacts for {len(booked)} customers and {unused} without a document"


def _number(batch: Batch, paper: Paper) -> str:
    return f"{batch.route.finance.number_prefix}{paper.number}"
