"""Compiles what a document's task asks of its ledger, for the processes that are forked from this one.

The ledger's own methods are called once, against a database that is nowhere: its answers are made up from the columns
that were asked for, nothing is opened, and nothing is written. How answers are read is then known, too. What is left
out here works as well, and is compiled in each task; `tests/ledger/test_warming.py` says what a task finds compiled.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger import run_snapshots
from invoice_bridge_core.ledger.contacts import KnownContact
from invoice_bridge_core.ledger.database import schema
from invoice_bridge_core.ledger.database.nowhere import Nowhere
from invoice_bridge_core.ledger.documents.row import fact_columns
from invoice_bridge_core.ledger.ledger import Ledger
from invoice_bridge_core.ports import Booking

_REF = DocumentRef(system="source", conn_id="source", source_id="1")
_BOOKING = Booking(finance_id="1", number="1", contact_id="1", currency="NOK", total=Decimal(1), status="1")
_IS_BOOKED: dict[str, Any] = {
    "finance_id": "1",
    "finance_number": "1",
    "finance_status": "1",
    "finance_contact_id": "1",
    "finance_currency": "NOK",
    "finance_total": Decimal(1),
    "finance_warnings": [],
}

log = logging.getLogger(__name__)


def warm_up() -> None:
    """Do it once; a part that cannot be done here is left to the tasks."""
    nowhere = Nowhere()
    ledger = Ledger(nowhere)
    for part in (_open, _contacts, _document, _steps, _batch):
        nowhere.holds = {"lease_owner": "task", "lease_token": "1", "state": DocumentState.SEEN.value}
        try:
            part(ledger, nowhere)
        except Exception:
            log.debug("Not all statements could be compiled beforehand", exc_info=True)


def _open(ledger: Ledger, nowhere: Nowhere) -> None:
    schema.version(nowhere)
    ledger.connections.health(["source", "finance"])
    run_snapshots.begun(nowhere, "run", ("variable", "finance"))
    ledger.connections.keep_observations("finance", "Finance", day_left=1, accepted=True)
    ledger.queue_reads.take("run", _REF)
    # Last, since what it finds cannot be decrypted.
    ledger.token_vault(_NoCipher).peek("token")


def _contacts(ledger: Ledger, _: Nowhere) -> None:
    contacts, contact = ledger.contacts, KnownContact("1", "1", "1")
    contacts.known("finance", "source:1")
    with ledger.locked("contact"):
        contacts.is_name_taken("finance", "1", "source:1")
        contacts.intend("finance", "source:1")
        contacts.remember("finance", "source:1", contact)
        contacts.shared_with("finance", "1", "1", by_other_than="source:1", among="source:")


def _document(ledger: Ledger, nowhere: Nowhere) -> None:
    document = Document(
        ref=_REF,
        number="1",
        kind=DocumentKind.CARD_PAYMENT,
        total_incl_vat=Decimal(1),
        currency="NOK",
        payload_hash="1",
    )
    nowhere.holds |= fact_columns(DocumentFacts.from_document(document))
    claim = ledger.claim(_REF, route="route", claimant="task", finance_conn="finance")
    if claim is None:
        return
    # What is noted with the next write, whichever that is.
    claim.note_document(document)
    claim.renew()
    claim.note_document(document.model_copy(update={"number": "2", "read_as": ("1",)}))
    claim.note_document(document)
    claim.intend("1", "1", "1")
    nowhere.holds |= {"state": DocumentState.WORKING.value, "intent_token": "1", "intent_number": "1"}
    claim.renew()
    claim.booked(_BOOKING)
    nowhere.holds |= {**_IS_BOOKED, "state": DocumentState.BOOKED.value}
    claim.renew()
    claim.update_booking(_BOOKING)
    claim.transferred()
    ledger.row(_REF)
    claim.held("1", "1")


def _steps(ledger: Ledger, nowhere: Nowhere) -> None:
    nowhere.holds |= _IS_BOOKED
    claim = ledger.claim(_REF, route="route", claimant="task", finance_conn="finance")
    if claim is None:
        return
    claim.steps.intend("step")
    claim.steps.done("step", "1")


def _batch(ledger: Ledger, _: Nowhere) -> None:
    # What it finds is no refusal.
    ledger.batches.told(1, 1)


class _NoCipher:
    """Changes nothing."""

    def encrypt(self, msg: bytes, /) -> bytes:
        """The same."""
        return msg

    def decrypt(self, msg: bytes | str, /) -> bytes:
        """The same."""
        return msg if isinstance(msg, bytes) else msg.encode()
