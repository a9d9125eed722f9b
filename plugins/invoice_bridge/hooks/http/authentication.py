"""What signs requests, and what a header can carry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from requests.auth import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest

AUTHORIZATION = "Authorization"
BEARER = "Bearer "


class HeaderAuth(AuthBase):
    """Signs requests with one header that never changes: a key, or a token that lives until somebody withdraws it."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign the request."""
        request.headers[self._header] = self._value
        return request


class RenewableAuth(AuthBase, ABC):
    """Signs requests with something that can be replaced when the API refuses it."""

    @abstractmethod
    def renew(self, refused: PreparedRequest) -> None:
        """Replace what that request was signed with, unless another thread or process has done so already."""


def unsigned(request: PreparedRequest) -> PreparedRequest:
    """Leave the request as it is; without this, `requests` signs with what it finds in a .netrc file."""
    return request


def bearer(token: str) -> str:
    """The `Authorization` header's value for an access token."""
    return f"{BEARER}{token}"


def token_of(request: PreparedRequest) -> str:
    """The token in the request's `Authorization` header, whatever its scheme; empty when there is none."""
    return str(request.headers.get(AUTHORIZATION) or "").rpartition(" ")[2]


def is_sendable(token: str) -> bool:
    """Whether a header can carry the token."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token
