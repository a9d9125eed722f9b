"""What every call to Xero has in common: access, tenant, limits, and elements that tell their own outcome."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlencode

from invoice_bridge.hooks.auth.oauth import REFRESH_TOKEN, ClientCredentials, RefreshToken, TokenEndpoint
from invoice_bridge.hooks.auth.token_hook import TokenHook
from invoice_bridge.hooks.http.address import AddressRules
from invoice_bridge.hooks.http.authentication import is_sendable
from invoice_bridge.hooks.http.failures import refusal_text
from invoice_bridge.hooks.http.pasted import machine_secret
from invoice_bridge.hooks.http.transport import REQUEST_ID_HEADERS
from invoice_bridge.hooks.xero.answers import listed, refusal_texts, written
from invoice_bridge.hooks.xero.where import QUERY_LIMIT
from invoice_bridge.hooks.xero.wire import XeroElement, XeroModel
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    CredentialsRefusedError,
    LimitReachedError,
    NeedsHumanError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Connection
    from requests.auth import AuthBase

    from invoice_bridge.hooks.auth.tokens import Grant
    from invoice_bridge.hooks.http.answers import Answer

TOKEN_URL = "https://identity.xero.com/connect/token"  # noqa: S105 - an address
SCOPES = "accounting.invoices accounting.payments accounting.contacts accounting.settings.read"
BASE = "api.xro/2.0/"
FORBIDDEN = 403
LONGEST_KEY = 128
"""Characters of an `Idempotency-Key`."""
LOW_DAY_LIMIT = 100
"""With fewer calls left of the day, a warning is logged."""
_DAY_DIGITS = 9
_SHORTEST_DAY_WAIT = dt.timedelta(minutes=5)

M = TypeVar("M", bound=XeroModel)
E = TypeVar("E", bound=XeroElement)


class XeroApi(TokenHook):
    """A connection of type `xero`: login and password are client id and secret.

    Extras: `tenant_id` (left out when blank), `token_url`, `scopes`, and `refresh_token` for organisations that cannot
    have a custom connection.
    """

    system: ClassVar[str] = "Xero"
    request_id_headers = ("xero-correlation-id", *REQUEST_ID_HEADERS)
    address_rules = AddressRules(
        example="https://api.xero.com",
        own_paths=r"api\.xro|connections|connect(/token)?",
        not_the_api=r"((www|go|login|identity|developer|central)\.)?xero\.com",
        encrypted=r".+\.xero\.com",
    )

    def authentication(self, connection: Connection) -> AuthBase:
        """A bearer token, by client credentials or from a rotating refresh token."""
        endpoint = TokenEndpoint(
            self.token_service(),
            self.extra_text("token_url", TOKEN_URL),
            connection.login or "",
            connection.password or "",
        )
        refresh_token = machine_secret(self.extra_text(REFRESH_TOKEN))
        grant: Grant = (
            RefreshToken(endpoint, refresh_token)
            if refresh_token
            else ClientCredentials(endpoint, self.extras.words("scopes", SCOPES))
        )
        return self.shared_token(grant)

    def limit_of(self, answer: Answer) -> str:
        """`minute`, `day` or `concurrent`."""
        return answer.headers.get("X-Rate-Limit-Problem", "").strip().lower()

    def failure(self, answer: Answer, reasons: tuple[str, ...]) -> BridgeError:
        """The day's limit is never waited for in place; a missing tenant is not taken for refused credentials."""
        error = super().failure(answer, reasons)
        if answer.status == FORBIDDEN:
            return self._no_organisation(answer, refusal_text(answer, reasons))
        if isinstance(error, LimitReachedError) and error.limit == "day" and error.retry_after is not None:
            error.retry_after = max(error.retry_after, _SHORTEST_DAY_WAIT)
        return error

    def reasons(self, answer: Answer) -> tuple[str, ...]:
        """The elements' validation errors; where there are none, the sentence above them."""
        return refusal_texts(answer) or super().reasons(answer)

    def after_answer(self, answer: Answer) -> None:
        """Note how many calls are left of the day; how many a day has depends on the tier."""
        left = answer.headers.get("X-DayLimit-Remaining", "").strip()
        if not left.isdecimal() or len(left) > _DAY_DIGITS:
            return
        self.observations.day_left = int(left)
        if int(left) < LOW_DAY_LIMIT:
            self.log.warning("Xero allows %s more calls today on connection %s", left, self.conn_id)
        else:
            self.log.debug("Xero allows %s more calls today", left)

    def read(
        self,
        path: str,
        name: str,
        model: type[M],
        *,
        what: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[M, ...]:
        """The elements of a list, or the one of an id, which comes as a list too.

        :raises NeedsHumanError: the question is longer than Xero's query strings may be.
        :raises ConfigurationError: there is no such list at the connection's host.
        """
        params = params or {}
        if len(urlencode(params)) > QUERY_LIMIT + 100:
            raise NeedsHumanError(f"{what[:1].upper()}{what[1:]}: the question is longer than Xero allows")
        answer = self._send("GET", path, params=params, headers={**self._tenant, **(headers or {})}, what=what)
        return listed(answer, name, model)

    def write(
        self,
        method: str,
        path: str,
        name: str,
        model: type[E],
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None,
        what: str,
        params: Mapping[str, str] | None = None,
        has_id: bool = True,
    ) -> E:
        """Send one element and return what Xero made of it; sent once.

        :param idempotency_key: for 6 minutes Xero answers the same key with the same answer, refusals too.
        :param has_id: whether Xero always tells the id of such an element.
        :raises RefusedError: definitely not carried out.
        :raises OutcomeUnknownError: it may have been carried out.
        """
        answer = self.send_elements(
            method, path, name, [body], idempotency_key=idempotency_key, what=what, params=params
        )
        return written(answer, name, model, has_id=has_id)

    def send_elements(
        self,
        method: str,
        path: str,
        name: str,
        bodies: Sequence[Mapping[str, Any]],
        *,
        idempotency_key: str | None,
        what: str,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send elements of which each answers for itself; sent once.

        :raises RefusedError: the whole request was refused.
        :raises OutcomeUnknownError: it may have been carried out.
        """
        return self._send(
            method,
            path,
            params={"summarizeErrors": "false", **(params or {})},
            json={name: list(bodies)},
            headers={**self._tenant, **_key_header(idempotency_key)},
            what=what,
        )

    @cached_property
    def _tenant(self) -> dict[str, str]:
        tenant = self.extra_text("tenant_id").strip("{}()[] ")
        if tenant and not is_sendable(tenant):
            raise ConfigurationError(
                f"Connection {self.conn_id} (Xero): extra tenant_id is not the id of an organisation, such as "
                "45e4708e-d862-4111-ab3a-dd8cd03913e1"
            )
        return {"xero-tenant-id": tenant} if tenant else {}

    def _no_organisation(self, answer: Answer, text: str) -> ConfigurationError:
        """The error for a 403: the token is good, but not for the organisation that the connection names, if any."""
        if not self._tenant:
            return answer.error(
                ConfigurationError,
                f"{text}; connection {self.conn_id} names no organisation: write its id into extra tenant_id, which "
                "only a custom connection can do without",
            )
        return answer.error(
            CredentialsRefusedError,
            f"{text}; check extra tenant_id of connection {self.conn_id}, and in Xero whether the app is still "
            "connected to that organisation",
        )

    def _send(self, method: str, path: str, **request: Any) -> Answer:
        """The answer to a call; 404 to a path without an id says that the host is another system's."""
        try:
            return self.call(method, BASE + path, **request)
        except NotFoundError as error:
            if "/" in path:
                raise
            raise self.wrong_host(error) from error


def _key_header(key: str | None) -> dict[str, str]:
    """The key itself, or its hash when it is longer than Xero accepts."""
    if key is None:
        return {}
    fitting = key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
    return {"Idempotency-Key": fitting}
