"""The names of mapped tasks, whose template is compiled once, in the process that tasks are forked from.

Airflow compiles a template each time it renders it. For a task's name that is twice, and takes longer than to note in
the ledger what became of its document.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG

if TYPE_CHECKING:
    from types import CodeType

    from jinja2 import Environment

NAME = "{{ task.label }}"
"""How Airflow names mapped tasks; it asks at the start and at the end of each."""

_compiled: dict[type[Environment], CodeType] = {}
"""`NAME` by the kind of environment; ours have no settings of their own."""


class NamedTasksDag(DAG):
    """A DAG with mapped tasks that have `NAME` as their template."""

    def get_template_env(self, *, force_sandboxed: bool = False) -> Environment:
        """Airflow's environment, which knows what `NAME` compiles to."""
        environment = super().get_template_env(force_sandboxed=force_sandboxed)
        if self.jinja_environment_kwargs is None:
            environment.compile = partial(_compile, environment)  # type: ignore[method-assign]
        return environment


def _compile(environment: Environment, source: Any, *args: Any, **kwargs: Any) -> Any:
    kind = type(environment)
    if source != NAME or args or kwargs:
        return kind.compile(environment, source, *args, **kwargs)
    if kind not in _compiled:
        _compiled[kind] = kind.compile(environment, source)
    return _compiled[kind]
