"""The reconciliation of a run's days, and the way to its page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseOperatorLink
from airflow.sdk.exceptions import AirflowSkipException

from invoice_bridge.operators.daily_close.days import NO_DAY, days_of
from invoice_bridge.operators.ends import KnownEnd
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge.page_addresses import REPORTS_PREFIX, page_address
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.reconciliation.reading import ThreeSides
from invoice_bridge_core.reconciliation.rows import reconcile

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.types import TaskInstanceKey

    from invoice_bridge_core.documents.window import Window
    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from invoice_bridge_core.reconciliation.sides import Systems
    from invoice_bridge_core.reports.reconciliation import Reconciliation
    from invoice_bridge_core.routes.model import Route

NEWS_KEY = "news"
"""The key under which the task says which contradictions no earlier report has shown."""
NAMED = 20
"""How many of them are named one by one."""


class ReconciliationLink(BaseOperatorLink):
    """Leads from the task to its page."""

    name = "Open reconciliation"
    xcom_key = "reconciliation_url"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing while there is no page."""
        return getattr(operator, "page_url", "") or ""


class ReconcileDaysOperator(BaseOperator):
    """Compare source, ledger and finance about the documents of the run's days; write it as page and as table.

    It reads and changes nothing. A report of the same days is replaced, but never by that of a dry run.

    :param route: the route to work for.
    """

    operator_extra_links = (ReconciliationLink(),)

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.page_url = ""

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the three sides, write the report, say in the log what does not agree."""
        with failing_for_good():
            days = days_of(context, self.route)
            if days.is_empty:
                raise AirflowSkipException(NO_DAY)
            report = self._report(context, days)
            page = self._write(report)
        dag_id = context["ti"].dag_id
        self.page_url = page_address(f"{REPORTS_PREFIX}/{dag_id}/{page}")
        context["ti"].xcom_push(NEWS_KEY, _news(report))
        return {"page": page, "documents": len(report.rows), "counts": report.counts}

    def _report(self, context: Context, days: Window) -> Reconciliation:
        from invoice_bridge_core.reports.reconciliation import reconciliation_of

        since, until = days.ends()
        rows, systems = self._rows(context, since, until)
        return reconciliation_of(
            rows,
            systems,
            since=since,
            until=until,
            made_at=dt.datetime.now(dt.UTC),
            run_key=run_key(context),
            dry_run=bool(context["params"].get("dry_run")),
        )

    def _rows(self, context: Context, since: dt.date, until: dt.date) -> tuple[list[ReconciledDocument], Systems]:
        with route_session(self.route, run_key(context), context["dag_run"].start_date) as session:
            if (pause := session.guard.pause()) is not None:
                raise KnownEnd(f"The three sides cannot be compared now: {pause.reason}")
            sides = ThreeSides(session)
            try:
                found = sides.read(since, until)
            except BridgeError as error:
                if (pause := session.guard.pause_after(error)) is None:
                    raise
                raise KnownEnd(f"The three sides cannot be compared now: {pause.reason}") from error
            return reconcile(found, sides.systems), sides.systems

    def _write(self, report: Reconciliation) -> str:
        from invoice_bridge_core.reports.reconciliation import reconciliation_text
        from invoice_bridge_core.reports.reconciliation_files import write_reconciliation

        page = write_reconciliation(report)
        for line in reconciliation_text(report).splitlines():
            self.log.info("%s", line)
        return page


def _news(report: Reconciliation) -> list[str]:
    named = [f"{row.number}: {', '.join(row.contradictions)}" for row in report.news]
    if len(named) > NAMED:
        return [*named[:NAMED], f"and {len(named) - NAMED} more"]
    return named
