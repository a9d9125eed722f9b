"""A ledger as it is after years, made in the database itself: documents that are finished, and all that goes with them.

Each is dated, booked, reported, paid and shown as a sale; of twelve one is a credit note, of five one a card payment.
Some were rejected, and put aside by a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger

PER_DAY = 25
"""So many documents are dated on each day until yesterday."""

_DOCUMENTS = """
INSERT INTO invoice_bridge.documents (source_system, source_conn, source_id, kind, number, document_date, currency,
  total, contact_name, office_id, project_id, credited_source_id, credited_number, payload_hash, entry_fingerprint,
  facts_read_at, state, reason, route, finance_conn, finance_id, finance_number, finance_status, finance_contact_id,
  finance_currency, finance_total, finance_marker, finance_due_date, finance_link, intent_token, intent_number,
  intent_payload_hash, intent_at, booked_at, reported_at, created_at, updated_at, state_since, aside_at,
  aside_by, search_text)
SELECT :system, :source, (1000000 + i)::text, kind, 'G-' || 1000000 + i, current_date - (age / :per_day)::int - 1,
  'NOK', (i * 37 % 90000) + 0.25, 'Customer ' || i % 5000 || ' Kongress AS', (i % 9)::text, (i % 700)::text,
  CASE WHEN is_credit AND i % 24 = 0 THEN (1000000 + i - 7)::text END,
  CASE WHEN is_credit THEN 'G-' || 1000000 + i - 7 END, md5(i::text) || md5('p' || i), md5('e' || i), i_at,
  state, CASE WHEN state = 'rejected' THEN 'Its total is not the sum of its lines. ' || repeat('.', 100) END, :route,
  CASE WHEN is_booked THEN :finance END, CASE WHEN is_booked THEN md5('f' || i) END,
  CASE WHEN is_booked THEN 'G-' || 1000000 + i END, CASE WHEN is_booked THEN 'PAID' END,
  CASE WHEN is_booked THEN md5('c' || i % 5000) END, CASE WHEN is_booked THEN 'NOK' END,
  CASE WHEN is_booked THEN (i * 37 % 90000) + 0.25 END, CASE WHEN is_booked THEN :system || ':' || 1000000 + i END,
  CASE WHEN is_booked THEN current_date - (age / :per_day)::int + 13 END,
  CASE WHEN is_booked THEN 'https://go.xero.com/app/!short/invoicing/view/' || md5('f' || i) END,
  CASE WHEN is_booked THEN md5('t' || i) END, CASE WHEN is_booked THEN 'G-' || 1000000 + i END,
  CASE WHEN is_booked THEN md5(i::text) END, CASE WHEN is_booked THEN i_at END, CASE WHEN is_booked THEN i_at END,
  i_at, i_at, i_at, i_at, CASE WHEN state = 'rejected' THEN i_at END, CASE WHEN state = 'rejected' THEN 'ola' END,
  'customer ' || i % 5000 || ' kongress as' || E'\\n' || 'g-' || 1000000 + i || E'\\n' || 1000000 + i
FROM (
  SELECT i, :count - i AS age, now() - (:count - i) * interval '3456 seconds' - interval '1 day' AS i_at,
    i % 12 = 0 AS is_credit,
    CASE WHEN i % 12 = 0 THEN 'credit note' WHEN i % 5 = 0 THEN 'card payment' ELSE 'customer offer invoice' END
      AS kind,
    CASE WHEN i % 400 = 2 THEN 'rejected' ELSE 'transferred' END AS state, i % 400 <> 2 AS is_booked
  FROM generate_series(1, :count) AS i
) AS numbered
"""
_STATUSES = """
INSERT INTO invoice_bridge.payment_statuses (document_id, number, status, due_date, total, paid, credited, is_draft,
  is_gone, is_paid_in_full, paid_in_full_on, payment_number, seen_at, told_on, told_at)
SELECT id, finance_number, 'PAID', finance_due_date, finance_total, finance_total, 0, false, false, true,
  document_date + 10, 'P-' || id, reported_at + interval '10 days',
  CASE WHEN kind = 'customer offer invoice' THEN document_date + 10 END,
  CASE WHEN kind = 'customer offer invoice' THEN reported_at + interval '10 days' END
