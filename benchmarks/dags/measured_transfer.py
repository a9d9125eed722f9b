"""The transfer of a few documents, with the peak memory of each task's process."""

from __future__ import annotations

import datetime as dt
import resource
from typing import TYPE_CHECKING

from airflow.sdk import DAG

from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.operators.transfer.queue import WaitingDocumentsOperator
from invoice_bridge_core.routes.loader import load_route

if TYPE_CHECKING:
    from airflow.sdk import Context


class MeasuredTransferOperator(TransferDocumentOperator):
    """Moves a document, then says how much memory its process took at most."""

    def execute(self, context: Context) -> None:
        """Move, then measure."""
        super().execute(context)
        context["ti"].xcom_push("peak_kilobytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


route = load_route("bench")
if route is not None:
    with DAG(
        dag_id="measured_transfer",
        schedule=None,
        start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        params={"documents": [], "since": None, "until": None, "dry_run": False},
    ):
        queue = WaitingDocumentsOperator(task_id="queue", route=route)
        MeasuredTransferOperator.partial(
            task_id="measured", route=route, map_index_template="{{ task.label }}", max_active_tis_per_dag=1
        ).expand(document=queue.output)
