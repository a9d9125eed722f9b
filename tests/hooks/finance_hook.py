"""A hook of an invented system, for tests of what all hooks share."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from requests.auth import AuthBase

from invoice_bridge.hooks.http.authentication import RenewableAuth
from invoice_bridge.hooks.http.session import Answer, ApiHook

if TYPE_CHECKING:
    from requests import PreparedRequest


SECRET = "s3cret-Pa55word-of-finance"


class Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class RenewableBearer(RenewableAuth):
    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.tokens[0]}"
        return request

    def renew(self, refused: PreparedRequest) -> None:
        assert refused.headers["Authorization"] == f"Bearer {self.tokens.pop(0)}"


class FinanceHook(ApiHook):
    system: ClassVar[str] = "Finance"
    default_conn_name = "finance_default"
    auth: AuthBase = Bearer(SECRET)

    def authentication(self, connection: object) -> AuthBase:
        return self.auth

    def limit_of(self, answer: Answer) -> str:
        return answer.headers.get("X-Problem", "")

    def check(self) -> str:
        return str(self.call("GET", "/ping", what="saying hello").json())


class Clock:
    """Sleeps at once, and remembers."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def create(hook: FinanceHook) -> Answer:
    return hook.call("PUT", "/invoices", json={"number": "Q-10023"}, what="creating invoice Q-10023")


def read(hook: FinanceHook) -> Answer:
    return hook.call("GET", "/invoices/1", what="reading invoice 1")
