"""One request out, one answer back: whatever goes wrong between the two is a typed error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.answers import Answer, cut
from invoice_bridge.hooks.http.failures import SENDING_TROUBLE, check_sendable, preparing_failure, sending_failure

if TYPE_CHECKING:
    import requests

CONNECT_TIMEOUT = 5.0
"""Seconds for making a connection."""
READ_TIMEOUT = 30.0
"""Seconds for each wait for bytes of an answer."""
REQUEST_ID_HEADERS = ("x-request-id", "x-correlation-id")
"""Where APIs tell the id by which their support finds a request."""
LONGEST_REQUEST_ID = 100
_SHORTEST_SECRET = 6


@dataclass(frozen=True)
class Prepared:
    """A signed request, and the proxies and certificates with which it is sent."""

    request: requests.PreparedRequest
    settings: dict[str, Any]


@dataclass(frozen=True)
class Transport:
    """The way to one system with one connection's proxies, certificates and signature.

    :param timeout: seconds for connecting, and for each wait for bytes.
    :param request_id_headers: where the system tells the id of a request; the first that is there counts.
    """

    session: requests.Session = field(repr=False)
    system: str
    conn_id: str
    timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT)
    request_id_headers: tuple[str, ...] = REQUEST_ID_HEADERS

    def prepare(self, request: requests.Request, *, what: str) -> Prepared:
        """Sign a request; nothing is sent, so whatever fails here is a setting.

        :raises ConfigurationError: the connection holds something that cannot be sent.
        :raises TransientError: its proxy cannot be used now.
        """
        try:
            signed = self.session.prepare_request(request)
            settings: dict[str, Any] = {**self.session.merge_environment_settings(signed.url, {}, None, None, None)}
            check_sendable(self.session, signed, settings)
        except SENDING_TROUBLE as error:
            # Without its cause, whose text may show a key.
            raise preparing_failure(error, system=self.system, conn_id=self.conn_id, what=what) from None
        return Prepared(signed, settings)

    def send(self, prepared: Prepared, *, what: str, is_write: bool) -> Answer:
        """Send a signed request once and return its answer, whatever its status. Redirects are not followed.

        :param what: what is asked, as part of every message.
        :param is_write: whether it may change something, so that a lost answer leaves open what was done.
        :raises TransientError: no answer came; `OutcomeUnknownError` where a write may have been done.
        :raises ConfigurationError: the system cannot be called with the connection's settings.
        """
        try:
            response = self.session.send(
                prepared.request, timeout=self.timeout, allow_redirects=False, **prepared.settings
            )
        except SENDING_TROUBLE as error:
            raise sending_failure(
                error, system=self.system, conn_id=self.conn_id, what=what, is_write=is_write
            ) from error
        return Answer(
            response.status_code,
            response.headers,
            response.content,
            system=self.system,
            conn_id=self.conn_id,
            what=what,
            to_write=is_write,
            method=prepared.request.method or "",
            request_id=self._request_id(response, prepared.request),
        )

    def _request_id(self, response: requests.Response, sent: requests.PreparedRequest) -> str | None:
        told = next(filter(None, map(response.headers.get, self.request_id_headers)), "")
        request_id = cut(told, LONGEST_REQUEST_ID)
        return request_id if request_id and not _repeats(sent, request_id) else None


def _repeats(sent: requests.PreparedRequest, text: str) -> bool:
    """Whether the text repeats what was sent: it may then show a key or a token, as no message may."""
    if len(text) < _SHORTEST_SECRET:
        return False
    body = sent.body.decode(errors="replace") if isinstance(sent.body, bytes) else str(sent.body or "")
    values = [str(value) for value in sent.headers.values()]
    # The last word of `Bearer …` and `Basic …` is the secret.
    secrets = [word for value in values if len(word := value.rpartition(" ")[2]) >= _SHORTEST_SECRET]
    return any(text in value for value in (*values, body)) or any(secret in text for secret in secrets)
