"""Asks a person, in Airflow's own pages, and waits for the answer without a slot."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowSkipException

from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.decisions.all_kinds import kind_named
from invoice_bridge_core.decisions.kind import Question
from invoice_bridge_core.desk.person import person_named
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.transfer.requeue import LONGEST_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route

APPROVE, REFUSE = "Approve", "Refuse"
ANSWER_WITHIN = dt.timedelta(hours=20)
"""What nobody answers by then is asked again by the next run."""
NAME_LIMIT = 240


class AskOperator(HITLOperator):
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
            params={
                "reason": Param(
                    None,
                    description="Kept in the document's history.",
                    source="task",
                    type=["null", "string"],
                    maxLength=LONGEST_REASON,
                    title="Why",
                )
            },
            response_timeout=ANSWER_WITHIN,
            **{**kwargs, "execution_timeout": None},
        )
        self.route = route
        self.question = question
        self._end = ""

    @property
    def label(self) -> str:
        """The task's name: the document's, and what became of the question."""
        return shorten(f"{self.question['label']}{self._end}", NAME_LIMIT)

    def execute(self, context: Context) -> Any:
        """Ask; what is decided meanwhile is skipped."""
        question = Question(**self.question)
        with (
            failing_for_good(question.label),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            text = kind_named(question.kind).text(session, question)
        if text is None:
            self._end = " · decided elsewhere"
            raise AirflowSkipException(f"{question.label}: there is nothing left to decide")
        self.subject, self.body = text.subject, text.body
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """The answer, as the next task reads it."""
        answer = super().execute_complete(context, event)
        is_approved = list(answer["chosen_options"]) == [APPROVE]
        by = person_of(answer["responded_by_user"])
        self._end = f" · {'approved' if is_approved else 'refused'} by {by}"
        return {"is_approved": is_approved, "by": by, "reason": _reason(answer["params_input"])}

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Nobody answered in time: skip, and let the next run ask again."""
        if event.get("error_type") == "timeout":
            self._end = " · nobody answered"
            raise AirflowSkipException("Nobody answered in time: the next run asks again")
        super().process_trigger_event_error(event)


def person_of(user: Mapping[str, Any] | None) -> str:
    """Who answered, in one printable line, as Airflow names them."""
    known = user or {}
    return person_named(known.get("name"), known.get("id"))


def _reason(given: Mapping[str, Any]) -> str | None:
    text = "".join(letter if letter.isprintable() else " " for letter in str(given.get("reason") or ""))
    return shorten(" ".join(text.split()), LONGEST_REASON) or None
