"""`decisions__<route>` asks people what only people may decide, one question for each document.

`find` lists what asks for a decision. `decision.ask` waits for an answer under *Required actions*; nothing else waits
for it. `decision.carry_out` does what was approved.

- A document may be booked, and looking did not decide it: is it booked, and as what, or is it not?
- Several contacts fit a customer, and the route wants a person to choose: which one is it? One question for a customer.
- An invoice was reported to Qondor and was voided or deleted in the finance system since: shall it go back into
  Qondor's queue, so that it is booked again?
- A document would be rejected and is kept back, since many were rejected, or nothing was booked yet: shall it be
  rejected for good?
- Choose one of the options, and say why. Your name, the time and your reason are kept in the document's history.
- What nobody answers within 20 hours is asked again by the next run. What was refused is not, unless something changes.
- A red `carry_out` was forbidden by a rule of one of the two systems. Its log says which, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, get_parsing_context, task_group

from invoice_bridge.dag_pages import shown_as
from invoice_bridge.dag_settings import HOUR, run_settings
from invoice_bridge.operators.decisions.ask import ANSWER_WITHIN, AskOperator
from invoice_bridge.operators.decisions.carry_out import CarryOutOperator
from invoice_bridge.operators.decisions.find import FindQuestionsOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

PREFIX = "decisions__"
NAMED = "{{ task.label }}"


def decisions(route: Route) -> DAG:
    """The DAG of one route's questions."""
    with DAG(
        description=f"Asks people about documents of {route.source.conn_id} and {route.finance.conn_id}",
        **shown_as(route, PREFIX),
        # A question that is open is not asked twice.
        **run_settings(route, PREFIX, route.decisions.schedule, longest=ANSWER_WITHIN + 2 * HOUR),
    ) as dag:
        find = FindQuestionsOperator(task_id="find", route=route)

        @task_group(group_id="decision")
        def decision(question: Any) -> None:
            ask = AskOperator(task_id="ask", route=route, question=question, map_index_template=NAMED)
            CarryOutOperator(
                task_id="carry_out",
                route=route,
                question=question,
                answer=ask.output,
                map_index_template=NAMED,
                max_active_tis_per_dag=route.limits.parallel,
            )

        decision.expand(question=find.output)
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    if _route.decisions.enabled:
        globals()[f"{PREFIX}{_route.route}"] = decisions(_route)
