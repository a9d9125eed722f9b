"""Trouble of all kinds in a real ledger, made as tasks make it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge.operators.notices.tell import tell
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.ledger.database.notice_tables import route_marks
from invoice_bridge_core.ledger.documents.rejections import KeptFor
from invoice_bridge_core.routes.notify import Notify
from tests.builders import document, line, party, route
from tests.ledger.rows import booking

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Claim, Ledger
    from invoice_bridge_core.notices.tell import Told
    from invoice_bridge_core.routes.model import Route

TO = ["invoices@acme.example", "boss@acme.example"]
CHANNELS: list[dict[str, Any]] = [{"mail": {"to": TO}}, {"webhook": {"endpoint": "/hooks/invoices"}}]


@dataclass
class Trouble:
    """One route, its ledger, and what happens in it."""

    ledger: Ledger
    ledger_url: str
    section: dict[str, Any] = field(default_factory=lambda: {"channels": CHANNELS, "digest": None})
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(20001))

    @property
    def notify(self) -> Notify:
        return Notify.model_validate(self.section)

    @property
    def route(self) -> Route:
        return route(notify=self.section)

    def tell(self) -> Told:
        """One round, as the task makes it."""
        return tell(self.route, self.notify)

    def claim(self, number: int | None = None, *, name: str = "Acme Events AS", total: str = "1000.00") -> Claim:
        """A document that a task works on."""
        number = next(self._numbers) if number is None else number
        ref = DocumentRef(system="qondor", conn_id="qondor_default", source_id=str(number))
        claim = self.ledger.claim(ref, route=self.route.route, claimant="trouble", finance_conn="xero_default")
        assert claim is not None
        net = str(Decimal(total) / Decimal("1.25"))
        claim.note_document(document(line(net), ref=ref, number=f"Q-{number}", party=party(name=name)))
        return claim

    def held(self, reason: str = "Article code 'VAT99' has no account code", **how: Any) -> int:
        claim = self.claim(**how)
        claim.held(reason)
        return claim.row.id

    def in_doubt(self, reason: str = "It may be booked", **how: Any) -> int:
        claim = self.claim(**how)
        claim.intend(claim.row.number or "", "hash")
        claim.in_doubt(reason)
        return claim.row.id

    def rejected(self, reason: str = "The customer has no name", **how: Any) -> int:
        claim = self.claim(**how)
        claim.rejected(reason)
        return claim.row.id

    def kept(self, reason: str = "The customer has no name. Nothing was booked yet", **how: Any) -> int:
        claim = self.claim(**how)
        self.ledger.rejections.keep(claim.row.id, self.route.route, KeptFor.FIRST_BOOKING, reason)
        claim.held(reason)
        return claim.row.id

    def transferred(self, number: int, **how: Any) -> None:
        """What was held is mended, and moves."""
        claim = self.claim(number, **how)
        claim.intend(f"Q-{number}", "hash")
        claim.booked(booking(f"Q-{number}", f"id-{number}"))
        claim.transferred()

    def refuse(self, conn_id: str = "xero_default", reason: str = "401: unknown client") -> None:
        """A system does not accept the credentials."""
        self.ledger.connections.refuse(conn_id, "Xero", reason, run="trouble", credentials="secret")

    def watched_since(self, instant: dt.datetime) -> None:
        """As if people were told of the route since then."""
        values = {"route": self.route.route, "mark": "watched", "at": instant}
        with self.ledger.transaction() as connection:
            connection.execute(sa.delete(route_marks).where(route_marks.c.mark == "watched"))
            connection.execute(sa.insert(route_marks).values(**values))
