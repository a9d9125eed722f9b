"""What a preflight asks the two systems: as few calls as can be, and none that writes.

It costs what finance says of itself (in Xero 4 calls, unless a run has asked lately), the source's list (1), and a look
at each document that was never tried, up to a cap.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from invoice_bridge_core.documents import DocumentRef, SourceState
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, TransientError
from invoice_bridge_core.preflight.causes import Cause, Keeps, reason_keeps, unknown_reason
from invoice_bridge_core.preflight.findings import KeptDocument
from invoice_bridge_core.transfer.dry_run import DryRun
from invoice_bridge_core.transfer.reference import reference_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ports import ReferenceData, SourceSystem
    from invoice_bridge_core.ports.finance.chart import ChartAccount
    from invoice_bridge_core.transfer.route_session import RouteSession

MOST_TRIED = 20
"""So many documents that were never tried are looked at; each costs the calls of a dry run, about 4."""
REFERENCE_AGE = dt.timedelta(minutes=5)
"""What a run has read of the chart of accounts is believed for so long."""

_NOT_OURS = "It now belongs to office "


@dataclass
class Tried:
    """What became of the documents that were never tried.

    :param unread: how many were left, since a look costs calls.
    """

    kept: list[KeptDocument] = field(default_factory=list)
    free: list[KeptDocument] = field(default_factory=list)
    unread: int = 0


class LiveLook:
    """One look at both systems of a route, which writes nothing.

    :param session: whose ledger is a `ReadOnlyLedger`.
    :param reference_age: how old what a run has read of finance's own data may be.
    """

    def __init__(self, session: RouteSession, reference_age: dt.timedelta = REFERENCE_AGE) -> None:
        self._reference_age = reference_age
        session.only_reads()
        source = _ReadsOnce(session.source)
        self._session = replace(session, source=cast("SourceSystem", source))
        self._source = source
        self.run_key = f"preflight/{uuid.uuid4().hex}"

    @property
    def session(self) -> RouteSession:
        """What the look works with; its source reads each document once."""
        return self._session

    @cached_property
    def reference(self) -> ReferenceData:
        """What finance says of itself.

        :raises BridgeError: it cannot be read.
        """
        finance, ledger = self._session.finance, self._session.ledger
        if finance.reference is None:
            return reference_data(finance, ledger, self.run_key)
        recent = ledger.recent_reference_data(finance.conn_id, self._reference_age)
        if recent is None:
            if (pause := self._session.guard.closed(finance.conn_id)) is not None:
                raise TransientError(f"Connection {finance.conn_id} is closed {pause.reason}")
            return reference_data(finance, ledger, self.run_key)
        return ledger.reference_data(finance.conn_id, self.run_key, lambda: recent)

    @cached_property
    def chart(self) -> Sequence[ChartAccount] | None:
        """The accounts that finance has; `None` where it keeps none that could be asked for."""
        finance = self._session.finance
        return None if finance.chart is None else finance.chart.accounts(self.reference)

    def read(self, refs: Iterable[DocumentRef]) -> list[Document]:
        """These documents, each one call; those that cannot be read are left out."""
        found = []
        for ref in refs:
            try:
                found.append(self._session.source.read(ref.source_id))
            except BridgeError:
                continue
        return found

    def never_tried(self, most: int = MOST_TRIED) -> Tried:
        """What would become of the documents in the queue that no run has tried.

        :raises BridgeError: the queue cannot be read.
        """
        source, tried = self._session.source, Tried()
        ids = [item.source_id for item in source.waiting()]
        rows = self._session.ledger.rows(source.system, source.conn_id, ids)
        unmet = [source_id for source_id in ids if self._is_to_be_tried(rows.get(source_id))]
        for source_id in unmet[:most]:
            self._note(self.try_out(source_id), source_id, tried)
        tried.unread = len(unmet[most:])
        return tried

    def try_out(self, source_id: str) -> Result | BridgeError:
        """What a run that begins now would make of one document; with its error, where that cannot be told."""
        source = self._session.source
        ref = DocumentRef(system=source.system, conn_id=source.conn_id, source_id=source_id)
        try:
            # Never made again: it keeps in mind what is foreseen of those before.
            return self._dry_run.rehearse(ref)
        except BridgeError as error:
            return error

    @cached_property
    def _dry_run(self) -> DryRun:
        _ = self.reference
        return DryRun(self._session, self.run_key)

    def _is_to_be_tried(self, row: DocumentRow | None) -> bool:
        if row is None:
            return True
        return row.state is DocumentState.SEEN and row.reason is None and self._is_ours(row.facts)

    def _is_ours(self, facts: Any) -> bool:
        route = self._session.route
        if not route.selects(facts.office_id, facts.project_id):
            return False
        date = getattr(facts, "document_date", None) or getattr(facts, "invoice_date", None)
        start = route.source.start_date
        return start is None or (date is not None and date >= start)

    def _note(self, result: Result | BridgeError, source_id: str, tried: Tried) -> None:
        document = self._source.documents.get(source_id)
        if document is not None and not (self._is_ours(document) and document.state is SourceState.WAITING):
            return
        one = _kept(result, str(self._ref(source_id)), document)
        if one is None:
            return
        (tried.kept if one.keeps else tried.free).append(one)

    def _ref(self, source_id: str) -> DocumentRef:
        source = self._session.source
        return DocumentRef(system=source.system, conn_id=source.conn_id, source_id=source_id)


def _kept(result: Result | BridgeError, ref: str, document: Document | None) -> KeptDocument | None:
    """What a dry run says of a document that nobody tried; `None` where that is no matter of this route."""
    if isinstance(result, BridgeError):
        passing = isinstance(result, TransientError)
        keeps = {Keeps(Cause.PASSING, "")} if passing else {unknown_reason(result.text)}
        return _document(ref, document, frozenset(keeps), result.text)
    if result.outcome is Outcome.BUSY or result.is_paused or result.message.startswith(_NOT_OURS):
        return None
    reason = result.message
    if result.outcome is Outcome.WOULD_HOLD:
        keeps = set(reason_keeps(reason)) or {unknown_reason(reason) if document else Keeps(Cause.UNREADABLE)}
    elif result.outcome is Outcome.WOULD_BE_IN_DOUBT:
        keeps = {Keeps(Cause.DOUBT)}
    elif result.outcome is Outcome.WOULD_REJECT:
        keeps = {Keeps(Cause.REJECTED)}
    else:
        keeps = set()
    return _document(ref, document, frozenset(keeps), reason)


def _document(ref: str, document: Document | None, keeps: frozenset[Keeps], reason: str) -> KeptDocument:
    if document is None:
        return KeptDocument(ref, ref, DocumentState.SEEN, None, None, keeps, reason, is_untried=True)
    total = -document.total_incl_vat if document.is_credit_note else document.total_incl_vat
    return KeptDocument(
        ref, document.label, DocumentState.SEEN, total, document.currency, keeps, reason, is_untried=True
    )


class _ReadsOnce:
    """A source of which each document is read once, however many ask for it."""

    def __init__(self, real: SourceSystem) -> None:
        self._real = real
        self.documents: dict[str, Document] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def read(self, source_id: str) -> Document:
        if source_id not in self.documents:
            self.documents[source_id] = self._real.read(source_id)
        return self.documents[source_id]
