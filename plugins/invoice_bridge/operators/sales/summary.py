"""The last step of a sales run: one table of what the source shows, and what somebody has to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.alarms import counted, fail_for, first_of
from invoice_bridge.operators.ends import KnownEnd
from invoice_bridge.operators.links import RouteOperator
from invoice_bridge.operators.pauses import paused_documents, refusal_alarms
from invoice_bridge.operators.sales.poll import SALES_LEFT_KEY
from invoice_bridge.operators.session import run_key
from invoice_bridge_core.connections.guard import counted_pause, refusals
from invoice_bridge_core.ledger.sales.candidates import SaleSource
from invoice_bridge_core.reports.sales import news_of_sales, sales_text

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.sales.row import SaleRow
    from invoice_bridge_core.routes.model import Route


class SalesSummaryOperator(RouteOperator):
    """Print what is shown, and fail the run when a sale could not be shown for a reason that nobody knows yet.

    What somebody has to look at is listed in the first run that finds it, and counted in later ones.

    :param route: the route to work for.
    :param poll_task_id: the task that chose the sales.
    :param sales_task_id: the mapped task.
    """

    def __init__(self, *, route: Route, poll_task_id: str, sales_task_id: str, **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.poll_task_id = poll_task_id
        self.sales_task_id = sales_task_id

    def execute(self, context: Context) -> None:
        """Read the ledger, print, note what people were told, fail when a task of this run did not end well."""
        chosen = context["ti"].xcom_pull(task_ids=self.poll_task_id)
        if chosen is None:
            raise KnownEnd(f"Finance could not be asked about sales; the log of task {self.poll_task_id} says why")
        paused = paused_documents(context, [self.sales_task_id])
        waiting = Counter(pause.of_many.replace("documents", "sales", 1) for pause in paused.values())
        left = [
            *(context["ti"].xcom_pull(task_ids=self.poll_task_id, key=SALES_LEFT_KEY) or []),
            *(counted_pause(count, text) for text, count in waiting.items()),
        ]
        source, finance = self.route.source, self.route.finance
        ledger = open_ledger()
        try:
            whose = SaleSource(source.system, source.conn_id, finance.conn_id)
            known = ledger.sales.to_report(whose, told_since=context["dag_run"].start_date)
            sales = [sale for sale in known if sale.route == self.route.route]
            self._print(ledger, sales, left)
            refused = refusals(ledger, (source.conn_id, finance.conn_id))
        finally:
            ledger.close()
        wanted = {entry["finance_id"] for entry in chosen} - paused.keys()
        # What a person has to look at is listed for them, and tried again a day later.
        failed = [sale for sale in sales if sale.key.finance_id in wanted and sale.has_news and sale.reason is None]
        self.point_to_desk(context)
        fail_for([*refusal_alarms(refused, run_key(context)), *_unshown_alarms(failed)])

    def _print(self, ledger: Ledger, sales: list[SaleRow], left: list[str]) -> None:
        news = news_of_sales(sales, self.route)
        for line in sales_text(self.route, sales, news, left).splitlines():
            self.log.info("%s", line)
        ledger.sales.announced(news)


def _unshown_alarms(failed: list[SaleRow]) -> list[str]:
    if not failed:
        return []
    return [f"{counted(len(failed), 'sale')} could not be shown: {first_of([sale.label for sale in failed])}"]
