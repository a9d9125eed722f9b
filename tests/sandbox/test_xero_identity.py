"""Tokens, scopes and the tenant (xero.md, "Access")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import requests

    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient


def _refresh(xero: XeroClient, token: str) -> requests.Response:
    return xero.token(grant_type="refresh_token", refresh_token=token)


def test_a_custom_connection_gets_no_refresh_token(xero: XeroClient) -> None:
    answer = xero.token().json()

    assert answer["expires_in"] == 1800
    assert answer["token_type"] == "Bearer"
    assert "refresh_token" not in answer


def test_a_wrong_secret_and_an_unknown_scope_are_named(xero: XeroClient) -> None:
    assert xero.token(scope="accounting.everything").json() == {"error": "invalid_scope"}
    xero.connection["password"] = "wrong"
    response = xero.token()
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})


def test_a_refresh_token_rotates_at_every_use(sandbox: Sandbox, xero: XeroClient) -> None:
    first = sandbox.xero.identity.consent()
    second = _refresh(xero, first).json()["refresh_token"]
    third = _refresh(xero, second).json()["refresh_token"]

    assert len({first, second, third}) == 3
    refused = _refresh(xero, first)
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})


def test_the_previous_refresh_token_works_for_half_an_hour(sandbox: Sandbox, xero: XeroClient) -> None:
    first = sandbox.xero.identity.consent()
    lost = _refresh(xero, first).json()["refresh_token"]
    sandbox.clock.advance(29 * 60)
    again = _refresh(xero, first)

    assert again.status_code == 200
    assert _refresh(xero, lost).status_code == 400  # two workers refreshed at once: only one of their tokens lives on
    sandbox.clock.advance(2 * 60)
    assert _refresh(xero, first).status_code == 400
    assert _refresh(xero, again.json()["refresh_token"]).status_code == 200


def test_an_access_token_expires(sandbox: Sandbox, xero: XeroClient) -> None:
    assert xero.call("GET", "Organisation").status_code == 200
    sandbox.clock.advance(1801)

    assert xero.call("GET", "Organisation").status_code == 401
    xero.sign_in()
    assert xero.call("GET", "Organisation").status_code == 200


@pytest.mark.parametrize("tenant", [None, "someone-else"])
def test_another_tenant_is_forbidden(xero: XeroClient, tenant: str | None) -> None:
    assert xero.call("GET", "Organisation", headers={"xero-tenant-id": tenant}).status_code == 403


def test_a_missing_scope_is_a_401_that_no_new_token_cures(xero: XeroClient) -> None:
    xero.sign_in(scope="accounting.contacts accounting.invoices.read")

    assert xero.call("GET", "Contacts").status_code == 200
    assert xero.call("GET", "Invoices").status_code == 200
    assert xero.call("PUT", "Invoices", json={"Invoices": [{}]}).status_code == 401
    assert xero.call("GET", "Payments").status_code == 401
