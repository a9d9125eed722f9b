"""When Airflow tries a task again: only what may pass by itself, and not before the other side asked."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from invoice_bridge_core.connections.guard import LONGEST_PAUSE
from invoice_bridge_core.errors import BridgeError, LedgerError, TransientError

if TYPE_CHECKING:
    from airflow.sdk import Context

FIRST_DELAY = dt.timedelta(seconds=10)
LONGEST_DELAY = dt.timedelta(minutes=10)


class PassingTroubleRetryPolicy(RetryPolicy):
    """Retries outages, limits and time-outs; `Retry-After` is honoured, otherwise the delay doubles with jitter.

    While it waits, the task gives its worker slot back. No single wait is longer than ten minutes; what asks for a
    longer one is left to a later run.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Decide on one failed try."""
        if isinstance(exception, TransientError) and exception.retry_after is not None:
            if exception.retry_after > LONGEST_PAUSE:
                return RetryDecision.fail(reason=f"left to a later run: {exception}"[:500])
            return RetryDecision.retry(delay=exception.retry_after + _jitter(), reason=str(exception)[:500])
        if isinstance(exception, TransientError | LedgerError):
            return RetryDecision.retry(delay=_doubling(try_number), reason=str(exception)[:500])
        if isinstance(exception, BridgeError):
            return RetryDecision.fail(reason=str(exception)[:500])
        return RetryDecision.retry(delay=_doubling(try_number), reason=f"unforeseen: {type(exception).__name__}")


def _doubling(try_number: int) -> dt.timedelta:
    delay: dt.timedelta = min(FIRST_DELAY * 2 ** (max(try_number, 1) - 1), LONGEST_DELAY)
    return delay + _jitter()


def _jitter() -> dt.timedelta:
    return dt.timedelta(seconds=random.uniform(0.5, 5))  # noqa: S311 - spreads tasks out, protects nothing
