"""How a task ends for people: what happened, why, and what to do next, without a stack trace.

Airflow writes a stack trace into the log of every task that fails for good, and offers no other way to fail without
another try. Where the reason is known, its frames tell nobody anything: they are left out here, in the one place where
Airflow lets a process say how its log is written. The failure itself is Airflow's own, whatever becomes of its log.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog
from airflow.sdk.exceptions import AirflowFailException

from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.transfer.next_steps import after

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from airflow.sdk.types import Logger

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route

_log = logging.getLogger(__name__)


class KnownEnd(AirflowFailException):
    """The task fails for good, and its text says why: there is nothing to find in its frames.

    :param reason: the error's text.
    :param last_line: what the log ends with; the reason unless it is given.
    """

    def __init__(self, reason: str, *, last_line: str = "") -> None:
        super().__init__(reason)
        speak_plainly()
        self.last_line = last_line or reason


def speak_plainly() -> None:
    """Write known errors of this process into its log as sentences, and not as stack traces."""
    processors = structlog.get_config()["processors"]
    if _plainly not in processors:
        # In place: loggers that are in use keep the list that they were made with.
        processors.insert(0, _plainly)


def _plainly(logger: Any, method_name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.get("exc_info")
    if not given:
        return event
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if isinstance(error, KnownEnd):
        event["event"] = error.last_line
    elif isinstance(error, BridgeError):
        event["event"] = str(error)
    else:
        return event
    del event["exc_info"]
    _log.debug("Where it came from:", exc_info=error)
    return event


def say_end(log: Logger, result: Result, route: Route, desk_url: str = "") -> str:
    """Put what happened and why into the log; what to do next, for its last line.

    :param desk_url: where it is on the desk.
    """
    log.info("What: %s is %s", result.label, result.outcome)
    if result.message:
        log.info("Why: %s", result.message)
    then = f"Next: {after(result.outcome, route.source.system_name, route.finance.system_name)}"
    return f"{then}. On the desk: {desk_url}" if desk_url else then
