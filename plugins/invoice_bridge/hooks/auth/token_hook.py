"""An API whose requests are signed with tokens that task processes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.auth.token_service import TokenService
from invoice_bridge.hooks.auth.tokens import MemoryTokenStore, TokenAuth
from invoice_bridge.hooks.http.session import ApiHook

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.tokens import Grant, TokenStore


class TokenHook(ApiHook):
    """What the hooks of systems with access tokens share.

    :param conn_id: the connection, the system's default one when left out.
    :param tokens: where task processes share access tokens; this process alone when left out.
    :param options: see `ApiHook`.
    """

    def __init__(self, conn_id: str | None = None, *, tokens: TokenStore | None = None, **options: Any) -> None:
        super().__init__(conn_id, **options)
        self._tokens = tokens if tokens is not None else MemoryTokenStore()

    def token_service(self) -> TokenService:
        """The way to the identity service; its session signs nothing."""
        return TokenService(self.open_transport(), sleep=self._sleep)

    def shared_token(self, grant: Grant) -> TokenAuth:
        """Signs with the connection's token, which all processes share. Its name in the store must never change."""
        return TokenAuth(grant, self._tokens, name=f"{self.conn_type}:{self.conn_id}")
