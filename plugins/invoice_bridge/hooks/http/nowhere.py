"""A hook whose calls go nowhere: all that is done with a request and its answer, but nothing is sent."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from invoice_bridge.hooks.http.authentication import HeaderAuth
from invoice_bridge.hooks.http.session import ApiHook

if TYPE_CHECKING:
    import requests
    from requests.auth import AuthBase


class NowhereHook(ApiHook):
    """Is answered an empty object to everything."""

    conn_type = "http"
    default_conn_name = "nowhere"
    system = "Nowhere"

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """One that Airflow is not asked for."""
        return Connection(conn_id=conn_id, conn_type="http", host="http://nowhere.invalid", extra="{}")

    def authentication(self, connection: Connection) -> AuthBase:
        """A header."""
        return HeaderAuth("X-Nothing", "nothing")

    def check(self) -> str:
        """Nothing is found."""
        return ""

    def _open_session(self, auth: AuthBase | None = None) -> requests.Session:
        session = super()._open_session(auth)
        session.mount("http://", _Nowhere())
        return session


class _Nowhere(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """An empty object."""
        headers = {"Content-Type": "application/json"}
        return self.build_response(request, HTTPResponse(BytesIO(b"{}"), headers, 200, preload_content=False))
