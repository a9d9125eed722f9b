"""What the hooks of all four systems share: one session, finite timeouts, typed errors, and no write sent twice."""

from __future__ import annotations

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import requests
from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException
from airflow.sdk.log import mask_secret
from urllib3.exceptions import HTTPError as Urllib3Error

from invoice_bridge.hooks.auth.tokens import RenewableAuth
from invoice_bridge.hooks.http.address import checked_address
from invoice_bridge.hooks.http.answers import Answer
from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.hooks.http.failures import (
    check_sendable,
    setting_failure,
    status_failure,
    transport_failure,
    unexpected_failure,
)
from invoice_bridge.hooks.http.retry import CallRetry
from invoice_bridge_core.errors import BridgeError, ConfigurationError, NotFoundError, TransientError
from invoice_bridge_core.ports.observations import ConnectionObservations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow.sdk import Connection
    from requests.auth import AuthBase

    Params = Mapping[str, str] | Sequence[tuple[str, str]]

__all__ = ["Answer", "ApiHook"]

READS = frozenset({"GET", "HEAD"})
JSON = "application/json"


class ApiHook(HttpHook):
    """An API's connection, session and errors.

    Built on the HTTP provider's hook for its handling of connections, proxies, certificates and keep-alive; what it
    does badly is mended: extras do not travel as headers, one session per hook, finite timeouts, no redirects, no
    bodies in logs, no write sent again unless the system says that it was not processed.

    :param conn_id: the connection, the system's default one when left out.
    :param connect_timeout: seconds for making a connection.
    :param read_timeout: seconds for each wait for bytes of the answer.
    :param sleep: waits so many seconds.
    """

    system: ClassVar[str] = "HTTP"
    not_processed: ClassVar[frozenset[int]] = frozenset({429})
    """Statuses by which the system says that it has not processed the request, so that it may be sent again."""

    conn_name_attr = "conn_id"

    def __init__(
        self,
        conn_id: str | None = None,
        *,
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.conn_id = conn_id or self.default_conn_name
        super().__init__(method="GET", http_conn_id=self.conn_id)
        self.calls = 0
        self.observations = ConnectionObservations(self.conn_id, self.system, check=self.check)
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
        """
        request = requests.Request(
            method.upper(),
            f"{self.address}/{path.lstrip('/')}",
            params=params,
            data=None if json is None else write_json(json).encode(),
            headers={
                "Accept": accept,
                **({} if json is None else {"Content-Type": JSON}),
                **(headers or {}),
            },
        )
        patience = CallRetry(is_read=request.method in READS)
        try:
            return patience.call(lambda: self._attempt(request, what), self._sleep)
        except BridgeError as error:
            error.conn_id = self.conn_id
            raise

    def authentication(self, connection: Connection) -> AuthBase:
        """What signs the requests; a `RenewableAuth` is renewed once when the API answers 401."""
        raise NotImplementedError

    def after_answer(self, answer: Answer) -> None:
        """Look at every answer, failures too; for limits that an API tells in its headers."""

    def reasons(self, answer: Answer) -> tuple[str, ...]:
        """The system's own texts in an error's body."""
        return answer.reasons()

    def limit_of(self, answer: Answer) -> str:
        """Which limit an answer says was reached, in small letters; empty when it does not say."""
        return ""

    def failure(self, answer: Answer, reasons: tuple[str, ...]) -> BridgeError:
        """The error for an answer that is no success; systems override it for what their contract says differently."""
        return status_failure(
            answer,
            conn_id=self.conn_id,
            reasons=reasons,
            not_processed=self.not_processed,
            limit=self.limit_of(answer),
        )

    def check(self) -> str:
        """One harmless read that proves host and credentials; says in a sentence what was found."""
        raise NotImplementedError

    def test_connection(self) -> tuple[bool, str]:
        """Whether the connection works, for Airflow's Test button."""
        try:
            return True, self.check()
        except NotFoundError as error:
            return False, f"{error}; check the host of connection {self.conn_id}"
        except BridgeError as error:
            return False, str(error)

    @cached_property
    def connection(self) -> Connection:
        """The Airflow connection.

        :raises ConfigurationError: there is none.
        """
        try:
            connection: Connection = self.get_connection(self.conn_id)
        except AirflowNotFoundException:
            raise ConfigurationError(f"Connection {self.conn_id} ({self.system}) does not exist in Airflow") from None
        except ValueError as error:
            raise ConfigurationError(f"Connection {self.conn_id} ({self.system}) cannot be read") from error
        except AirflowException as error:
            raise TransientError(f"Airflow could not give connection {self.conn_id} ({self.system})") from error
        if connection.password:
            mask_secret(connection.password)
        return connection

    @property
    def address(self) -> str:
        """The base URL, path segments included, without a slash at its end.

        :raises ConfigurationError: the connection's host is none.
        """
        if not self._base_url_initialized:
            self._set_base_url(self.connection)
        return self.base_url

    def get_conn(
        self,
        headers: dict[Any, Any] | None = None,
        extra_options: dict[str, Any] | None = None,
    ) -> requests.Session:
        """The hook's one session; made at the first call."""
        with self._lock:
            if self._session is None:
                # The provider would read the connection, and open a session, for every request.
                self._session = self.open_session(self.authentication(self.connection))
            return self._session

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """The provider's way to send, which would log whole answers and lose their status: use `call`."""
        raise NotImplementedError(f"{type(self).__name__} sends with call()")

    def open_session(self, auth: AuthBase | None = None) -> requests.Session:
        """A session with the connection's proxies and certificates, which nothing is signed with unless it is said."""
        address = self.address
        session = self._configure_session_from_extra(_SessionWithoutRedirects(), self.connection, {})
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

    def _set_base_url(self, connection: Any) -> None:
        host = (connection.host or "").strip().rstrip("/")
        if host and "://" not in host and connection.schema in ("http", "https"):
            host = f"{connection.schema}://{host}"
        self.base_url = checked_address(host, connection.port, self.conn_id, self.system)
        self._base_url_initialized = True

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
        raise self.failure(answer, tuple(self._without_secrets(text, sent) for text in self.reasons(answer)))

    def _exchange(self, request: requests.Request, what: str) -> tuple[Answer, requests.PreparedRequest]:
        is_write = request.method not in READS
        started = time.monotonic()
        sent, settings = self._prepared(request, what)
        response = self._transmit(sent, settings, what, is_write=is_write)
        self.log.debug(
            "%s: %s %s answered %s after %.3f s",
            self.system,
            sent.method,
            sent.path_url.partition("?")[0],
            response.status_code,
            time.monotonic() - started,
        )
        answer = Answer(
            response.status_code,
            response.headers,
            response.content,
            system=self.system,
            what=what,
            to_write=is_write,
            method=request.method or "",
        )
        self.after_answer(answer)
        return answer, sent

    def _prepared(self, request: requests.Request, what: str) -> tuple[requests.PreparedRequest, dict[str, Any]]:
        """The signed request, and how it is sent; whatever fails here is a setting, since nothing has been sent."""
        session = self.get_conn()
        try:
            sent = session.prepare_request(request)
            settings: dict[str, Any] = {**session.merge_environment_settings(sent.url, {}, None, None, None)}
            check_sendable(session, sent, settings)
        except Urllib3Error as error:
            raise transport_failure(
                requests.ConnectionError(error), system=self.system, conn_id=self.conn_id, what=what, is_write=False
            ) from error
        except (ValueError, OSError) as error:
            # Without its cause, whose text may show a key.
            raise setting_failure(error, system=self.system, conn_id=self.conn_id) from None
        return sent, settings

    def _transmit(
        self, sent: requests.PreparedRequest, settings: dict[str, Any], what: str, *, is_write: bool
    ) -> requests.Response:
        with self._lock:
            self.calls += 1
        try:
            return self.get_conn().send(sent, timeout=self._timeout, allow_redirects=False, **settings)
        except requests.RequestException as error:
            raise transport_failure(
                error, system=self.system, conn_id=self.conn_id, what=what, is_write=is_write
            ) from error
        except Urllib3Error as error:
            raise transport_failure(
                requests.ConnectionError(error), system=self.system, conn_id=self.conn_id, what=what, is_write=is_write
            ) from error
        except (ValueError, OSError) as error:
            raise unexpected_failure(error, system=self.system, what=what, is_write=is_write) from error

    def _without_secrets(self, text: str, sent: requests.PreparedRequest) -> str:
        token = str(sent.headers.get("Authorization") or "").rpartition(" ")[2]
        for secret in (self.connection.password, token):
            if secret:
                text = text.replace(secret, "***")
        return text


class _SessionWithoutRedirects(requests.Session):
    """Does not even read where a redirect leads: requests would, and fail at an address that is none."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None
