"""The transfer of a few documents by the product's own task, which counts what its process asks of others."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, get_parsing_context

from benchmarks.lanes import COUNTED
from benchmarks.tally import start_counting
from invoice_bridge.dag_settings import one_task_per_document
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.operators.transfer.queue import WaitingDocumentsOperator
from invoice_bridge_core.routes.loader import load_route

FEW = 5

if get_parsing_context().task_id == "measured":
    start_counting("document")

route = load_route(COUNTED)
if route is not None:
    limits = route.limits.model_copy(update={"documents_per_run": FEW, "parallel": 1})
    few = route.model_copy(update={"limits": limits})
    with DAG(
        dag_id="measured_transfer",
        schedule=None,
        start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        params={"documents": [], "since": None, "until": None, "dry_run": False},
    ):
        queue = WaitingDocumentsOperator(task_id="queue", route=few)
        one_task_per_document(TransferDocumentOperator, "measured", few).expand(document=queue.output)
