"""Many documents in the source's queue that the ledger knows already, made without playing each of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.errors import WakesOn
from invoice_bridge_core.transfer.recheck import Waiting
from invoice_bridge_core.transfer.reference import reference_data
from tests.growth.grown import analyse
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.world import World

FIRST = 200_000
"""The source ids of these documents begin after this one."""

_ROWS = """
INSERT INTO invoice_bridge.documents (source_system, source_conn, source_id, kind, number, document_date, currency,
  total, contact_name, office_id, project_id, credited_number, payload_hash, entry_fingerprint, facts_read_at, state,
  reason, route, held_fingerprint, announced_reason, announced_at, updated_at, state_since, search_text)
SELECT 'qondor', 'qondor_default', source_id, CASE WHEN credited IS NULL THEN 'customer offer invoice' ELSE
  'credit note' END, number, date '2026-11-02', 'NOK', 10000, 'Nordlys', office, '5501', credited, md5(source_id),
  entry, now(), state, reason, CASE WHEN state = 'held' THEN 'qondor_xero' END, held, reason,
  CASE WHEN state = 'held' THEN now() END, now(), now(), number
FROM jsonb_to_recordset(:rows) AS given(source_id text, number text, office text, credited text, entry text,
  state text, reason text, held text)
ON CONFLICT DO NOTHING
"""
NOT_MAPPED = "Article NOT-MAPPED is not mapped to an account. Give it one in finance.account_codes"


def offer(world: World, count: int, *, first: int = FIRST, credit_notes: int = 0, **changes: Any) -> None:
    """Put this many payments into the source's queue; every `credit_notes`th is a credit note for the one before."""
    register = world.sandbox.qondor.payments
    for number in range(first + 1, first + count + 1):
        is_credit = bool(credit_notes) and number % credit_notes == 0
        note = {"isCreditNote": True, "creditedInvoiceNumber": f"T-{number - 1}"} if is_credit else {}
        register.put(payment(number - 50000, **{**note, **changes}))


def hold(world: World, *, foreign: bool = False) -> None:
    """Let the ledger know everything that waits: as held for its mapping, or as other offices' documents."""
    world.new_run()
    session = world.session()
    reference = reference_data(session.finance, session.ledger, world.run_key)
    items = session.source.waiting()
    credited = {str(row["id"]): row["creditedInvoiceNumber"] for row in world.sandbox.qondor.payments.rows()}
    route_fingerprint = world.route.fingerprint
    rows = []
    for item in items:
        number = credited.get(item.source_id)
        held = _held(route_fingerprint, reference.fingerprint, item.fingerprint, number)
        state = {"state": "seen", "reason": None, "held": None} if foreign else {
            "state": "held", "reason": NOT_MAPPED, "held": held
        }  # fmt: skip
        one = {"source_id": item.source_id, "number": f"T-{item.source_id}", "office": "99" if foreign else "7"}
        rows.append({**one, "credited": number, "entry": item.fingerprint, **state})
    _write(world, rows)


def _held(route: str, reference: str, entry: str, credited: str | None) -> str:
    import hashlib

    # The credited one is held, too, and not booked.
    parts = [route, reference, entry, "" if credited is None else "held False"]
    return str(Waiting(hashlib.sha256("\n".join(parts).encode()).hexdigest(), frozenset({WakesOn.ROUTE})))


def _write(world: World, rows: Iterable[dict[str, Any]]) -> None:
    with world.ledger.transaction() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text(_ROWS), {"rows": json.dumps(list(rows))})
    analyse(world.ledger)


def day(number: int) -> dt.date:
    """A day of the past, as many days ago."""
    return dt.date(2026, 11, 2) - dt.timedelta(days=number)
