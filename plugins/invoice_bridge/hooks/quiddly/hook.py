"""Quiddly's API: one method per verb (contract quiddly.md; seed 003)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from invoice_bridge.hooks.auth.token_hook import TokenHook
from invoice_bridge.hooks.http.address import AddressRules
from invoice_bridge.hooks.http.answers import MAY_BE_DONE
from invoice_bridge.hooks.http.authentication import AUTHORIZATION, HeaderAuth, bearer, is_sendable
from invoice_bridge.hooks.http.pasted import trimmed
from invoice_bridge.hooks.quiddly.login import PasswordLogin
from invoice_bridge.hooks.quiddly.wire import read_invoice, read_invoices, read_payments
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    GarbledAnswerError,
    NotFoundError,
    NumberTakenError,
    OutcomeUnknownError,
    RefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Connection
    from requests.auth import AuthBase

    from invoice_bridge.hooks.http.answers import Answer
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice, QuiddlyPayment

VOUCHERS = "/vouchers"

_TAKEN = re.compile(r"already|duplicate|unique|taken|in use|\bexists\b")


class ConflictError(RefusedError):
    """A 409: what was asked for is there, or done, already."""


class QuiddlyHook(TokenHook):
    """A connection of type `quiddly`. With a login, login and password sign in; without one, the password is a token.

    Extra: `client_id`, the client whom the invoices are issued for, in an ERP that several clients share.

    Every write is sent once: it returns what Quiddly made of it, or raises `RefusedError` (definitely not done) or
    `OutcomeUnknownError` (look before sending it again).
    """

    system: ClassVar[str] = "Quiddly"
    # What a 503 means is only assumed, and an activation that was carried out cannot be undone.
    not_processed = frozenset({429})
    address_rules = AddressRules(
        example="https://{alias}api.{domain}",
        own_paths="authenticate|invoices|vouchers",
        not_the_api=r"aliasapi\.domain",
    )

    conn_type: ClassVar[str] = "quiddly"  # type: ignore[misc]
    hook_name: ClassVar[str] = "Quiddly"  # type: ignore[misc]
    default_conn_name: ClassVar[str] = "quiddly_default"  # type: ignore[misc]

    def authentication(self, connection: Connection) -> AuthBase:
        """A bearer token: the connection's own, or one of its user that is renewed every day.

        :raises ConfigurationError: the connection has no usable password.
        """
        user, password = connection.login or "", connection.password or ""
        if user and password:
            return self.shared_token(PasswordLogin(self.token_service(), self.address, user, password))
        if not is_sendable(password):
            wanted = "the user's password" if user else "the service token, or with a login its password,"
            raise ConfigurationError(f"Connection {self.conn_id} (Quiddly) has no usable password: {wanted} goes there")
        return HeaderAuth(AUTHORIZATION, bearer(password))

    @property
    def client_id(self) -> str | None:
        """The client whom the invoices are issued for, where several share the ERP."""
        return self.extra_text("client_id") or None

    def clean_password(self, login: str, password: str) -> str:
        """A user's password may hold quotes, and characters that no machine's has."""
        return trimmed(password) if login else super().clean_password(login, password)

    def create_invoice(self, body: Mapping[str, Any]) -> QuiddlyInvoice:
        """Create an invoice or credit; nobody is told of it before it is activated.

        :raises NumberTakenError: the number exists.
        :raises ConfigurationError: there is no such call at the connection's host.
        :raises OutcomeUnknownError: it may have been created.
        """
        what = f"creating invoice {body.get('invoiceNumber')}"
        try:
            answer = self.call("POST", "/invoices", json=body, what=what)
        except NotFoundError as error:
            raise self.wrong_host(error) from error
        except RefusedError as error:
            if isinstance(error, ConflictError) or any(map(_says_number_taken, error.reasons)):
                raise NumberTakenError.out_of(error) from error
            raise
        return _written(answer)

    def activate_invoice(self, invoice_id: str, body: Mapping[str, Any] | None = None) -> QuiddlyInvoice:
        """Send the invoice out to its debtor, which cannot be undone.

        :param body: settings that replace those of the invoice; ideally none (seed 003).
        :raises ConflictError: it has been activated before.
        :raises OutcomeUnknownError: it may have been activated.
        """
        path = f"/invoices/{quote(invoice_id, safe='')}/activate"
        return _written(self.call("PUT", path, json=body or {}, what=f"activating invoice {invoice_id}"))

    def invoice(self, invoice_id: str, path: str) -> QuiddlyInvoice:
        """One invoice by its id.

        :param path: where one is read, with `{id}` in the id's place.
        :raises NotFoundError: there is none.
        """
        what = f"reading invoice {invoice_id}"
        return read_invoice(self.call("GET", _filled(path, "{id}", invoice_id), what=what))

    def invoices_numbered(self, number: str, path: str) -> tuple[QuiddlyInvoice, ...]:
        """The invoices of a number, which Quiddly keeps unique; none when there is none.

        :param path: where a number is looked for, with `{number}` in the number's place.
        :raises ConfigurationError: the API has no such call.
        """
        try:
            answer = self.call("GET", _filled(path, "{number}", number), what=f"looking for invoice {number}")
        except NotFoundError as error:
            # It does not mean "no such number": that is an empty list, after which the invoice would be created again.
            raise ConfigurationError(f"{error}; check the route's invoice_search_path") from error
        return read_invoices(answer)

    def invoices_listed(self, path: str, page: int) -> tuple[QuiddlyInvoice, ...]:
        """One page of all invoices, counted from 1; none after the last one.

        :param path: where they are listed, with `{page}` in the place of the page's number.
        :raises ConfigurationError: the API has no such call.
        """
        try:
            answer = self.call("GET", _filled(path, "{page}", str(page)), what=f"listing the invoices, page {page}")
        except NotFoundError as error:
            raise ConfigurationError(f"{error}; check the route's invoice_list_path") from error
        return read_invoices(answer)

    def invoice_pdf(self, invoice_id: str, path: str) -> bytes:
        """An invoice as a PDF.

        :param path: where it is fetched, with `{id}` in the id's place.
        :raises GarbledAnswerError: the answer is none, or not a whole one.
        """
        what = f"fetching the PDF of invoice {invoice_id}"
        answer = self.call("GET", _filled(path, "{id}", invoice_id), accept="application/pdf", what=what)
        return answer.pdf()

    def payments_for_export(self, page: int = 1, limit: int = 100) -> tuple[QuiddlyPayment, ...]:
        """One page of the payments that wait, counted from 1. Marking a payment moves the rest up a place."""
        what = f"listing the payments, page {page}"
        params = {"page": str(page), "limit": str(limit)}
        return read_payments(self.call("GET", f"{VOUCHERS}/external/export/payments", params=params, what=what))

    def mark_exported(self, payment_id: str, external_id: str) -> None:
        """Tell Quiddly under which id we know the payment; it leaves the list."""
        self._put_voucher(payment_id, "export", {"externalId": external_id}, "exported")

    def failure(self, answer: Answer, reasons: tuple[str, ...]) -> BridgeError:
        """A 409 is a refusal of its own kind."""
        error = super().failure(answer, reasons)
        return answer.error(ConflictError, error.text, reasons=reasons) if answer.status == 409 else error

    def check(self) -> str:
        """Ask for one payment that waits, which changes nothing."""
        self.payments_for_export(limit=1)
        client = f" for client {self.client_id}" if self.client_id else ""
        return f"Quiddly answered{client}"

    def _put_voucher(self, payment_id: str, verb: str, body: dict[str, str], state: str) -> None:
        path = f"{VOUCHERS}/{quote(payment_id, safe='')}/external/{verb}"
        self.call("PUT", path, json=body, what=f"marking payment {payment_id} as {state}")


def _written(answer: Answer) -> QuiddlyInvoice:
    try:
        return read_invoice(answer)
    except GarbledAnswerError as error:
        raise OutcomeUnknownError(f"{error.text}; {MAY_BE_DONE}") from error


def _says_number_taken(reason: str) -> bool:
    """Whether it is the invoice's own number that exists, and not that of the invoice which a credit names."""
    text = reason.casefold()
    return "invoice" in text and "number" in text and "debit" not in text and bool(_TAKEN.search(text))


def _filled(path: str, place: str, value: str) -> str:
    return path.replace(place, quote(value, safe=""))
