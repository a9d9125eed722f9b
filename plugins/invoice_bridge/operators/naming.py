"""The name of a mapped task that takes longer than most: Airflow learns it while the task runs."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED_AFTER = 1.0
"""Seconds. Most tasks have ended by then, and their last message names them at no cost."""

log = logging.getLogger(__name__)


@contextmanager
def named_in_time(name: str, after: float = NAMED_AFTER) -> Iterator[None]:
    """Tell Airflow the name when the block takes longer than so many seconds."""
    timer = threading.Timer(after, _tell, (name,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # What Airflow is told next must not be overtaken by this.
        timer.join()


def _tell(name: str) -> None:
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.execution_time.comms import SetRenderedMapIndex

    comms = getattr(task_runner, "SUPERVISOR_COMMS", None)
    if comms is None:
        return
    try:
        comms.send(SetRenderedMapIndex(rendered_map_index=name))
    except Exception:
        log.debug("Airflow could not be told the name of this task while it runs", exc_info=True)
