"""What an act of the desk answers to a question that is parked in Airflow's "Required actions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.decisions.contact import CONTACT_KIND
from invoice_bridge_core.decisions.doubt import DOUBT_KIND
from invoice_bridge_core.decisions.kind import APPROVE, REFUSE, Question
from invoice_bridge_core.decisions.noted import hash_of
from invoice_bridge_core.decisions.rejection import REJECTION_KIND
from invoice_bridge_core.decisions.requeue import REQUEUE_KIND
from invoice_bridge_core.transfer.ways_to_say import BOOKED_AS, NOT_BOOKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger import DocumentRow

_ANSWERS = {
    (DOUBT_KIND, "booked_as"): BOOKED_AS,
    (DOUBT_KIND, "not_booked"): NOT_BOOKED,
    (REJECTION_KIND, "confirm_rejection"): APPROVE,
    (REJECTION_KIND, "drop_rejection"): REFUSE,
    (REQUEUE_KIND, "requeue"): APPROVE,
}
ANSWERING = frozenset({"choose_contact", *(act for _, act in _ANSWERS)})
"""The acts that answer a question."""


def question_of(value: object) -> Question | None:
    """A question as Airflow keeps the task's field; `None` where it is none of ours."""
    names = ("kind", "source_id", "label", "about")
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in names):
        return None
    return Question(**{name: value[name] for name in names})


def answer_of(
    act: str, inputs: Mapping[str, object], row: DocumentRow, question: Question, options: Sequence[str]
) -> str | None:
    """The option that says the same; `None` where the act does not answer the question.

    :param row: the document as it was before the act.
    :param options: what the question offers.
    """
    if question.kind == CONTACT_KIND and act == "choose_contact":
        # One question stands for all documents of a customer, who have the same reason.
        is_asked = question.about == hash_of(row.reason)
        ends = f" {inputs.get('contact')}"
        return next((one for one in options if one.endswith(ends)), None) if is_asked else None
    if question.source_id != row.ref.source_id:
        return None
    option = _ANSWERS.get((question.kind, act))
    return option if option in options else None
