"""Finds everything that keeps the documents of one route from moving. It reads, and writes nothing anywhere."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge_core.connections.budget import is_in_last_fifth
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    CredentialsRefusedError,
    LedgerError,
    LimitReachedError,
)
from invoice_bridge_core.preflight.causes import Cause, Keeps
from invoice_bridge_core.preflight.findings import (
    Finding,
    KeptDocument,
    Limit,
    Preflight,
    Severity,
    Sum,
    documents_text,
    sums_of,
)
from invoice_bridge_core.preflight.grouping import distinct, grouped, what_to_do
from invoice_bridge_core.preflight.kept_rows import KeptRows
from invoice_bridge_core.preflight.live import LiveLook
from invoice_bridge_core.preflight.reason_keys import cause_key
from invoice_bridge_core.preflight.unmapped import Unmapped
from invoice_bridge_core.transfer.recheck import Waiting, held_fingerprint

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.connections.health import ConnectionHealth
    from invoice_bridge_core.ledger.read_only import ReadOnlyLedger
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)


class PreflightLook:
    """One look at one route.

    :param route: as its file says.
    :param open_session: opens both systems with this same ledger, and with what the route's Variable lays over its
        file; what it raises is a finding.
    """

    def __init__(self, route: Route, ledger: ReadOnlyLedger, open_session: Callable[[], RouteSession]) -> None:
        self._route, self._ledger, self._open_session = route, ledger, open_session
        self._findings: list[Finding] = []
        self._live: LiveLook | None = None
        self._reference: ReferenceData | None = None

    def look(self) -> Preflight:
        """Everything that keeps documents, by cause.

        :raises LedgerError: the ledger cannot be used.
        """
        report = Preflight(self._route.route)
        self._open()
        kept = self._of_ledger()
        if self._live is not None:
            # Before that, nobody knows what its Variable holds.
            if (problem := self._route.start_problem) is not None:
                self._stop(Cause.ROUTE, problem)
            self._read_reference(self._live)
            kept += self._of_queue(self._live, report)
        kept = self._still_kept(kept)
        self._add_connections(report)
        self._findings += self._with_proposals(grouped(kept), kept)
        self._add_mapped_accounts()
        self._add_drafts()
        order = list(Severity)
        report.findings = sorted(self._findings, key=lambda one: order.index(one.severity))
        really = distinct(kept)
        report.documents, report.sums = len(really), sums_of(really)
        return report

    def _open(self) -> None:
        try:
            session = self._open_session()
        except LedgerError:
            raise
        except BridgeError as error:
            self._stop(_cause_of(error), str(error))
            return
        self._route = session.route
        self._live = LiveLook(session)

    def _stop(self, cause: Cause, text: str) -> None:
        # The route says itself what is to be done about it.
        todo = "Mend it; the next run starts by itself." if cause is Cause.ROUTE else what_to_do(cause)
        if all(finding.text != text for finding in self._findings):
            self._findings.append(Finding(cause, Severity.STOPS, text, todo))

    def _of_ledger(self) -> list[KeptDocument]:
        rows = KeptRows(self._ledger, self._route.route)
        self._rows = rows.by_ref()
        return [_of_row(row, keeps) for row, keeps in rows.kept()]

    def _of_queue(self, live: LiveLook, report: Preflight) -> list[KeptDocument]:
        session = live.session
        for conn_id in (session.source.conn_id, session.finance.conn_id):
            if (pause := session.guard.closed(conn_id)) is not None:
                log.info("Nothing is asked of connection %s, which is closed %s", conn_id, pause.reason)
                return []
        if self._route.start_problem is not None or self._reference is None:
            return []
        try:
            tried = live.never_tried()
        except LedgerError:
            raise
        except BridgeError as error:
            self._note_error(error, session)
            return []
        report.free, report.free_sums, report.unread = len(tried.free), sums_of(tried.free), tried.unread
        return tried.kept

    def _read_reference(self, live: LiveLook) -> None:
        session = live.session
        if session.guard.closed(session.finance.conn_id) is not None:
            return
        try:
            if session.guard.is_refused(session.finance.conn_id):
                session.guard.check(session.finance.conn_id)
            self._reference = live.reference
        except LedgerError:
            raise
        except BridgeError as error:
            self._note_error(error, session)

    def _note_error(self, error: BridgeError, session: RouteSession) -> None:
        """A system that could not be asked; told once, where the health of its connection tells it too."""
        if isinstance(error, CredentialsRefusedError | LimitReachedError):
            session.guard.pause_after(error, checked=True)
            known = self._ledger.connections.health([error.conn_id or ""])
            if any(record.is_closed or record.refused_at is not None for record in known.values()):
                return
        self._stop(_cause_of(error), str(error))

    def _still_kept(self, kept: list[KeptDocument]) -> list[KeptDocument]:
        """Those that are kept by what is so now; what was mended since goes with the next run."""
        unmapped = Unmapped(self._route)
        still = []
        for one in kept:
            keeps = frozenset(each for each in one.keeps if not self._is_mended(each, unmapped))
            if not keeps:
                continue
            woken = self._is_woken(self._rows.get(one.ref))
            still.append(replace(one, keeps=keeps, is_woken=woken))
        return still

    def _is_mended(self, keeps: Keeps, unmapped: Unmapped) -> bool:
        if keeps.cause is Cause.ARTICLE:
            return unmapped.is_mapped(keeps.subject)
        if keeps.cause is Cause.ACCOUNT and self._live is not None and self._reference is not None:
            code = keeps.subject.split(" '")[0]
            return any(account.code == code and account.why_not is None for account in self._live.chart or ())
        return False

    @cached_property
    def _route_fingerprint(self) -> str:
        return self._route.fingerprint

    def _is_woken(self, row: DocumentRow | None) -> bool:
        """Whether something has changed that the next run sees, so that it tries the document again."""
        if row is None or row.state is not DocumentState.HELD:
            return False
        if row.held_fingerprint is None:
            return True
        if self._reference is None or row.credited_number or row.credited_source_id:
            return False
        entry = row.facts.entry_fingerprint
        now = held_fingerprint(row, self._route_fingerprint, self._reference, self._ledger, entry)
        return now != Waiting.parse(row.held_fingerprint).fingerprint

    def _with_proposals(self, findings: Sequence[Finding], kept: Sequence[KeptDocument]) -> list[Finding]:
        if self._live is None or self._reference is None:
            return list(findings)
        return [
            Unmapped(self._route).with_proposals(finding, kept, self._live)
            if finding.cause is Cause.ARTICLE
            else finding
            for finding in findings
        ]

    def _add_connections(self, report: Preflight) -> None:
        conn_ids = (self._route.source.conn_id, self._route.finance.conn_id)
        health = self._ledger.connections.health(conn_ids)
        accepted = self._accepted()
        zone = ZoneInfo(self._route.schedule.timezone)
        for conn_id in conn_ids:
            record = health.get(conn_id)
            if record is None:
                continue
            report.limits.append(_limit(record, zone))
            if record.refused_at is not None and conn_id not in accepted:
                since = _local(record.refused_at, zone)
                said = f": {record.refused_reason}" if record.refused_reason else ""
                self._stop(Cause.CREDENTIALS, f"Credentials of connection {conn_id} are refused since {since}{said}")
            if record.opens_at is not None:
                until = _local(record.opens_at, zone)
                text = f"Connection {conn_id} is closed until {until}: {record.closed_reason}"
                todo = (
                    "Wait, or use the button 'Call it again' once its system takes calls: airflow invoice-bridge reopen"
                )
                self._findings.append(Finding(Cause.CLOSED, Severity.STOPS, text, f"{todo} {conn_id}"))
            elif is_in_last_fifth(record):
                text = f"Connection {conn_id} has {record.day_left} calls left of its day, less than a fifth"
                self._findings.append(
                    Finding(Cause.LIMIT, Severity.NOTE, text, "Nothing: what can wait leaves them to the transfers.")
                )

    def _accepted(self) -> frozenset[str]:
        """The connections whose system has just answered, so that a refusal of before is over."""
        if self._live is None:
            return frozenset()
        systems = (self._live.session.source, self._live.session.finance)
        return frozenset(system.conn_id for system in systems if system.observations.accepted)

    def _add_mapped_accounts(self) -> None:
        """Accounts of the mapping that cannot be booked on, whether or not a document waits for them yet."""
        if self._live is None or self._reference is None or (chart := self._live.chart) is None:
            return
        known = {account.code: account for account in chart}
        told = {part.name.split(" '")[0] for one in self._findings if one.cause is Cause.ACCOUNT for part in one.parts}
        wrong = []
        for article, code in sorted(self._route.finance.account_codes.items()):
            account = known.get(code)
            fault = "is not there" if account is None else account.why_not
            if fault is not None and code not in told:
                wrong.append(f"article '{article}' is mapped to {account.label if account else code}, which {fault}")
        if wrong:
            more = f", and {len(wrong) - 5} more" if len(wrong) > 5 else ""
            text = f"No document waits for it yet, but {'; '.join(wrong[:5])}{more}"
            self._findings.append(Finding(Cause.ACCOUNT, Severity.NOTE, text, what_to_do(Cause.ACCOUNT)))

    def _add_drafts(self) -> None:
        drafts = self._ledger.drafts(self._route.route)
        if not drafts:
            return
        sums = tuple(Sum(one.currency, one.total, one.count) for one in drafts)
        count = sum(one.count for one in drafts)
        text = f"Booked as drafts, which nobody has approved in finance yet: {documents_text(count, sums)}"
        todo = "Approve them in finance; until then nothing is reported as paid."
        self._findings.append(
            Finding(
                Cause.DRAFT,
                Severity.NOTE,
                text,
                todo,
                count,
                sums,
                states=(DocumentState.TRANSFERRED,),
                reasons=(cause_key(Cause.DRAFT),),
                listed=count,
            )
        )


def _of_row(row: DocumentRow, keeps: frozenset[Keeps]) -> KeptDocument:
    return KeptDocument(str(row.ref), row.label, row.state, row.signed_total, row.currency, keeps, row.reason or "")


def _cause_of(error: BridgeError) -> Cause:
    if isinstance(error, CredentialsRefusedError):
        return Cause.CREDENTIALS
    if isinstance(error, ConfigurationError):
        return Cause.CONNECTION if "connection" in error.text.casefold() else Cause.ROUTE
    return Cause.CLOSED if isinstance(error, LimitReachedError) else Cause.PASSING


def _limit(record: ConnectionHealth, zone: ZoneInfo) -> Limit:
    if record.day_left is None:
        text = f"{record.system} tells no limit of the day"
    else:
        size = f" of {record.day_size}" if record.day_size is not None else ""
        at = f", as told {_local(record.day_left_at, zone)}" if record.day_left_at is not None else ""
        text = f"{record.system} has {record.day_left}{size} calls left today{at}"
    return Limit(record.conn_id, record.system, text, record.day_left, record.day_size, record.day_left_at)


def _local(instant: dt.datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
