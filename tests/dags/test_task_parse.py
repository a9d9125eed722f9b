"""What a task's own process makes of its DAG's parameters: their values, without holding them against rules again."""

from __future__ import annotations

import copy
import runpy
from typing import TYPE_CHECKING

import pytest
import yaml
from airflow.sdk import DAG
from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager
from airflow.sdk.definitions.param import ParamsDict, process_params

from invoice_bridge.dag_settings import PARAMS, run_params
from invoice_bridge.operators.transfer.queue import WaitingDocumentsOperator
from local.settings import PROJECT
from tests.builders import route

if TYPE_CHECKING:
    from pathlib import Path


def test_elsewhere_parameters_have_their_rules() -> None:
    assert run_params() is PARAMS


@pytest.mark.parametrize("entered", [{}, {"documents": ["Q-1"], "dry_run": True, "other": 1}])
def test_a_task_gets_what_was_entered(entered: dict[str, object]) -> None:
    with _airflow_parsing_context_manager(dag_id="invoice_transfer__x", task_id="invoices"):
        params = run_params()
        with DAG(dag_id="invoice_transfer__x", params=params):
            task = WaitingDocumentsOperator(task_id="queue", route=route())
    defaults = {name: param.value for name, param in PARAMS.items()}
    assert process_params(task.dag, task, entered, suppress_exception=False) == {**defaults, **entered}
    # One run's entries are no other's.
    assert copy.deepcopy(ParamsDict(params)).validate() == defaults


@pytest.mark.parametrize(
    ("task_id", "expected"),
    [
        ("invoices", {"queue", "invoices"}),
        ("credit_notes", None),
        ("queue", None),
        ("book_ahead", None),
        ("summary", None),
    ],
)
def test_an_invoices_own_process_builds_what_it_is_mapped_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task_id: str, expected: set[str] | None
) -> None:
    all_tasks = {"queue", "book_ahead", "invoices", "waiting_credit_notes", "credit_notes", "summary"}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(route(route="x").model_dump(mode="json", exclude_unset=True)))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    with _airflow_parsing_context_manager(dag_id="invoice_transfer__x", task_id=task_id):
        dag = runpy.run_path(str(PROJECT / "dags" / "invoice_transfer.py"))["invoice_transfer__x"]
    assert set(dag.task_ids) == (expected or all_tasks)
    assert dag.get_task("invoices").upstream_task_ids >= {"queue"}
