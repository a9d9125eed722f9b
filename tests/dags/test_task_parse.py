"""What a task's own process makes of its DAG's parameters: their values, without holding them against rules again."""

from __future__ import annotations

import copy

import pytest
from airflow.sdk import DAG
from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager
from airflow.sdk.definitions.param import ParamsDict, process_params

from invoice_bridge.dag_settings import PARAMS, run_params
from invoice_bridge.operators.transfer.queue import WaitingDocumentsOperator
from tests.builders import route


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
