"""Compiles what a document's task asks of its ledger, for the processes that are forked from this one.

The ledger's own methods are called once, against a database that is nowhere: its answers are made up from the columns
that were asked for, nothing is opened, and nothing is written. What is left out here works as well, and is compiled in
each task; `tests/ledger/test_warming.py` says what a task finds compiled.
"""

from __future__ import annotations

import datetime as dt
import logging
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, cast

import sqlalchemy as sa

from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.ledger.contacts import KnownContact
from invoice_bridge_core.ledger.database import schema
from invoice_bridge_core.ledger.database.compiled import COMPILED
from invoice_bridge_core.ledger.database.dialect import LedgerDialect
from invoice_bridge_core.ledger.database.tables import documents, steps
from invoice_bridge_core.ledger.documents.row import fact_columns
from invoice_bridge_core.ledger.ledger import Ledger
from invoice_bridge_core.ports import Booking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from invoice_bridge_core.ledger.database.database import Database

_REF = DocumentRef(system="source", conn_id="source", source_id="1")
_BOOKING = Booking(finance_id="1", number="1", contact_id="1", currency="NOK", total=Decimal(1), status="1")
_VALUES: dict[type, Any] = {
    str: "1",
    bool: False,
    int: 1,
    Decimal: Decimal(1),
    dict: {},
    list: [],
    dt.datetime: dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    dt.date: dt.date(2024, 1, 1),
    dt.timedelta: dt.timedelta(days=1),
}
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
    nowhere = _Nowhere()
    ledger = Ledger(cast("Database", nowhere))
    for part in (_open, _contacts, _document, _steps):
        nowhere.holds = {"lease_owner": "task", "lease_token": "1", "state": DocumentState.SEEN.value}
        try:
            part(ledger, nowhere)
        except Exception:
            log.debug("Not all statements could be compiled beforehand", exc_info=True)


def _open(ledger: Ledger, nowhere: _Nowhere) -> None:
    schema.version(cast("Database", nowhere))
    ledger.connections.health(["source", "finance"])
    ledger.kept_reference_data("finance", "run")
    ledger.connections.keep_observations("finance", "Finance", day_left=1, accepted=True)
    ledger.queue_reads.take("run", _REF)
    # Last, since what it finds cannot be decrypted.
    ledger.token_vault(_NoCipher).peek("token")


def _contacts(ledger: Ledger, _: _Nowhere) -> None:
    contacts, contact = ledger.contacts, KnownContact("1", "1", "1")
    contacts.known("finance", "source:1")
    with ledger.locked("contact"):
        contacts.is_name_taken("finance", "1", "source:1")
        contacts.intend("finance", "source:1")
        contacts.remember("finance", "source:1", contact)
        contacts.shared_with("finance", "1", "1", by_other_than="source:1", among="source:")


def _document(ledger: Ledger, nowhere: _Nowhere) -> None:
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
    claim.note_document(document)
    claim.note_document(document.model_copy(update={"number": "2", "read_as": ("1",)}))
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


def _steps(ledger: Ledger, nowhere: _Nowhere) -> None:
    nowhere.holds |= _IS_BOOKED
    claim = ledger.claim(_REF, route="route", claimant="task", finance_conn="finance")
    if claim is None:
        return
    claim.steps.intend("step")
    claim.steps.done("step", "1")


class _Nowhere:
    """A database that is nowhere."""

    name = "nowhere"

    def __init__(self) -> None:
        self.holds: dict[str, Any] = {}
        self._dialect = LedgerDialect()  # type: ignore[no-untyped-call]

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Statements that end here."""
        yield cast("sa.Connection", self)

    look = transaction

    def execute(self, statement: Any, parameters: Mapping[str, Any] | list[Any] | None = None) -> _Answer:
        """Compile the statement as an engine would, and make an answer up."""
        first = parameters[0] if isinstance(parameters, list) else parameters or {}
        compiled, *_ = statement._compile_w_cache(
            dialect=self._dialect, compiled_cache=COMPILED, column_keys=sorted(first)
        )
        entries = getattr(compiled, "_result_columns", ())
        return _Answer({entry.keyname: self._value(entry.objects, entry.type) for entry in entries})

    def scalar(self, statement: Any) -> Any:
        """The first value of the answer."""
        return next(iter(self.execute(statement).one().values()))

    def _value(self, objects: tuple[Any, ...], kind: sa.types.TypeEngine[Any]) -> Any:
        column = next((one for one in objects if isinstance(one, sa.Column)), None)
        if column is not None and column.table is documents and column.name in self.holds:
            return self.holds[column.name]
        if column is steps.c.state:
            return StepState.REFUSED
        if column is not None and column.nullable:
            return None
        return next((value for one, value in _VALUES.items() if issubclass(_python_type(kind), one)), None)


def _python_type(kind: sa.types.TypeEngine[Any]) -> type:
    try:
        return kind.python_type
    except NotImplementedError:
        return str


class _Row(dict[str, Any]):
    """A row, by the names of its columns in both ways."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class _Answer:
    """One row, in the forms that the ledger asks for."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = _Row(row)

    def mappings(self) -> Self:
        """The row by the names of its columns."""
        return self

    def one(self) -> dict[str, Any]:
        """The row."""
        return self._row

    def one_or_none(self) -> Any:
        """The row."""
        return self._row

    def scalar_one(self) -> Any:
        """Its first value."""
        return next(iter(self._row.values()))

    scalar_one_or_none = scalar_one

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter([self._row])


class _NoCipher:
    """Changes nothing."""

    def encrypt(self, msg: bytes, /) -> bytes:
        """The same."""
        return msg

    def decrypt(self, msg: bytes | str, /) -> bytes:
        """The same."""
        return msg if isinstance(msg, bytes) else msg.encode()
