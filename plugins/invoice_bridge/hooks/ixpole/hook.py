"""iXpole's API (contract ixpole.md; seed 004)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.auth.oauth import ClientCredentials, TokenEndpoint
from invoice_bridge.hooks.auth.token_hook import TokenHook
from invoice_bridge.hooks.http.address import AddressRules, below
from invoice_bridge.hooks.http.answers import cut
from invoice_bridge_core.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Connection
    from requests.auth import AuthBase

    from invoice_bridge.hooks.http.answers import Answer

INSTALMENTS = "api/instalments"
CUSTOMERS = ("api/customer", "api/customers")
"""The seed writes the path in both ways: the first is for reading, the second for changing."""
PRODUCTS = "api/products"
TOKEN_PATH = "oauth/token"  # noqa: S105 - a path

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


class IxpoleHook(TokenHook):
    """One method per verb of iXpole's API; what the answers mean is the business of `systems.ixpole`.

    A connection of type `ixpole`: the host is the tenant's base URL, login and password are client id and secret.
    Extras: `token_url`, and `api_version_header` with `api_version`, which are sent only when both are set.
    """

    system = "iXpole"
    not_processed = frozenset({429, 503})
    address_rules = AddressRules(
        example="https://your-subdomain.ixpole.com",
        own_paths=r"api/(instalments|customers?|products)|oauth(/token)?",
        not_the_api=r"((www|your-subdomain)\.)?ixpole\.com",
        encrypted=r".+\.ixpole\.com",
    )

    default_conn_name = "ixpole_default"
    conn_type = "ixpole"
    hook_name = "iXpole"

    def authentication(self, connection: Connection) -> AuthBase:
        """A bearer token for the client's own credentials, which go into the form."""
        own_url = self.extra_text("token_url")
        endpoint = TokenEndpoint(
            self.token_service(),
            own_url or below(self.address, TOKEN_PATH),
            connection.login or "",
            connection.password or "",
            secret_in_form=True,
            setting="token_url" if own_url else "host",
        )
        return self.shared_token(ClientCredentials(endpoint))

    def instalments(self) -> list[Any]:
        """Every instalment that needs an invoice, whole; one call, there are no pages.

        :raises ConfigurationError: the host is not a tenant's base URL.
        :raises UnreadableError: the answer is not an array.
        """
        return self.read_list(
            INSTALMENTS,
            what="listing the instalments",
            host_is="the tenant's base URL, such as https://your-subdomain.ixpole.com",
            headers=self._api_version(),
        )

    def customer(self, customer_id: str) -> dict[str, Any]:
        """One customer.

        :raises NotFoundError: there is no such id.
        :raises UnreadableError: the answer is not an object.
        """
        what = f"reading customer {cut(customer_id, 60)}"
        part = _path_part(customer_id, "customer")
        return self._send_to_either("GET", CUSTOMERS, part, what=what).json_object()

    def set_customer_code(self, customer_id: str, code: str) -> None:
        """Store the accounting system's code of the customer (seed 004, step 2). Safe to repeat."""
        what = f"storing the code of customer {cut(customer_id, 60)}"
        part = _path_part(customer_id, "customer")
        self._send_to_either("PATCH", CUSTOMERS[::-1], part, json={"CustomerCode": code}, what=what)

    def product(self, product_id: str) -> dict[str, Any]:
        """One product.

        :raises NotFoundError: there is no such id.
        :raises UnreadableError: the answer is not an object.
        """
        what = f"reading product {cut(product_id, 60)}"
        return self._send("GET", f"{PRODUCTS}/{_path_part(product_id, 'product')}", what=what).json_object()

    def update_instalment(self, body: Mapping[str, Any]) -> None:
        """Write back what became of the instalment that `InstalmentCode` names (seed 004, step 4). Safe to repeat."""
        what = f"the write-back of instalment {cut(str(body.get('InstalmentCode')), 60)}"
        self._send("PUT", INSTALMENTS, json=body, what=what)

    def check(self) -> str:
        """List the instalments."""
        return f"iXpole answered; instalments waiting: {len(self.instalments())}"

    def _send_to_either(
        self, method: str, paths: tuple[str, ...], part: str, *, json: object = None, what: str
    ) -> Answer:
        """The answer of the first of two paths that exists; 404 means that nothing was done."""
        try:
            return self._send(method, f"{paths[0]}/{part}", json=json, what=what)
        except NotFoundError:
            return self._send(method, f"{paths[1]}/{part}", json=json, what=what)

    def _send(self, method: str, path: str, *, json: object = None, what: str) -> Answer:
        return self.call(method, path, json=json, headers=self._api_version(), what=what)

    def _api_version(self) -> dict[str, str]:
        """The header that chooses the API version; its name is not public, so it is a setting."""
        name, version = self.extra_text("api_version_header"), self.extra_text("api_version")
        if not name or not version:
            return {}
        if not _HEADER_NAME.fullmatch(name) or name.casefold() in ("authorization", "host", "content-length"):
            raise ConfigurationError(
                f"Connection {self.conn_id} (iXpole): extra api_version_header is not a header's name"
            )
        return {name: version}


def _path_part(identifier: str, kind: str) -> str:
    if not _ID.fullmatch(identifier):
        raise NotFoundError(f"iXpole has no {kind} {cut(identifier, 60)!r}: that is not an id")
    return identifier