FROM invoice_bridge.documents WHERE finance_id IS NOT NULL AND source_id ~ '^1[0-9]{6}$'
"""
_STEPS = """
INSERT INTO invoice_bridge.steps (document_id, step, state, token, intended_at, ended_at)
SELECT id, step, 'done', md5(step || id), reported_at, reported_at
FROM invoice_bridge.documents, unnest(ARRAY['report', 'report of the payment']) AS step WHERE state = 'transferred'
UNION ALL
SELECT id, 'rejection', 'done', md5('rejection' || id), updated_at, updated_at
FROM invoice_bridge.documents WHERE state = 'rejected'
"""
_HISTORY = """
INSERT INTO invoice_bridge.history (document_id, at, actor, from_state, to_state, note, changes)
SELECT id, created_at + step * interval '2 seconds',
  'invoice_transfer__' || route || '/scheduled__' || to_char(created_at, 'YYYY-MM-DD"T"HH24')
    || '/invoices/' || id % 40,
  (ARRAY[NULL, 'seen', 'seen', 'working', 'booked', 'booked'])[step],
  (ARRAY['seen', 'seen', 'working', 'booked', 'booked', state])[step],
  (ARRAY['first met', 'read from its source', 'about to be booked as', 'booked as', 'its step', 'ended'])[step],
  '{"number": [null, "G-100000"], "total": [null, "37.25"]}'::jsonb
FROM invoice_bridge.documents, generate_series(1, 6) AS step ORDER BY created_at, step
"""
_LINES = """
INSERT INTO invoice_bridge.finance_lines (document_id, finance_id, lines)
SELECT id, finance_id, jsonb_build_array(jsonb_build_array('Day ' || id, '1', '25', '200', NULL, '25'))
FROM invoice_bridge.documents WHERE finance_id IS NOT NULL AND source_id ~ '^1[0-9]{6}$'
"""
_OPEN = """
INSERT INTO invoice_bridge.open_payments (document_id, source_system, source_conn, finance_conn, kind, is_renumbered)
SELECT id, source_system, source_conn, finance_conn, kind, false
FROM invoice_bridge.documents JOIN invoice_bridge.payment_statuses ON document_id = id WHERE told_on IS NULL
"""
_SALES = """
INSERT INTO invoice_bridge.sales (source_system, source_conn, finance_conn, finance_id, route, document_id, project_id,
  kind, number, issued_on, due_date, currency, amount_excl_vat, amount_incl_vat, is_paid, paid_on, fingerprint,
  told_fingerprint, told_at, seen_at)
SELECT source_system, source_conn, finance_conn, finance_id, route, documents.id, project_id,
  CASE kind WHEN 'credit note' THEN 'credit_note' WHEN 'card payment' THEN 'card_payment' ELSE 'invoice' END,
  finance_number, document_date, finance_due_date, 'NOK', finance_total * 0.8, finance_total, true, document_date + 10,
  md5('s' || documents.id), md5('s' || documents.id), reported_at + interval '10 days',
  reported_at + interval '10 days'
FROM invoice_bridge.documents WHERE finance_id IS NOT NULL AND source_id ~ '^1[0-9]{6}$'
"""
TABLES = ("documents", "payment_statuses", "steps", "history", "open_payments", "finance_lines", "sales")


def grow(
    ledger: Ledger,
    count: int,
    *,
    route: str = "qondor_xero",
    source: tuple[str, str] = ("qondor", "qondor_default"),
    finance: str = "xero_default",
) -> None:
    """Write this many finished documents, for a ledger that holds nothing else yet."""
    names = {"system": source[0], "source": source[1], "finance": finance, "route": route}
    with ledger.transaction() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        # What triggers would write is written below, and keys that fit need no look.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.text(_DOCUMENTS), {"count": count, "per_day": PER_DAY, **names})
        there = sa.inspect(connection).get_table_names(schema="invoice_bridge")
        later = {"open_payments": _OPEN, "finance_lines": _LINES, "sales": _SALES}
        for statement in (_STATUSES, _STEPS, _HISTORY, *(made for name, made in later.items() if name in there)):
            connection.execute(sa.text(statement))
    analyse(ledger)


def analyse(ledger: Ledger) -> None:
    """Let the planner know what there is, as PostgreSQL does by itself after a while."""
    with ledger.transaction() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        there = set(sa.inspect(connection).get_table_names(schema="invoice_bridge"))
        for table in TABLES:
            if table in there:
                connection.execute(sa.text(f"ANALYZE invoice_bridge.{table}"))


def tidy_up(url: str) -> None:
    """Do at once what PostgreSQL does by itself some minutes after so many rows."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("VACUUM (ANALYZE)"))
        connection.execute(sa.text("CHECKPOINT"))
