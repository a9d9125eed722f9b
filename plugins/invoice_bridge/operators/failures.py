"""Which errors end a task for good, and which are left to the retry policy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from invoice_bridge.operators.ends import KnownEnd, speak_plainly
from invoice_bridge_core.errors import BridgeError, LedgerError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def failing_for_good(name: str = "") -> Iterator[None]:
    """In the block, what does not pass by itself fails the task without a retry.

    :param name: what the task is at; stands before the error.
    :raises KnownEnd: a setting, a credential or an answer is wrong.
    """
    speak_plainly()
    try:
        yield
    except (TransientError, LedgerError):
        raise
    except BridgeError as error:
        raise KnownEnd(f"{name}: {error}" if name else str(error)) from error
