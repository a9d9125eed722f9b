"""Finds what people are to be asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.links import RouteOperator
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.decisions.all_kinds import open_questions

if TYPE_CHECKING:
    from airflow.sdk import Context

MOST_QUESTIONS = 50
"""More than anybody answers in a day; the rest is asked once these are answered."""


class FindQuestionsOperator(RouteOperator):
    """List what asks for a decision, by the ledger alone: no call of either system is made.

    :param route: the route to work for.
    """

    def execute(self, context: Context) -> list[dict[str, str]]:
        """References of the questions, the oldest documents first; the texts are read when they are asked."""
        with (
            failing_for_good(),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            questions = open_questions(session)
        chosen = questions[:MOST_QUESTIONS]
        self.log.info("%s to ask", counted(len(chosen), "question"))
        if len(questions) > len(chosen):
            self.log.info("%s for a later run", counted(len(questions) - len(chosen), "question"))
        self.point_to_desk(context)
        return [asdict(question) for question in chosen]
