"""What all hooks share: one session, finite timeouts, typed errors, and no write sent twice."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import requests

from invoice_bridge.hooks.http.address import below
from invoice_bridge.hooks.http.answers import Answer
from invoice_bridge.hooks.http.authentication import RenewableAuth, token_of
from invoice_bridge.hooks.http.connection_hook import ConnectionHook
from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.hooks.http.failures import status_failure
from invoice_bridge.hooks.http.retry import CallRetry
from invoice_bridge.hooks.http.transport import CONNECT_TIMEOUT, READ_TIMEOUT, REQUEST_ID_HEADERS, Transport
from invoice_bridge_core.errors import BridgeError, ConfigurationError, NotFoundError, WriteInDryRunError
from invoice_bridge_core.ports.observations import ConnectionObservations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from airflow.sdk import Connection
    from requests.auth import AuthBase

    Params = Mapping[str, str] | Sequence[tuple[str, str]]

__all__ = ["Answer", "ApiHook"]

READS = frozenset({"GET", "HEAD"})
JSON = "application/json"


class ApiHook(ConnectionHook, ABC):
    """An API's connection, session and errors.

    Built on the HTTP provider's hook for its handling of connections, proxies, certificates and keep-alive; what it
    does badly is mended: extras do not travel as headers, one session per hook, finite timeouts, no redirects, no
    bodies in logs, no write sent again unless the system says that it was not processed.

    :param conn_id: the connection, the system's default one when left out.
    :param connect_timeout: seconds for making a connection.
    :param read_timeout: seconds for each wait for bytes of the answer.
    :param sleep: waits so many seconds.
    """

    not_processed: ClassVar[frozenset[int]] = frozenset({429})
    """Statuses by which the system says that it has not processed the request, so that it may be sent again."""
    request_id_headers: ClassVar[tuple[str, ...]] = REQUEST_ID_HEADERS
    """Where the system tells the id by which its support finds a request; the first that is there counts."""

    def __init__(
        self,
        conn_id: str | None = None,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.conn_id = conn_id or self.default_conn_name
        super().__init__(method="GET", http_conn_id=self.conn_id)
        self.calls = 0
        self.observations = ConnectionObservations(self.conn_id, self.system, check=self.check, heeds_read_only=True)
        self._timeout = (connect_timeout, read_timeout)
        self._sleep = sleep
        self._session: requests.Session | None = None
        self._lock = threading.RLock()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        accept: str = JSON,
        what: str,
    ) -> Answer:
        """Send a request and return the answer of a success (status 2xx).

        GET and HEAD are reads and tried again a little; everything else is a write and sent once, unless the system
        says that it has not processed it.

        :param path: below the connection's host, parts quoted already.
        :param json: the body; `Decimal` keeps its digits, a float is refused.
        :param what: what is asked, as part of every message: "reading invoice 12345".
        :raises BridgeError: the kind that fits (module `invoice_bridge_core.errors`); no other error leaves here.
        :raises WriteInDryRunError: a write in a dry run; nothing is sent.
        """
        if self.observations.is_read_only and method.upper() not in READS:
            raise WriteInDryRunError(
                f"A dry run writes nothing, and {method.upper()} {path} was about to be sent: {what}"
            )
        request = requests.Request(
            method.upper(),
            below(self.address, path),
            params=params,
            data=None if json is None else write_json(json).encode(),
            headers={
                "Accept": accept,
                **({} if json is None else {"Content-Type": JSON}),
                **(headers or {}),
            },
        )
        retry = CallRetry(is_read=request.method in READS)
        try:
            return retry.call(lambda: self._attempt(request, what), self._sleep)
        except BridgeError as error:
            error.conn_id = self.conn_id
            raise

    @abstractmethod
    def authentication(self, connection: Connection) -> AuthBase:
        """What signs the requests; a `RenewableAuth` is renewed once when the API answers 401."""

    @abstractmethod
    def check(self) -> str:
        """One harmless read that proves host and credentials; says in a sentence what was found."""

    def read_list(self, path: str, *, what: str, host_is: str, headers: Mapping[str, str] | None = None) -> list[Any]:
        """A list that every system of this kind has.

        :param host_is: what the connection's host has to be, for when the list is not there.
        :raises ConfigurationError: there is no such list, so the host is another system's.
        :raises UnreadableError: the answer is not a list.
        """
        try:
            return self.call("GET", path, headers=headers, what=what).json_list()
        except NotFoundError as error:
            raise self.wrong_host(error, host_is) from error

    def wrong_host(self, error: NotFoundError, host_is: str = "") -> ConfigurationError:
        """The error for a 404 to a path that the API always has; nothing was done.

        :param host_is: what the connection's host has to be.
        """
        host_is = host_is or f"the base URL of {self.system}, such as {self.address_rules.example}"
        wrong = ConfigurationError(f"{error}; the host of connection {self.conn_id} is {host_is}")
        wrong.conn_id = self.conn_id
        return wrong

    def after_answer(self, answer: Answer) -> None:
        """Look at every answer, failures too; for limits that an API tells in its headers."""

    def reasons(self, answer: Answer) -> tuple[str, ...]:
        """The system's own texts in an error's body."""
        return answer.reasons()

    def limit_of(self, answer: Answer) -> str:
        """Which limit an answer says was reached, in small letters; empty when it does not say."""
        return ""

    def failure(self, answer: Answer, reasons: tuple[str, ...]) -> BridgeError:
        """The error for a failed answer; systems override it for what their contract says differently."""
        return status_failure(answer, reasons=reasons, not_processed=self.not_processed, limit=self.limit_of(answer))

    def test_connection(self) -> tuple[bool, str]:
        """Whether the connection works, for Airflow's Test button."""
        try:
            return True, self.check()
        except NotFoundError as error:
            return False, f"{error}; check the host of connection {self.conn_id}"
        except BridgeError as error:
            return False, str(error)

    def get_conn(
        self,
        headers: dict[Any, Any] | None = None,
        extra_options: dict[str, Any] | None = None,
    ) -> requests.Session:
        """The hook's one session; made at the first call."""
        with self._lock:
            if self._session is None:
                # The provider would read the connection, and open a session, for every request.
                self._session = self._open_session(self.authentication(self.connection))
            return self._session

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """The provider's way to send, which would log whole answers and lose their status: use `call`."""
        raise NotImplementedError(f"{type(self).__name__} sends with call()")

    def open_transport(self) -> Transport:
        """A way to the system that uses the connection's proxies and certificates, and signs nothing."""
        return self._transport(self._open_session())

    def _transport(self, session: requests.Session) -> Transport:
        return Transport(session, self.system, self.conn_id, self._timeout, self.request_id_headers)

    def _open_session(self, auth: AuthBase | None = None) -> requests.Session:
        address = self.address
        session = self._configure_session_from_extra(_Session(), self.connection, {})
        session = self._configure_session_from_mount_adapters(session)
        session.auth = auth
        self.log.debug("%s: session for %s", self.system, address)
        return session

    def _configure_session_from_extra(
        self, session: requests.Session, connection: Any, extra_options: dict[str, Any]
    ) -> requests.Session:
        # The provider sends every extra that it does not know as a header, secrets included.
        headers = dict(session.headers)
        session = super()._configure_session_from_extra(session, connection, extra_options)
        session.headers.clear()
        session.headers.update(headers)
        session.stream = False
        return session

    def _attempt(self, request: requests.Request, what: str) -> Answer:
        answer, sent = self._exchange(request, what)
        auth = self.get_conn().auth
        if answer.status == 401 and isinstance(auth, RenewableAuth):
            # 401 means not processed, so a write may be sent again.
            auth.renew(sent)
            answer, sent = self._exchange(request, what)
        if 200 <= answer.status < 300:
            if answer.to_write:
                # Not every write is answered with something to read, but none with a gateway's page.
                answer.refuse_page()
            self.observations.accepted = True
            if not answer.to_write and request.headers["Accept"] == JSON:
                # What a gateway says instead of the API is tried again like any passing trouble.
                answer.json()
            return answer
        if answer.request_id:
            self.log.info("%s answered %s to %s (request %s)", self.system, answer.status, what, answer.request_id)
        raise self.failure(answer, tuple(self._without_secrets(text, sent) for text in self.reasons(answer)))

    def _exchange(self, request: requests.Request, what: str) -> tuple[Answer, requests.PreparedRequest]:
        transport = self._transport(self.get_conn())
        prepared = transport.prepare(request, what=what)
        with self._lock:
            self.calls += 1
        started = time.monotonic()
        with self._turn():
            answer = transport.send(prepared, what=what, is_write=request.method not in READS)
        self.log.debug(
            "%s: %s %s answered %s after %.3f s",
            self.system,
            answer.method,
            prepared.request.path_url.partition("?")[0],
            answer.status,
            time.monotonic() - started,
        )
        self.after_answer(answer)
        return answer, prepared.request

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until the connection may be called, where that is planned; the call is made in the block."""
        pace, pacer = self.pace_of_connection, self.observations.pacer
        if pace is None or pacer is None:
            yield
            return
        with pacer.turn(pace, self._sleep) as calls_today:
            if pace.per_day is not None:
                self.observations.day_left = max(pace.per_day - calls_today, 0)
            yield

    def _without_secrets(self, text: str, sent: requests.PreparedRequest) -> str:
        for secret in filter(None, (self.connection.password, token_of(sent))):
            text = text.replace(secret, "***")
        return text


class _Session(requests.Session):
    """Never reads where a redirect leads: `requests` would, and would fail at a broken address.

    The environment is asked for proxies and certificates once for each server, and not at each call.
    """

    def __init__(self) -> None:
        super().__init__()
        self._merged: dict[tuple[str, str], dict[str, Any]] = {}

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """As `requests` does it, whose own choice between the connection's proxies and the environment's stays."""
        if proxies or (stream, verify, cert) != (None, None, None):
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        parts = urlsplit(url)
        server = (parts.scheme, parts.netloc)
        if server not in self._merged:
            self._merged[server] = {**super().merge_environment_settings(url, {}, None, None, None)}
        return dict(self._merged[server])
