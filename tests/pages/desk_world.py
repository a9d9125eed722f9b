"""The desk as Airflow's API server serves it: a real ledger, real users of the simple auth manager, no Airflow.

`anonymous` has no login; `viewer`, `user` and `op` have these roles of Airflow. `other` is a user whose team has the
route `other` and not the route `qondor_xero`, which belongs to the team of all others; `admin` may everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from fastapi import FastAPI
from jwt import InvalidTokenError
from starlette.testclient import TestClient

from invoice_bridge.page_addresses import DESK_PREFIX
from invoice_bridge.pages.desk.app import desk_app

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OWN_TEAM, OTHER_TEAM = "oslo", "bergen"
TEAMS = {"invoice_transfer__qondor_xero": OWN_TEAM, "invoice_transfer__other": OTHER_TEAM}
USERS = {
    "viewer": SimpleAuthManagerUser(username="viewer", role="viewer", teams=[OWN_TEAM]),
    "user": SimpleAuthManagerUser(username="user", role="user", teams=[OWN_TEAM]),
    "op": SimpleAuthManagerUser(username="op", role="op", teams=[OWN_TEAM]),
    "other": SimpleAuthManagerUser(username="other", role="user", teams=[OTHER_TEAM]),
    "admin": SimpleAuthManagerUser(username="admin", role="admin"),
}
PLAYERS = ("anonymous", *USERS)
HOST = "http://airflow.example"


class PlayedLogins(SimpleAuthManager):
    """Airflow's own answers about roles and teams; a token is the user's name."""

    async def get_user_from_token(self, token: str) -> SimpleAuthManagerUser:
        if token not in USERS:
            raise InvalidTokenError
        return USERS[token]


@dataclass(frozen=True)
class Answer:
    """What the desk answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str:
        """The sentence of an answer that is not what was asked for."""
        assert list(self.json) == ["error"]
        return str(self.json["error"])


class Desk:
    """Asks the desk as somebody."""

    def __init__(self) -> None:
        self.app, self.own_app = FastAPI(), desk_app()
        self.app.mount(DESK_PREFIX, self.own_app)
        self._clients = {
            who: TestClient(self.app, base_url=HOST, cookies={} if who == "anonymous" else {"_token": who})
            for who in PLAYERS
        }

    def get(self, path: str, who: str = "admin", **query: Any) -> Answer:
        return self._answer(self._clients[who].get(f"{DESK_PREFIX}/{path}", params=query))

    def post(
        self, path: str, body: Any, who: str = "admin", headers: dict[str, str] | None = None, method: str = "POST"
    ) -> Answer:
        """Send JSON from a page of this Airflow, or with other headers from elsewhere."""
        own = {"Origin": HOST, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
        content = body if isinstance(body, str) else json.dumps(body)
        client = self._clients[who]
        sent = own if headers is None else headers
        return self._answer(client.request(method, f"{DESK_PREFIX}/{path}", content=content, headers=sent))

    def documents(self, who: str = "admin", **query: Any) -> dict[str, Any]:
        """The list."""
        answer = self.get("api/documents", who, **query)
        assert answer.status == 200, answer.text
        listed: dict[str, Any] = answer.json
        return listed

    def numbers(self, who: str = "admin", **query: Any) -> list[str]:
        """The numbers of the documents in the list."""
        return [str(entry["number"]) for entry in self.documents(who, **query)["documents"]]

    @staticmethod
    def _answer(response: Any) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, response.text)


def open_desk(ledger_url: str, routes: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk over this ledger, with the routes of this folder.

    :param routes: where the routes `qondor_xero` and `other` are written; may hold them already.
    """
    for name, system in (("qondor_xero", "qondor"), ("other", "ixpole")):
        if not (routes / f"{name}.json").exists():
            (routes / f"{name}.json").write_text(json.dumps(route_file(name, system)))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(routes))
    monkeypatch.setenv("INVOICE_BRIDGE_REPORTS_DIR", str(routes / "reports"))
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", ledger_url)
    logins = PlayedLogins()  # type: ignore[no-untyped-call]
    monkeypatch.setattr("airflow.api_fastapi.app._AuthManagerState.instance", logins)
    monkeypatch.setattr("invoice_bridge.pages.access.teams_of", lambda ids: {one: TEAMS.get(one) for one in ids})
    return Desk()


def route_file(name: str, system: str = "qondor", **source: Any) -> dict[str, Any]:
    """A route to Xero as a file holds it."""
    return {
        "route": name,
        "source": {"system": system, "document_link": f"https://{system}.example/invoice/{{id}}", **source},
        "finance": {"system": "xero", "account_codes": {"VAT25": "200"}, "card_payment_account": "090"},
    }
