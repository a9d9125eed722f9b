"""Carries an answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from invoice_bridge.operators.ends import KnownEnd
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.links import DocumentButtons, document_links
from invoice_bridge.operators.once import NAME_LIMIT
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.decisions.all_kinds import kind_named
from invoice_bridge_core.decisions.kind import Answer, Question
from invoice_bridge_core.decisions.noted import ref_of
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.errors import NotResolvedError, TransientError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route


class CarryOutOperator(DocumentButtons, BaseOperator):
    """Do what was approved, or note what was refused. Clearing it repeats nothing that was done.

    A rule that forbids what was approved fails the task for good; trouble that may pass is tried again.

    :param route: the route to work for.
    :param question: what was asked. (templated, but never rendered: it comes from the network, and a mapped value is
        taken as it is)
    :param answer: what `AskOperator` returned.
    """

    template_fields = ("question", "answer")

    def __init__(self, *, route: Route, question: dict[str, str], answer: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.question = question
        self.answer = answer
        self.operator_extra_links = document_links(route)
        self._done = ""

    @property
    def label(self) -> str:
        """The task's name: the document's, and what was done."""
        return shorten(self._done or self.question["label"], NAME_LIMIT)

    def execute(self, context: Context) -> str:
        """Carry it out, and say what was done."""
        ti = context["ti"]
        question = Question(**self.question)
        by = self.answer["by"]
        answer = Answer(
            is_approved=self.answer["is_approved"],
            by=by,
            reason=self.answer["reason"],
            claimant=f"{by}, by {ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.map_index}",
            option=self.answer.get("option") or "",
            entered=self.answer.get("entered") or {},
        )
        with (
            failing_for_good(question.label),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            self.find_links(self.route, session.ledger, ref_of(self.route, question))
            if answer.is_approved and (pause := session.guard.pause()) is not None:
                raise TransientError(f"{question.label}: {pause.of_one}")
            try:
                self._done = kind_named(question.kind).carry_out(session, question, answer)
            except NotResolvedError as error:
                if error.may_pass:
                    raise TransientError(str(error)) from error
                self._done = f"{question.label} · not done: {error}"
                raise KnownEnd(str(error)) from error
        self.log.info("%s", self._done)
        return self._done
