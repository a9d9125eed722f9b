"""Asking an identity service for a token: what every way of signing in has in common."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge.hooks.http.failures import PASSING_STATUSES, passing_failure, refusal_text
from invoice_bridge.hooks.http.retry import CallRetry

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from invoice_bridge.hooks.http.answers import Answer
    from invoice_bridge.hooks.http.transport import Transport
    from invoice_bridge_core.errors import BridgeError

LONGEST_WAIT = 5.0
"""Seconds of waiting in place: other processes wait for the same token meanwhile."""
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class TokenService:
    """Where a connection's credentials become a token.

    :param transport: the connection's proxies and certificates; it signs nothing by itself.
    :param sleep: waits so many seconds.
    :param clock: seconds since 1970.
    """

    transport: Transport
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, compare=False)
    clock: Callable[[], float] = field(default=time.time, repr=False, compare=False)

    def ask(
        self, request: requests.Request, *, what: str, refusal: Callable[[Answer, str], BridgeError]
    ) -> tuple[Answer, float]:
        """The answer of a success (status 2xx), and when it was asked for, in seconds since 1970.

        Asking twice does no harm, so passing trouble is tried again a little.

        :param what: what is asked, as part of every message.
        :param refusal: makes the error for a definite no, out of the answer and the sentence that says so. It must
            not show the body as it is: that may repeat what was sent.
        :raises TransientError: a limit, an outage or a lost answer.
        """

        def attempt() -> Answer:
            answer = self.transport.send(self.transport.prepare(request, what=what), what=what, is_write=False)
            if 200 <= answer.status < 300:
                return answer
            text = refusal_text(answer)
            if answer.status in PASSING_STATUSES or answer.status == TOO_MANY_REQUESTS:
                raise passing_failure(answer, text)
            raise refusal(answer, text)

        asked_at = self.clock()
        return CallRetry(is_read=True, longest_wait=LONGEST_WAIT).call(attempt, self.sleep), asked_at
