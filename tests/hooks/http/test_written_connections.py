"""Connections as people write them: what was pasted along is left out, and what is wrong is said in one sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.hooks.http.address import AddressRules, base_url
from invoice_bridge.hooks.http.pasted import machine_secret
from invoice_bridge.hooks.ixpole.hook import IxpoleHook
from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge.hooks.http.session import ApiHook
    from tests.hooks.scripted_server import ScriptedServer

HOOKS = {hook.conn_type: hook for hook in (IxpoleHook, QondorHook, QuiddlyHook, XeroHook)}
KEY = "0f3c2a9d-hidden-5b1e"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ApiHook]:
    """A hook whose connection stands in the environment like this."""

    def write(system: str, value: str | None = None, **fields: Any) -> ApiHook:
        text = value if value is not None else json.dumps({"conn_type": system, "password": KEY, **fields})
        monkeypatch.setenv(f"AIRFLOW_CONN_{system.upper()}_DEFAULT", text)
        return HOOKS[system]()

    return write


@pytest.mark.parametrize(
    ("system", "host", "address"),
    [
        ("xero", "https://api.xero.com/api.xro/2.0", "https://api.xero.com"),
        ("xero", "https://api.xero.com/api.xro/2.0/", "https://api.xero.com"),
        ("xero", "https://api.xero.com/API.XRO/2.0/Invoices", "https://api.xero.com"),
        ("xero", "https://api.xero.com/api.xro", "https://api.xero.com"),
        ("xero", "https://api.xero.com/connections", "https://api.xero.com"),
        ("xero", " https://api.xero.com/ \n", "https://api.xero.com"),
        ("xero", "HTTPS://api.xero.com", "https://api.xero.com"),
        ("xero", '"https://api.xero.com"', "https://api.xero.com"),
        ("xero", "<https://api.xero.com>", "https://api.xero.com"),
        ("xero", "https://https://api.xero.com", "https://api.xero.com"),
        ("xero", "https://api.xero.com\u200b", "https://api.xero.com"),
        ("qondor", "https://qondor.azure-api.net/Prod/Invoicing/v1", "https://qondor.azure-api.net/Prod"),
        (
            "qondor",
            "https://qondor.azure-api.net/Prod/Customer/v1/Customer/GetAll",
            "https://qondor.azure-api.net/Prod",
        ),
        ("qondor", "https://qondor.azure-api.net/Prod/ContactPerson/v1/", "https://qondor.azure-api.net/Prod"),
        ("qondor", "https://qondor.azure-api.net/Test/sale/v1/Sale", "https://qondor.azure-api.net/Test"),
        ("qondor", "https://qondor.azure-api.net/Prod/invoicing/v1/Invoice/", "https://qondor.azure-api.net/Prod"),
        ("qondor", "https://qondor.azure-api.net//Prod//", "https://qondor.azure-api.net/Prod"),
        ("ixpole", "https://club.ixpole.com/api/instalments", "https://club.ixpole.com"),
        ("ixpole", "https://club.ixpole.com/oauth/token", "https://club.ixpole.com"),
        ("ixpole", "https://gateway.example/api", "https://gateway.example/api"),
        ("quiddly", "https://oslo.example/v2/invoices", "https://oslo.example/v2"),
        ("quiddly", "https://oslo.example/authenticate", "https://oslo.example"),
    ],
)
def test_the_base_url_is_found_in_what_was_copied(
    written: Callable[..., ApiHook], system: str, host: str, address: str
) -> None:
    assert written(system, host=host).address == address


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"host": "qondor.example/Prod", "schema": "HTTPS"}, "https://qondor.example/Prod"),
        ({"host": "qondor.example", "schema": "https://"}, "https://qondor.example"),
        ({"host": "https://qondor.example", "schema": "https"}, "https://qondor.example"),
        ({"host": "https://qondor.example", "schema": "Prod"}, "https://qondor.example/Prod"),
        ({"host": "https://qondor.example:8443", "port": 8443}, "https://qondor.example:8443"),
        ({"host": "https://qondor.example/Prod", "port": 8443}, "https://qondor.example:8443/Prod"),
        ({"host": "http://qondor-proxy:8080/Prod"}, "http://qondor-proxy:8080/Prod"),
    ],
)
def test_scheme_and_port_may_stand_in_their_fields(
    written: Callable[..., ApiHook], fields: dict[str, Any], address: str
) -> None:
    assert written("qondor", **fields).address == address


@pytest.mark.parametrize(
    ("system", "fields", "complaint"),
    [
        ("xero", {"host": "https://go.xero.com"}, "host go.xero.com is a site of Xero's for people"),
        ("xero", {"host": "https://identity.xero.com/connect/token"}, "The base URL looks like https://api.xero.com"),
        ("qondor", {"host": "https://app.qondor.com"}, "host app.qondor.com is a site of Qondor's for people"),
        ("ixpole", {"host": "https://www.ixpole.com"}, "a site of iXpole's for people"),
        ("xero", {"host": "http://api.xero.com"}, "begins with http://, and Xero is called by https:// alone"),
        ("qondor", {"host": "http://qondor.azure-api.net/Prod"}, "begins with http://"),
        ("qondor", {"host": "https://q.example:1/Prod", "port": 2}, "says port 1, its field port 2"),
        ("qondor", {"host": "https://q.example/Prod", "port": 70000}, "its port 70000 is none"),
        ("qondor", {"host": "https://q.example/Prod?subscription-key=hidden"}, "is not a base URL"),
        ("qondor", {"host": "https://q.example/https://hidden.example"}, "is not a base URL"),
        ("qondor", {"host": ""}, "has no host.*such as https://qondor.azure-api.net/Prod"),
        ("xero", {"host": "api.xero.com"}, "does not begin with https://, such as https://api.xero.com"),
        (
            "xero",
            {"host": "https://api.xero.com", "conn_type": "qondor"},
            "is of type qondor, and has to be of type xero",
        ),
        ("xero", {"host": "https://api.xero.com", "conn_type": "postgres"}, "has to be of type xero"),
        ("qondor", {"host": "https://q.example/Prod", "password": "*****"}, "only the stars"),
        ("qondor", {"host": "https://q.example/Prod", "password": "ab\ufffd"}, "its password cannot be decoded"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    written: Callable[..., ApiHook], system: str, fields: dict[str, Any], complaint: str
) -> None:
    hook = written(system, **fields)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        _ = hook.address
    assert str(caught.value).startswith(f"Connection {system}_default (")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("conn_type", ["http", "", "HTTP", "generic"])
def test_a_type_that_says_nothing_does_no_harm(written: Callable[..., ApiHook], conn_type: str) -> None:
    assert written("xero", host="https://api.xero.com", conn_type=conn_type).address == "https://api.xero.com"


URI = "no URI that Airflow understands.*/ is written %2F"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (f"qondor://:{KEY}@http://127.0.0.1:80/qondor", URI),
        (f"qondor://:{KEY}/part@https%3A%2F%2Fq.example", URI),
        (f"qondor://:{KEY}#part@https%3A%2F%2Fq.example", URI),
        (f"qondor://:{KEY}@https://q.example://x", URI),
        ("", "holds nothing"),
        ('{"conn_type": "qondor", "password": "hidden",}', r"no valid JSON \(line 1, column \d+\)"),
        ("{'conn_type': 'qondor', 'password': 'hidden'}", "double quotes"),
        ('{"conn_type": "qondor", "hostname": "hidden"}', "the unknown field 'hostname'"),
        ('{"conn_type": "qondor", "port": "hidden"}', "a port that is no number"),
    ],
)
def test_what_cannot_be_read_is_not_called_missing(written: Callable[..., ApiHook], value: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        _ = written("qondor", value).address
    assert str(caught.value).startswith("Connection qondor_default (Qondor) cannot be read: environment variable ")
    assert "AIRFLOW_CONN_QONDOR_DEFAULT" in str(caught.value)
    assert "hidden" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_a_uri_that_lost_a_part_of_its_key_is_said(written: Callable[..., ApiHook]) -> None:
    with pytest.raises(ConfigurationError, match=r"its password cannot be decoded. In a URI, % is written %25"):
        _ = written("qondor", "qondor://:ab%ffcd@https%3A%2F%2Fq.example").address


def test_the_path_of_a_uri_belongs_to_the_address(written: Callable[..., ApiHook]) -> None:
    hook = written("qondor", f"qondor://:{KEY}@https%3A%2F%2Fqondor.azure-api.net/Prod")
    assert hook.address == "https://qondor.azure-api.net/Prod"


BLANKS = st.text(" \t\r\n\u00a0\u200b\ufeff\u00ad", max_size=4)
KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.~/+=-]{6,40}[A-Za-z0-9=]", fullmatch=True)


@given(
    key=KEYS,
    before=BLANKS,
    after=BLANKS,
    quotes=st.sampled_from([("", ""), ('"', '"'), ("'", "'"), ("“", "”"), ("<", ">")]),
    header=st.sampled_from(["", "Bearer ", "bearer  ", "Authorization: Bearer ", "Ocp-Apim-Subscription-Key: "]),
    hidden=st.sampled_from(["", "\u200b", "\u00ad"]),
)
def test_a_key_is_read_without_what_was_pasted_around_it(
    key: str, before: str, after: str, quotes: tuple[str, str], header: str, hidden: str
) -> None:
    inside = f"{key[:3]}{hidden}{key[3:]}"
    assert machine_secret(f"{before}{quotes[0]}{header}{inside}{quotes[1]}{after}") == key
    assert machine_secret(f"{header}{quotes[0]}{inside}{quotes[1]}{after}") == key


def test_keys_arrive_as_their_systems_gave_them_out(written: Callable[..., ApiHook], server: ScriptedServer) -> None:
    from tests.hooks.scripted_server import reply

    server.answers(reply([]))
    qondor = written("qondor", host=server.url, password=f'  "{KEY}"\n')
    quiddly = written("quiddly", host=server.url, password=f"Bearer {KEY}\u200b")
    qondor.check()
    quiddly.check()
    assert server.seen[0].headers["Ocp-Apim-Subscription-Key"] == KEY
    assert server.seen[1].headers["Authorization"] == f"Bearer {KEY}"


def test_a_users_password_keeps_its_quotes(written: Callable[..., ApiHook], server: ScriptedServer) -> None:
    from tests.hooks.scripted_server import reply

    server.answers(reply({"idToken": "token-1"}), reply([]))
    written("quiddly", host=server.url, login=" user\n", password='"Bearer it"\n').check()
    assert json.loads(server.seen[0].body) == {"username": "user", "password": '"Bearer it"'}


@pytest.mark.parametrize("tenant", ["T-1", "{T-1}", " T-1 ", '"T-1"', "\u200bT-1"])
def test_a_tenant_is_sent_without_braces(written: Callable[..., ApiHook], server: ScriptedServer, tenant: str) -> None:
    from tests.hooks.scripted_server import reply

    server.answers(reply({"access_token": "token-1", "expires_in": 1800}), reply({"Organisations": [{"Name": "Oslo"}]}))
    extra = {"tenant_id": tenant, "token_url": f"{server.url}/token"}
    written("xero", host=server.url, login="id", extra=extra).check()
    assert server.seen[1].headers["xero-tenant-id"] == "T-1"


def test_a_tenant_that_no_header_carries_is_named(written: Callable[..., ApiHook], server: ScriptedServer) -> None:
    from tests.hooks.scripted_server import reply

    server.answers(reply({"access_token": "token-1", "expires_in": 1800}))
    extra = {"tenant_id": "Oslo Økonomi", "token_url": f"{server.url}/token"}
    with pytest.raises(ConfigurationError, match=r"xero_default \(Xero\): extra tenant_id is not the id of"):
        written("xero", host=server.url, login="id", extra=extra).check()


def test_nothing_is_cut_off_an_address_of_an_unknown_system() -> None:
    from airflow.sdk import Connection

    connection = Connection(conn_id="acme", conn_type="acme", host="https://acme.example/api.xro/2.0/")
    assert base_url(connection, "acme", "Acme", AddressRules()) == "https://acme.example/api.xro/2.0"
