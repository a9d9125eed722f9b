"""What one task's process asks of others, counted inside it: the same on a busy machine as on a quiet one."""

from __future__ import annotations

import atexit
import json
import os
import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.ledger_traffic import count_ledger

FOLDER = "BENCH_TALLY"
"""The environment variable that names the folder for the counts; each task's process leaves one file there."""
CPU, PEAK = "cpu_ms", "peak_kilobytes"
LEDGER, HTTP, MESSAGES = "ledger", "http", "messages"


def start_counting(kind: str) -> None:
    """Count from here to the end of this process.

    :param kind: the file's name says it, in front of the process id.
    """
    counts: dict[str, Counter[str]] = {LEDGER: Counter(), HTTP: Counter(), MESSAGES: Counter()}
    count_ledger(counts[LEDGER])
    _count_http(counts[HTTP])
    _count_messages(counts[MESSAGES])
    atexit.register(_leave, kind, counts)


def tallies(folder: Path, kind: str) -> list[dict[str, Any]]:
    """What the processes of a kind left."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob(f"{kind}-*.json"))]


def _leave(kind: str, counts: dict[str, Counter[str]]) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found = {**counts, CPU: time.process_time() * 1000, PEAK: usage.ru_maxrss}
    (Path(os.environ[FOLDER]) / f"{kind}-{os.getpid()}.json").write_text(json.dumps(found), "utf-8")


def _count_http(counts: Counter[str]) -> None:
    import requests

    real = requests.Session.send

    def send(self: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        counts["calls"] += 1
        return real(self, request, **kwargs)

    requests.Session.send = send  # type: ignore[method-assign]


def _count_messages(counts: Counter[str]) -> None:
    from airflow.sdk.execution_time.comms import CommsDecoder

    real = CommsDecoder.send

    def send(self: Any, msg: Any) -> Any:
        counts[type(msg).__name__] += 1
        return real(self, msg)

    CommsDecoder.send = send  # type: ignore[method-assign]
