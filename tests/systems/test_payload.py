"""The hash of a document's content: what the ledgers of older releases hold must be found again."""

from __future__ import annotations

from invoice_bridge.systems.payload import hashed
from tests.builders import document

FORMER = "11165c7df74fc04f544c6348dc7d90cda7c03a80de2e04e4d6e8cd60519ea241"
"""The hash of this very document by the release whose ledger was at migration 0005."""


def test_a_document_has_the_hash_that_older_ledgers_hold() -> None:
    assert hashed(document()).payload_hash == FORMER


def test_card_money_changes_the_hash() -> None:
    assert hashed(document(paid_by_card=True)).payload_hash != FORMER
