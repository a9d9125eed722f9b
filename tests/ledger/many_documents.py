"""A ledger with as many documents as a busy year leaves, made in the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger

_DOCUMENTS = """
INSERT INTO invoice_bridge.documents (source_system, source_conn, source_id, kind, number, document_date, currency,
  total, contact_name, office_id, project_id, payload_hash, entry_fingerprint, facts_read_at, state, reason, route,
  held_fingerprint, announced_reason, announced_at, finance_conn, finance_id, finance_number, finance_status,
  finance_contact_id, finance_currency, finance_total, finance_marker, finance_due_date, finance_link, booked_at,
  reported_at, created_at, updated_at, state_since, search_text)
SELECT 'qondor', 'qondor_default', (100000 + i)::text,
  CASE WHEN i % 12 = 0 THEN 'credit note' ELSE 'customer offer invoice' END, 'Q-' || 100000 + i,
  date '2024-01-01' + (i % 1000), (ARRAY['NOK', 'SEK', 'EUR'])[1 + i % 3], (i * 37 % 90000) + 0.25,
  'Customer ' || i % 5000 || ' Kongress AS', (i % 9)::text, (i % 700)::text, md5(i::text), md5('e' || i), i_at, state,
  CASE WHEN state IN ('held', 'in doubt', 'rejected') THEN 'Article VAT' || i % 40 || ' is not mapped to an account. '
    || 'Give it one in finance.account_codes, or in the Airflow Variable of the route ' || repeat('.', 100) END,
  CASE WHEN i % 4 = 0 THEN 'other' ELSE 'qondor_xero' END,
  CASE WHEN state IN ('held', 'in doubt') THEN md5(i::text) || md5('h' || i) || ';route;;' END, NULL, i_at,
  CASE WHEN is_booked THEN 'xero_default' END, CASE WHEN is_booked THEN md5('f' || i) END,
  CASE WHEN is_booked THEN 'Q-' || 100000 + i END, CASE WHEN is_booked THEN 'AUTHORISED' END,
  CASE WHEN is_booked THEN md5('c' || i % 5000) END, CASE WHEN is_booked THEN 'NOK' END,
  CASE WHEN is_booked THEN (i * 37 % 90000) + 0.25 END, CASE WHEN is_booked THEN 'qondor:' || 100000 + i END,
  CASE WHEN is_booked THEN date '2024-01-31' + (i % 1000) END,
  CASE WHEN is_booked THEN 'https://go.xero.com/app/!short/invoicing/view/' || md5('f' || i) END,
  CASE WHEN is_booked THEN i_at END, CASE WHEN is_booked THEN i_at END, i_at, i_at, i_at,
  'customer ' || i % 5000 || ' kongress as' || E'\\n' || 'q-' || 100000 + i || E'\\n' || 100000 + i
FROM (
  SELECT i, CASE WHEN i % 40 = 0 THEN 'held' WHEN i % 250 = 1 THEN 'in doubt' WHEN i % 300 = 2 THEN 'rejected'
    WHEN i % 500 = 3 THEN 'seen' ELSE 'transferred' END AS state,
    now() - (:count - i) * interval '5 minutes' AS i_at
  FROM generate_series(1, :count) AS i
) AS numbered, LATERAL (SELECT state = 'transferred' AS is_booked) AS booked
"""
_HISTORY = """
INSERT INTO invoice_bridge.history (document_id, at, actor, from_state, to_state, note, changes)
SELECT id, created_at + step * interval '2 seconds',
  'invoice_transfer__' || route || '/scheduled__' || id / 500 || '/invoices/' || id % 500,
  (ARRAY[NULL, 'seen', 'seen', 'working', 'booked', 'booked'])[step],
  (ARRAY['seen', 'seen', 'working', 'booked', 'booked', state])[step],
  (ARRAY['first met', 'read from its source', 'about to be booked as', 'booked as', 'its step', 'ended'])[step],
  '{"number": [null, "Q-100000"], "total": [null, "37.25"]}'::jsonb
FROM invoice_bridge.documents, generate_series(1, 6) AS step ORDER BY created_at, step
"""


def fill(ledger: Ledger, count: int) -> None:
    """Write this many documents with six lines of history each, one document every five minutes until now."""
    with ledger.transaction() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text(_DOCUMENTS), {"count": count})
        connection.execute(sa.text(_HISTORY))
    with ledger.transaction() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("ANALYZE invoice_bridge.documents"))
        connection.execute(sa.text("ANALYZE invoice_bridge.history"))
