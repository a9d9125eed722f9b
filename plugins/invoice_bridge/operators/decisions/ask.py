"""Asks a person, in Airflow's own pages, and waits for the answer without a slot."""

from __future__ import annotations

import datetime as dt
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowSkipException

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.links import DocumentButtons, document_links
from invoice_bridge.operators.once import NAME_LIMIT
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.decisions.all_kinds import kind_named
from invoice_bridge_core.decisions.kind import APPROVE, REFUSE, Question
from invoice_bridge_core.decisions.noted import ref_of
from invoice_bridge_core.desk.person import person_named
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.transfer.requeue import LONGEST_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from invoice_bridge_core.decisions.kind import DecisionKind
    from invoice_bridge_core.routes.model import Route

ANSWER_WITHIN = dt.timedelta(hours=20)
"""What nobody answers by then is asked again by the next run."""
_LONGEST_LINE = 200


class AskOperator(DocumentButtons, HITLOperator):
    """Ask about one document; returns the answer, with who gave it and why.

    Whoever may answer is Airflow's own rule. Nobody's silence is an answer: it skips the task.

    :param route: the route to work for.
    :param question: what `FindQuestionsOperator` listed. (templated, but never rendered: it comes from the network, and
        a mapped value is taken as it is)
    """

    template_fields = ("question",)

    def __init__(self, *, route: Route, question: dict[str, str], **kwargs: Any) -> None:
        super().__init__(
            subject="",
            options=[APPROVE, REFUSE],
            params={"reason": _why()},
            response_timeout=ANSWER_WITHIN,
            **{**kwargs, "execution_timeout": None},
        )
        self.route = route
        self.question = question
        self.operator_extra_links = document_links(route)
        self._end = ""

    @property
    def label(self) -> str:
        """The task's name: the document's, and what became of the question."""
        return shorten(f"{self.question['label']}{self._end}", NAME_LIMIT)

    def execute(self, context: Context) -> Any:
        """Ask; what is decided meanwhile is skipped."""
        question = Question(**self.question)
        kind = kind_named(question.kind)
        with (
            failing_for_good(question.label),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            self.find_links(self.route, session.ledger, ref_of(self.route, question))
            text = kind.text(session, question)
        if text is None:
            self._end = " · decided elsewhere"
            raise AirflowSkipException(f"{question.label}: there is nothing left to decide")
        self.subject, self.body, self.options = text.subject, text.body, list(text.options)
        self.params = _form(kind)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """The answer, as the next task reads it."""
        self._find_links_again()
        kind = kind_named(self.question["kind"])
        # Airflow compares the answer with what was asked; options of a question's own are checked when they are done.
        self.options = list(kind.options) or list(event.get("chosen_options") or self.options)
        self.params = _form(kind)
        answer = super().execute_complete(context, event)
        given = answer["params_input"]
        [option] = answer["chosen_options"]
        is_approved = option not in kind.refusals
        by = person_of(answer["responded_by_user"])
        said = {"is_approved": is_approved, "by": by, "reason": _reason(given)}
        if kind.options == (APPROVE, REFUSE):
            self._end = f" · {'approved' if is_approved else 'refused'} by {by}"
            return said
        self._end = f" · {option} · {by}"
        return {**said, "option": option, "entered": {box.name: given.get(box.name) for box in kind.boxes}}

    def _find_links_again(self) -> None:
        """The task goes on in another process; its buttons are worth no answer, so trouble with the ledger is left."""
        ref = ref_of(self.route, Question(**self.question))
        self.find_on_desk(ref)
        with suppress(BridgeError), closing(open_ledger()) as ledger:
            self.find_links(self.route, ledger, ref)

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Nobody answered in time: skip, and let the next run ask again."""
        if event.get("error_type") == "timeout":
            self._end = " · nobody answered"
            raise AirflowSkipException("Nobody answered in time: the next run asks again")
        super().process_trigger_event_error(event)


def _why() -> Param:
    return Param(
        None,
        description="Kept in the document's history.",
        source="task",
        type=["null", "string"],
        maxLength=LONGEST_REASON,
        title="Why",
    )


def _form(kind: DecisionKind) -> ParamsDict:
    """What a person may enter: the kind's boxes, and a reason."""
    boxes = {
        box.name: Param(False, source="task", type="boolean", title=box.label)
        if box.is_flag
        else Param(None, source="task", type=["null", "string"], maxLength=_LONGEST_LINE, title=box.label)
        for box in kind.boxes
    }
    return ParamsDict({**boxes, "reason": _why()})


def person_of(user: Mapping[str, Any] | None) -> str:
    """Who answered, in one printable line, as Airflow names them."""
    known = user or {}
    return person_named(known.get("name"), known.get("id"))


def _reason(given: Mapping[str, Any]) -> str | None:
    text = "".join(letter if letter.isprintable() else " " for letter in str(given.get("reason") or ""))
    return shorten(" ".join(text.split()), LONGEST_REASON) or None
