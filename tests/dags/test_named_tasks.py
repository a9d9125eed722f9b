"""The names of mapped tasks: what Airflow's own template would say, without compiling it in each task's process."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jinja2
from airflow.sdk import DAG

from invoice_bridge.named_tasks import NAME, NamedTasksDag
from invoice_bridge.preparation import prepare

if TYPE_CHECKING:
    import pytest

LABEL = "Q-10023 · «Ås & Sønn» {{ 7 * 7 }} · 10 000.00 NOK"
SETTINGS: dict[str, Any] = {"schedule": None, "start_date": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}


def rendered(dag: DAG, template: str) -> str:
    return dag.get_template_env().from_string(template).render({"task": SimpleNamespace(label=LABEL)})


def test_a_name_is_what_airflow_would_make_of_it() -> None:
    dag = NamedTasksDag("named", **SETTINGS)
    assert rendered(dag, NAME) == rendered(DAG("plain", **SETTINGS), NAME) == LABEL
    assert rendered(dag, "{{ 7 * 7 }}: {{ task.label }}") == f"49: {LABEL}"


def test_a_dag_with_an_environment_of_its_own_keeps_it() -> None:
    dag = NamedTasksDag("own", **SETTINGS, jinja_environment_kwargs={"variable_start_string": "<<"})
    assert rendered(dag, NAME) == NAME


def test_nothing_is_compiled_in_a_task_that_was_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()

    def compiled(*_: Any, **__: Any) -> str:
        raise AssertionError("a template was compiled")

    monkeypatch.setattr(jinja2.Environment, "_generate", compiled)
    assert rendered(NamedTasksDag("prepared", **SETTINGS), NAME) == LABEL
