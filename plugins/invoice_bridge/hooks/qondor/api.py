"""What every call to Qondor has in common: access, pace, ids, and what a 404 means (contract qondor.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.address import AddressRules
from invoice_bridge.hooks.http.answers import cut
from invoice_bridge.hooks.http.authentication import HeaderAuth
from invoice_bridge.hooks.http.session import ApiHook
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    GarbledAnswerError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
)
from invoice_bridge_core.ports.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Connection
    from requests.auth import AuthBase

    from invoice_bridge.hooks.http.answers import Answer

    Body = Mapping[str, Any]
    JsonObject = dict[str, Any]

KEY_HEADER = "Ocp-Apim-Subscription-Key"
HOST_IS = "the base URL with its environment segment, such as …/Prod"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NoSuchPathError(NotFoundError):
    """The gateway before Qondor knows no such path: that says nothing about the thing that was asked for."""


class QondorApi(ApiHook):
    """A connection of type `qondor`.

    Its host is the whole base URL, environment segment included; its password is the subscription key.
    """

    system = "Qondor"
    not_processed = frozenset({429, 503})
    pace = Pace.per_second(10, per_day=100_000)
    address_rules = AddressRules(
        example="https://qondor.azure-api.net/Prod",
        own_paths="Invoicing|Customer|ContactPerson|Sale",
        not_the_api=r"((www|app|developer)\.)?qondor\.com|qondor\.(developer|portal)\.azure-api\.net",
        encrypted=r".+\.azure-api\.net|(.+\.)?qondor\.com",
    )

    default_conn_name = "qondor_default"
    conn_type = "qondor"
    hook_name = "Qondor"

    def authentication(self, connection: Connection) -> AuthBase:
        """The subscription key in its header.

        :raises ConfigurationError: the connection has no usable key.
        """
        key = connection.password or ""
        if not key or not key.isascii() or not key.isprintable():
            raise ConfigurationError(
                f"Connection {self.conn_id} (Qondor) has no usable password: the subscription key goes there"
            )
        return HeaderAuth(KEY_HEADER, key)

    def failure(self, answer: Answer, reasons: tuple[str, ...]) -> BridgeError:
        """A 404 of the gateway is told apart from one of Qondor's own, which means an unknown id."""
        error = super().failure(answer, reasons)
        if isinstance(error, NotFoundError) and (answer.is_page or _is_of_gateway(answer)):
            return answer.error(NoSuchPathError, error.text, of_write=answer.to_write)
        return error

    def read_one(self, path: str, params: Mapping[str, str] | None = None, *, what: str, called: str) -> JsonObject:
        """One entry of a register.

        :param called: what kind of thing it is, with its article.
        :raises NotFoundError: Qondor knows no such entry.
        :raises ConfigurationError: there is no such call at the connection's host.
        :raises UnreadableError: the answer is not an object.
        """
        try:
            return self.call("GET", path, params=params, what=what).json_object(called)
        except NoSuchPathError as error:
            raise self.wrong_host(error, HOST_IS) from error

    def read_entries(self, path: str, params: Mapping[str, str] | None = None, *, what: str) -> list[JsonObject]:
        """The entries of a register's list; none when there are none.

        :raises NotFoundError: Qondor itself says that what the list is about is not there.
        :raises ConfigurationError: there is no such list at the connection's host.
        :raises UnreadableError: the answer is not a list of objects.
        """
        try:
            answer = self.call("GET", path, params=params, what=what)
        except NoSuchPathError as error:
            raise self.wrong_host(error, HOST_IS) from error
        entries = answer.json_list()
        if not all(isinstance(entry, dict) for entry in entries):
            raise answer.error(GarbledAnswerError, f"Qondor's answer to {what} holds something that is not an object")
        return entries

    def insert(self, path: str, body: Body, *, what: str) -> None:
        """Make a new entry of a register. The same body twice makes two of them.

        :raises RefusedError: definitely not done.
        :raises ConfigurationError: there is no such call at the connection's host.
        :raises OutcomeUnknownError: it may be there: look for it before sending it again.
        """
        try:
            self.call("POST", path, json=body, what=what)
        except NoSuchPathError as error:
            raise self.wrong_host(error, HOST_IS) from error
        except NotFoundError as error:
            # A new entry has no id yet: something that its body names is not there.
            refused = RefusedError(error.text)
            refused.conn_id = self.conn_id
            raise refused from error

    def change(self, path: str, body: Body, *, what: str) -> None:
        """Change an entry of a register, which the body names; doing it twice does no harm.

        :raises NotFoundError: there is no such entry.
        :raises RefusedError: definitely not done.
        :raises ConfigurationError: there is no such call at the connection's host.
        :raises OutcomeUnknownError: it may have been changed.
        """
        try:
            self.call("PUT", path, json=body, what=what)
        except NoSuchPathError as error:
            raise self.wrong_host(error, HOST_IS) from error


def is_id(text: str) -> bool:
    """Whether the text can be an id of Qondor's, and stand in a path."""
    return _ID.fullmatch(text) is not None


def path_part(entry_id: str | int, called: str) -> str:
    """An id as a part of a path.

    :param called: what kind of thing has it: "payment".
    :raises NotFoundError: it cannot be an id.
    """
    text = str(entry_id)
    if not is_id(text):
        raise NotFoundError(f"Qondor has no {called} {cut(text, 60)!r}: that is not an id")
    return text


def named_in(body: Body) -> str:
    """How a body names the entry that it is about, for messages."""
    reference = body.get("externalReference")
    if body.get("id") is not None:
        return cut(str(body["id"]), 60)
    return f"of reference {cut(str(reference), 60)}" if reference else "without a reference"


def _is_of_gateway(answer: Answer) -> bool:
    """Whether Azure API Management answered itself: its errors hold `statusCode`, Qondor's ProblemDetails `status`."""
    try:
        body = answer.json()
    except (GarbledAnswerError, OutcomeUnknownError):
        return False
    return isinstance(body, dict) and "statusCode" in body
