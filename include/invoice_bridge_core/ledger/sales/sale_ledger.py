"""The ledger's part for sales: what finance has sent, what the source was shown, and how far polls have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.ledger.database.indexes import OPEN_SALES
from invoice_bridge_core.ledger.database.sale_tables import sales
from invoice_bridge_core.ledger.database.tables import NOW
from invoice_bridge_core.ledger.payments import polls
from invoice_bridge_core.ledger.payments.conditions import any_of
from invoice_bridge_core.ledger.sales import candidates
from invoice_bridge_core.ledger.sales.claim import SaleClaim, is_sale, take_sale
from invoice_bridge_core.ledger.sales.row import SaleKey, SaleRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping

    from invoice_bridge_core.documents import DocumentKind
    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.payments.polls import Cursor
    from invoice_bridge_core.ledger.sales.candidates import SalePoll, SaleSource

LEASE_SECONDS = 300
"""As long as that of a document."""


class SaleLedger:
    """The sales of one ledger. All methods raise `LedgerError` when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sale(self, key: SaleKey) -> SaleRow | None:
        """One sale; `None` when there is none."""
        with self._database.transaction() as connection:
            record = connection.execute(sa.select(sales).where(is_sale(key))).mappings().one_or_none()
        return None if record is None else SaleRow.from_record(record)

    def sales(self, whose: SaleSource) -> list[SaleRow]:
        """All sales of a source and a finance connection, oldest first."""
        return self._find(whose, sa.true())

    def known(self, keys: Collection[SaleKey]) -> dict[str, SaleRow]:
        """The sales of these keys, which share their connections, by finance id."""
        with self._database.transaction() as connection:
            return candidates.known(connection, keys)

    def open(self, whose: SaleSource) -> list[SaleRow]:
        """The sales that are neither paid nor gone by the last poll, or have something to be shown; oldest first."""
        is_open = sa.and_(sa.not_(sales.c.is_paid), sales.c.gone.is_(None))
        return self._find(whose, OPEN_SALES, sa.or_(is_open, _is_unfinished()))

    def to_report(self, whose: SaleSource, told_since: dt.datetime | None) -> list[SaleRow]:
        """Those that are open or of which people were told, and those that were shown since a moment; oldest first."""
        ids = sa.select(sales.c.id)
        parts = [ids.where(_of(whose), OPEN_SALES)]
        if told_since is not None:
            parts.append(ids.where(sales.c.told_at >= told_since))
        return self._find(whose, sales.c.id == any_of(sa.union_all(*parts)))

    def another(self, whose: SaleSource, than: Collection[str]) -> SaleRow | None:
        """The sale issued last that is not gone, and is none of these finance ids; `None` when there is none."""
        others = sales.c.finance_id.not_in(list(than))
        query = (
            sa.select(sales)
            .where(_of(whose), sales.c.gone.is_(None), others)
            .order_by(sales.c.issued_on.desc(), sales.c.id.desc())
            .limit(1)
        )
        with self._database.transaction() as connection:
            record = connection.execute(query).mappings().one_or_none()
        return None if record is None else SaleRow.from_record(record)

    def unseen(self, whose: SaleSource, before: dt.datetime, issued_since: dt.date) -> list[SaleRow]:
        """The sales issued since a day, and not gone, that no poll has seen since a moment; oldest first."""
        return self._find(whose, sales.c.seen_at < before, sales.c.issued_on >= issued_since, sales.c.gone.is_(None))

    def unfinished(self, whose: SaleSource) -> list[SaleRow]:
        """The sales of which the source may show something else than finance says; oldest first."""
        return self._find(whose, OPEN_SALES, _is_unfinished())

    def documents_to_see(
        self,
        whose: SaleSource,
        *,
        kinds: Collection[DocumentKind],
        since: dt.date | None,
        with_payments: bool,
        changed_since: dt.datetime | None = None,
        limit: int,
        is_wanted: Callable[[PaymentStatusRow], bool] = lambda entry: True,
    ) -> list[PaymentStatusRow]:
        """Our booked documents with a project whose sale is missing, or that changed since it was seen; oldest first.

        :param kinds: all others are left out.
        :param since: what is dated earlier is left out.
        :param with_payments: whether what a payment poll has kept since is a change, too.
        :param changed_since: what did not change since is left out; `None` compares all, which takes longer the more
            there are.
        :param is_wanted: what it says no to is left out, and does not count: another route's.
        """
        with self._database.transaction() as connection:
            return candidates.documents_to_see(
                connection,
                whose,
                kinds=kinds,
                since=since,
                with_payments=with_payments,
                changed_since=changed_since,
                limit=limit,
                is_wanted=is_wanted,
            )

    def seen_to(self, name: str, settings: str) -> dt.datetime | None:
        """From when on changed documents are looked at; `None` where all have to be, since a route says otherwise now.

        :param name: of the look, as `SeenTo` has it.
        :param settings: what the route says of sales.
        """
        with self._database.transaction() as connection:
            return candidates.seen_to(connection, name, settings)

    def projects(self, whose: SaleSource, project_ids: Collection[str]) -> set[str]:
        """Which of these are ids of projects, as far as the ledger knows."""
        with self._database.transaction() as connection:
            return candidates.projects(connection, whose, project_ids)

    def now(self) -> dt.datetime:
        """The database's own moment."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(NOW)).scalar_one()

    def cursor(self, name: str) -> Cursor | None:
        """How far the poll of this name has come."""
        with self._database.transaction() as connection:
            return polls.cursor_named(connection, name)

    def keep_poll(self, poll: SalePoll) -> None:
        """Keep all that a poll found and move its cursor, in one transaction."""
        with self._database.transaction() as connection:
            candidates.keep(connection, poll)

    def claim(self, key: SaleKey, *, claimant: str, seconds: int = LEASE_SECONDS) -> SaleClaim | None:
        """Take the sale for one task; `None` while another task works on it, or when there is none.

        :param claimant: names the task of the run, the same for all its tries: a try takes over from its dead ones.
        """
        return take_sale(self._database, key, claimant, seconds)

    def announced(self, texts: Mapping[int, str | None]) -> None:
        """Note what people were told of these sales, by the row's id, so that it is said once."""
        if not texts:
            return
        ids = sa.literal(list(texts), ARRAY(sa.BigInteger))
        said = (
            sa.func.unnest(ids, sa.literal(list(texts.values()), ARRAY(sa.Text)))
            .table_valued("sale_id", "text")
            .render_derived()
        )
        with self._database.transaction() as connection:
            connection.execute(sa.update(sales).where(sales.c.id == said.c.sale_id).values(announced=said.c.text))

    def _find(self, whose: SaleSource, *conditions: sa.ColumnElement[bool]) -> list[SaleRow]:
        query = sa.select(sales).where(_of(whose), *conditions).order_by(sales.c.issued_on, sales.c.id)
        with self._database.transaction() as connection:
            return [SaleRow.from_record(record) for record in connection.execute(query).mappings()]


def _of(whose: SaleSource) -> sa.ColumnElement[bool]:
    return sa.and_(
        sales.c.source_system == whose.system,
        sales.c.source_conn == whose.conn_id,
        sales.c.finance_conn == whose.finance_conn,
    )


def _is_unfinished() -> sa.ColumnElement[bool]:
    return sa.or_(sales.c.told_fingerprint.is_distinct_from(sales.c.fingerprint), sales.c.intent.is_not(None))
