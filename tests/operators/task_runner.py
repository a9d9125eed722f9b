"""Tasks in Airflow's own task runner: the state that each ends in, and the log that people read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNNER = """
import io, json, sys
from types import SimpleNamespace
from unittest.mock import patch
import structlog
from airflow.sdk.log import configure_logging
import airflow.sdk.execution_time.task_runner as runner
from invoice_bridge.operators.retries import PassingTroubleRetryPolicy

written = io.BytesIO()
configure_logging(json_output=True, output=written, sending_to_supervisor=True)
sys.excepthook = sys.__excepthook__
log = structlog.get_logger(logger_name="task")
log.info("a logger that was in use before")
server = SimpleNamespace(xcom_keys_to_clear=(), next_method=None, should_retry=True, max_tries=5)

def run(source):
    found = {}
    exec(source, found)
    op = found["Task"](task_id="one", retries=5, retry_policy=PassingTroubleRetryPolicy())
    ti = SimpleNamespace(
        task=op, _ti_context_from_server=server, is_mapped=False, rendered_map_index=None, state=None, end_date=None,
        dag_id="d", run_id="r", task_id="one", map_index=-1, try_number=1, max_tries=5, stats_tags={},
        _failure_metrics_emitted=False, xcom_push=lambda key, value: None,
    )
    written.seek(0)
    written.truncate()
    state, message, error = runner._run_task_and_map_outcome(ti, {"ti": ti, "params": {}, "task": op}, log)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    return {"state": str(state.value), "error": type(error).__name__, "lines": lines}

with patch.object(runner, "_prepare", return_value=None):
    with patch.object(runner, "context_to_airflow_vars", return_value={}):
        print(json.dumps({name: run(source) for name, source in json.loads(sys.argv[1]).items()}))
"""


@dataclass(frozen=True)
class Ended:
    """How it ended."""

    state: str
    error: str
    lines: list[dict[str, Any]]

    @property
    def has_stack_trace(self) -> bool:
        return any("error_detail" in line or "exception" in line or "Traceback" in str(line) for line in self.lines)

    @property
    def texts(self) -> list[str]:
        """What people read, without the marks that fold parts of a log away."""
        return [line["event"] for line in self.lines if not line["event"].startswith("::")]


def run_tasks(sources: Mapping[str, str]) -> dict[str, Ended]:
    """Run the operator `Task` that each source defines, all in one process of their own."""
    command = [sys.executable, "-c", RUNNER, json.dumps(dict(sources))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: Ended(**ended) for name, ended in json.loads(done.stdout.splitlines()[-1]).items()}
