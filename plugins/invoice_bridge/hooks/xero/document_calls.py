"""Invoices and credit notes by the fifty: one call, in which each answers for itself (contract xero.md, "Writing")."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge.hooks.http.exact_json import read_json
from invoice_bridge.hooks.http.failures import PASSING_STATUSES, refusal_text
from invoice_bridge.hooks.http.transport import CONNECT_TIMEOUT
from invoice_bridge.hooks.xero.answers import named_outcomes
from invoice_bridge.hooks.xero.api import XeroApi
from invoice_bridge.hooks.xero.wire import XeroCreditNote, XeroInvoice
from invoice_bridge_core.errors import BridgeError, OutcomeUnknownError, RefusedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge.hooks.http.answers import Answer

INVOICES, CREDIT_NOTES = "Invoices", "CreditNotes"
MOST_PER_BATCH = 50
MOST_BYTES = 3_000_000
"""Xero takes less than 3.5 MB."""
ANSWER_SECONDS = 120.0
"""How long the answer to a batch is waited for: fifty documents take longer than one."""
LONGEST_CALL = CONNECT_TIMEOUT + ANSWER_SECONDS

_NUMBER = {INVOICES: "InvoiceNumber", CREDIT_NOTES: "CreditNoteNumber"}
_MODEL: dict[str, type[XeroInvoice | XeroCreditNote]] = {INVOICES: XeroInvoice, CREDIT_NOTES: XeroCreditNote}
_ONE = {INVOICES: "invoice", CREDIT_NOTES: "credit note"}
_A_PART = "a part of the batch may have been saved all the same"


class DocumentBatches(XeroApi):
    """Writes of several invoices or credit notes."""

    _is_batch = False

    def save_documents(
        self, kind: str, body: bytes, numbers: Sequence[str], *, idempotency_key: str
    ) -> dict[str, XeroInvoice | XeroCreditNote | RefusedError | OutcomeUnknownError]:
        """Create documents in one call, sent once, not even again at a limit; what became of each, by its number.

        A number of which the answer says nothing, or not one thing, is left out.

        :param kind: `INVOICES` or `CREDIT_NOTES`.
        :param body: the very bytes, as `write_json` wrote them.
        :param numbers: of the documents in the body.
        :raises OutcomeUnknownError: what became of them all is unknown, whatever status was answered: users have found
            parts of a batch saved that Xero had refused. The error that a single document would get is its cause.
        :raises BridgeError: nothing was sent.
        """
        what = f"{len(numbers)} {_ONE[kind]}s"
        with self._waiting_long():
            answer = self._send(
                "PUT",
                kind,
                params={"summarizeErrors": "false", "unitdp": "4"},
                json=read_json(body.decode()),
                headers={**self._tenant, "Idempotency-Key": idempotency_key},
                what=what,
            )
        elements = named_outcomes(answer, kind, _MODEL[kind], _NUMBER[kind])
        outcomes: dict[str, XeroInvoice | XeroCreditNote | RefusedError | OutcomeUnknownError] = {}
        for number in numbers:
            found = elements.get(number.strip().casefold())
            if found is not None:
                outcomes[number] = found(replace(answer, what=f"{_ONE[kind]} {number}"))
        return outcomes

    def failure(self, answer: Answer, reasons: tuple[str, ...]) -> BridgeError:
        """Of a batch no failure is definite."""
        error = super().failure(answer, reasons)
        if not self._is_batch or not answer.to_write or isinstance(error, OutcomeUnknownError):
            return error
        wait = error.retry_after if isinstance(error, TransientError) else None
        text = f"{refusal_text(answer, reasons)}; {_A_PART}"
        unknown = answer.error(OutcomeUnknownError, text, retry_after=wait)
        unknown.__cause__ = error
        return unknown

    @contextmanager
    def _waiting_long(self) -> Iterator[None]:
        """Answers are waited for as long as fifty documents may take, and failures are those of a batch."""
        usual, self._timeout = self._timeout, (self._timeout[0], max(self._timeout[1], ANSWER_SECONDS))
        self._is_batch = True
        try:
            yield
        finally:
            self._timeout, self._is_batch = usual, False


def is_over(error: OutcomeUnknownError) -> bool:
    """Whether Xero has ended its work on the batch, so that no more of it can arrive."""
    status = error.status
    return status is not None and 400 <= status < 500 and status not in PASSING_STATUSES


def body_of(kind: str, elements: Sequence[str]) -> bytes:
    """The bytes of a batch of these elements, each written by `write_json`."""
    return f'{{"{kind}":[{",".join(elements)}]}}'.encode()
