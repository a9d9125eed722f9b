"""A document that is kept comes back exactly as it was read, once, to its own run, within minutes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.systems.payload import hashed
from invoice_bridge_core.documents import Document, Line
from invoice_bridge_core.documents.invoice_fields import InvoiceField
from invoice_bridge_core.ledger.database.tables import queue_reads
from invoice_bridge_core.ledger.queue_reads import KEPT, QueueRead
from tests.builders import document
from tests.ledger.test_contacts import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Ledger

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False)
DATES = st.none() | st.dates()
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
LINES = st.builds(Line, description=TEXTS, article_number=TEXTS, quantity=st.none() | AMOUNTS, total_incl_vat=AMOUNTS)
FIELDS = st.builds(InvoiceField, heading=TEXTS, value=TEXTS, allowed_values=st.tuples(st.just("1.0")))
DOCUMENTS = st.builds(
    lambda **changes: hashed(document(**changes)),
    lines=st.lists(LINES, max_size=3).map(tuple),
    invoice_fields=st.lists(FIELDS, max_size=2).map(tuple),
    custom_fields=st.lists(st.tuples(st.text("a\x00'é"), st.text('b\\"')), max_size=2).map(tuple),
    invoice_date=DATES,
    due_date=DATES,
    total_incl_vat=AMOUNTS,
    total_excl_vat=st.none() | AMOUNTS,
    purchase_order=TEXTS,
    source_reference=TEXTS,
    read_as=st.lists(st.text("x "), max_size=2).map(tuple),
)


def digits(value: object) -> object:
    """Everything in it, amounts with all their digits: 1.0 is not 1.00 here."""
    return repr(value)


@given(DOCUMENTS)
def test_a_document_is_the_same_after_it_was_kept(read: Document) -> None:
    text = QueueRead(read, None).text
    assert text is not None
    again = Document.model_validate_json(text)
    assert digits(again) == digits(read)
    assert hashed(again).payload_hash == read.payload_hash


def test_the_ledger_gives_it_back_with_every_sign_of_it(ledger: Ledger) -> None:
    read = document(purchase_order="PO \x00 🎿 'Ł'", total_incl_vat=Decimal("10000.10"), lines=())
    ledger.queue_reads.keep("run 1", [QueueRead(read, "entry")])
    taken = ledger.queue_reads.take("run 1", read.ref)
    assert taken is not None
    assert (taken.document, taken.entry_fingerprint) == (read, "entry")


def test_what_is_no_text_is_not_kept_and_keeps_no_other_from_it(ledger: Ledger) -> None:
    good = document()
    bad = document(ref=good.ref.model_copy(update={"source_id": "2"}), purchase_order="\ud800")
    ledger.queue_reads.keep("run 1", [QueueRead(bad, None), QueueRead(good, None)])
    assert ledger.queue_reads.take("run 1", bad.ref) is None
    assert ledger.queue_reads.take("run 1", good.ref) is not None


def test_it_is_given_to_one_task_of_its_own_run(ledger: Ledger) -> None:
    read = document()
    ledger.queue_reads.keep("run 1", [QueueRead(read, None)])
    ledger.queue_reads.keep("run 1", [QueueRead(read, "newer")])
    assert ledger.queue_reads.take("run 2", read.ref) is None
    taken: list[QueueRead | None] = []
    at_once(8, lambda: taken.append(ledger.queue_reads.take("run 1", read.ref)))
    assert [one.entry_fingerprint for one in taken if one is not None] == ["newer"]


@pytest.mark.parametrize("is_too_old", [True, False])
def test_it_is_as_old_as_its_read(ledger: Ledger, is_too_old: bool) -> None:
    read = document()
    age = KEPT if is_too_old else KEPT - dt.timedelta(seconds=30)
    ledger.queue_reads.keep("run 1", [QueueRead(read, None)], age)
    assert (ledger.queue_reads.take("run 1", read.ref) is None) is is_too_old


def test_whoever_keeps_takes_or_forgets_deletes_what_is_too_old(ledger: Ledger) -> None:
    def left() -> int:
        with ledger.transaction() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(queue_reads)) or 0

    read = document()
    deeds: tuple[Callable[[], object], ...] = (
        lambda: ledger.queue_reads.keep("run 2", []),
        lambda: ledger.queue_reads.forget("run 2", "qondor", "qondor_default", []),
        lambda: ledger.queue_reads.take("run 2", read.ref),
    )
    for deed in deeds:
        ledger.queue_reads.keep("run 1", [QueueRead(read, None)], KEPT)
        assert left() == 1
        deed()
        assert left() == 0


def test_it_is_not_in_the_databases_own_log(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        kind = connection.scalar(
            sa.text("SELECT relpersistence FROM pg_class WHERE oid = 'invoice_bridge.queue_reads'::regclass")
        )
    assert kind == "u"
