from __future__ import annotations

import datetime as dt
import ssl
from typing import TYPE_CHECKING

import pytest
import requests

from invoice_bridge_core.errors import ConfigurationError
from tests.hooks.finance_hook import Bearer, FinanceHook, create, read
from tests.hooks.scripted_server import ScriptedServer, reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def certificate(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_a_certificate_that_cannot_be_trusted_is_a_setting_to_mend(
    connect: Callable[..., FinanceHook], tmp_path: Path
) -> None:
    from tests.hooks.scripted_server import ScriptedServer

    server = ScriptedServer()
    server.encrypt(certificate(tmp_path))
    with server.running(), pytest.raises(ConfigurationError, match=r"certificate of Finance.*finance_default"):
        create(connect(server.url))
    assert server.seen == []


def test_https_to_a_port_that_speaks_http_is_a_setting_to_mend(
    connect: Callable[..., FinanceHook], server: ScriptedServer
) -> None:
    with pytest.raises(ConfigurationError, match="does not speak TLS"):
        create(connect(server.url.replace("http:", "https:")))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "has no host"),
        ({"host": "  "}, "has no host"),
        ({"host": "finance.example/Prod"}, "does not begin with https://"),
        ({"host": "ftp://finance.example"}, "does not begin with https://"),
        ({"host": "https://user:hidden@finance.example"}, "do not belong in its host"),
        ({"host": "https://"}, "is not a base URL"),
        (
            {"host": "https://finance.example/hidden?key=hidden"},
            "its host, at https://finance.example, is not a base URL",
        ),
        ({"host": "finance.example?key=hidden"}, "does not begin with https://"),
        ({"host": "https://finance.example:port"}, "is not an address"),
        ({"host": "https://[half"}, "is not an address"),
        ({"host": "https://finance .example"}, "is not a base URL"),
        ({"host": "https://" + "a" * 300 + ".example"}, "finance_default"),
    ],
)
def test_a_host_that_is_none_is_named(
    connect: Callable[..., FinanceHook], settings: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        read(connect(**settings))
    assert "finance_default" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_port_and_path_of_the_host_are_kept(connect: Callable[..., FinanceHook], server: ScriptedServer) -> None:
    port = server.url.rpartition(":")[2]
    create(connect("127.0.0.1/Prod/", schema="http", port=int(port)))
    assert server.seen[0].path == "/Prod/invoices"


def test_a_connection_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_FINANCE_DEFAULT", raising=False)
    hook = FinanceHook("nowhere_to_be_found")
    with pytest.raises(ConfigurationError, match=r"nowhere_to_be_found \(Finance\) does not exist"):
        read(hook)
    assert hook.test_connection() == (False, "Connection nowhere_to_be_found (Finance) does not exist in Airflow")


def test_a_key_that_no_header_can_carry_is_named_without_being_shown(
    connect: Callable[..., FinanceHook], server: ScriptedServer
) -> None:
    for key in ("schlüssel-ключ", "two\nlines"):
        hook = connect(server.url)
        hook.auth = Bearer(key)
        with pytest.raises(ConfigurationError, match="finance_default") as caught:
            create(hook)
        assert key not in repr(caught.value)
        assert caught.value.__cause__ is None
    assert server.seen == []


@pytest.mark.parametrize(
    ("scheme", "extra", "complaint"),
    [
        ("https", {"verify": "/nowhere/to/be/found.pem", "trust_env": False}, "a certificate file that does not exist"),
        ("http", {"cert": "/nowhere/to/be/found.pem"}, "a certificate file that does not exist"),
        ("http", {"proxies": {"http": "http://[hidden"}}, "finance_default"),
    ],
)
def test_a_setting_that_keeps_the_request_from_being_sent_is_to_mend(
    connect: Callable[..., FinanceHook], server: ScriptedServer, scheme: str, extra: dict[str, object], complaint: str
) -> None:
    hook = connect(server.url.replace("http", scheme), extra=extra)
    for call in (create, read):
        with pytest.raises(ConfigurationError, match=complaint) as caught:
            call(hook)
        assert "hidden" not in str(caught.value)
    assert (server.seen, hook.calls) == ([], 0)


def test_test_connection_tells_what_is_wrong(hook: FinanceHook, server: ScriptedServer) -> None:
    server.answers(reply("hello"))
    assert hook.test_connection() == (True, "hello")
    server.answers(reply({"message": "wrong key"}, 401))
    works, text = hook.test_connection()
    assert (works, "wrong key" in text) == (False, True)


def test_the_environments_proxy_is_used_and_looked_up_once(
    connect: Callable[..., FinanceHook], server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    looked_up: list[str] = []
    real = requests.sessions.get_environ_proxies

    def look_up(url: str, no_proxy: str | None = None) -> dict[str, str]:
        looked_up.append(url)
        return dict(real(url, no_proxy=no_proxy))

    monkeypatch.setattr(requests.sessions, "get_environ_proxies", look_up)
    server.answers(reply({"n": 1}), reply({"n": 2}))
    hook = connect("http://finance.example")
    assert [read(hook).json(), read(hook).json()] == [{"n": 1}, {"n": 2}]
    assert len(server.seen) == 2
    assert len(looked_up) == 1
