from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge.systems.qondor import open_source
from invoice_bridge.systems.qondor.source import QondorSource
from invoice_bridge_core.documents import DocumentKind, SourceState
from invoice_bridge_core.errors import NotFoundError, UnreadableError
from invoice_bridge_core.ports import Booking
from invoice_bridge_core.ports.observations import ConnectionObservations
from tests.builders import document, route
from tests.systems.qondor.payments import payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ports import SourceSystem
    from sandbox.sandbox import Sandbox


D = Decimal


@pytest.fixture
def source(sandbox: Sandbox) -> Iterator[QondorSource]:
    hook = QondorHook(sleep=lambda _: None)
    yield QondorSource(hook)
    if hook._session is not None:
        hook._session.close()


class NoAttachments:
    """Qondor wants no attachments."""

    def pdf(self) -> bytes:
        raise AssertionError("Qondor takes no PDF")


NO_PAPERS = NoAttachments()


def booking() -> Booking:
    return Booking(
        finance_id="b1f1", number="Q-10023", status="AUTHORISED", contact_id="c1", currency="NOK", total=D("10000")
    )


def test_the_queue_is_read_with_one_call_and_its_payments_one_by_one(source: QondorSource, sandbox: Sandbox) -> None:
    for number in range(5):
        sandbox.qondor.add(payment(id=12345 + number, invoiceNumber=f"Q-{number}"))
    waiting = source.waiting()
    assert sorted(item.source_id for item in waiting) == ["12345", "12346", "12347", "12348", "12349"]
    assert sandbox.calls()["qondor"]["reads"] == 1
    assert {source.read(item.source_id).number for item in waiting} == {f"Q-{number}" for number in range(5)}
    with pytest.raises(NotFoundError):
        source.read("999")


def test_a_booked_payment_is_reported_with_the_finance_id_however_often(source: QondorSource, sandbox: Sandbox) -> None:
    sandbox.qondor.add(payment())
    for _ in range(2):
        source.report_transferred(source.read("12345"), booking(), NO_PAPERS)
    told = source.read("12345")
    assert (told.state, told.source_reference) == (SourceState.PROCESSED, "b1f1")
    assert source.waiting() == []


def test_a_rejection_is_told_in_under_a_thousand_characters(source: QondorSource, sandbox: Sandbox) -> None:
    sandbox.qondor.add(payment())
    source.rejections.report_rejected(source.read("12345"), "Article code 'X' not found; " * 100)
    assert source.read("12345").state is SourceState.FAILED
    message = sandbox.qondor.rules.read(12345)["failureMessage"]
    assert 900 < len(message) < 1000


def test_a_card_payment_is_never_failed(source: QondorSource, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="must never be set as failed"):
        source.rejections.report_rejected(document(kind=DocumentKind.CARD_PAYMENT), "no account")
    assert sandbox.calls()["qondor"]["writes"] == 0


class Queue:
    """A hook whose list says what a test wants."""

    conn_id = "qondor_default"
    observations = ConnectionObservations("qondor_default", "Qondor", check=list)

    def __init__(self, *entries: Any) -> None:
        self.entries = list(entries)

    def unprocessed_invoices(self) -> list[Any]:
        return self.entries


def listed(*entries: Any) -> QondorSource:
    return QondorSource(Queue(*entries))  # type: ignore[arg-type]


def test_ids_may_be_numbers_or_texts_and_count_once() -> None:
    waiting = listed({"id": 7}, {"Id": " 8 "}, {"id": "7"}, {"id": D("9.0")}, {"ID": "INV-1"}).waiting()
    assert [item.source_id for item in waiting] == ["7", "8", "9", "INV-1"]


def test_an_entry_may_be_nothing_but_its_id() -> None:
    source = listed(7, "8", " 9\u200b", D("10.0"), {"id": 11}, {"invoiceId": "12"}, "INV-1", 7)
    assert [item.source_id for item in source.waiting()] == ["7", "8", "9", "10", "11", "12", "INV-1"]
    assert source.unreadable_entries == 0
    assert listed().waiting() == []


@pytest.mark.parametrize("entries", [[None], [{"invoices": [1, 2]}], [[1, 2]], [True, {}], ["a b", "../x"]])
def test_a_list_without_any_id_is_no_empty_queue(entries: list[Any]) -> None:
    with pytest.raises(UnreadableError, match=f"lists {len(entries)} payments, but none with an id that can be used"):
        listed(*entries).waiting()


def test_an_entry_without_an_id_is_left_out_and_named_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    source = listed({"id": 1}, {"name": "Kari"}, None, True, {"id": True}, {"id": "../x"}, {"id": 2})
    waiting = source.waiting()
    assert [item.source_id for item in waiting] == ["1", "2"]
    assert source.unreadable_entries == 5
    assert [record.args[1] for record in caplog.records if isinstance(record.args, tuple)] == [2, 3, 4, 5, 6]
    assert "Kari" not in caplog.text


def test_a_fingerprint_changes_with_the_entry_and_not_with_its_order() -> None:
    (first,) = listed({"id": 1, "total": D("1.10"), "x": {"a": 1, "b": 2}}).waiting()
    (same,) = listed({"x": {"b": 2, "a": 1}, "total": D("1.10"), "id": 1}).waiting()
    (other,) = listed({"id": 1, "total": D("1.11"), "x": {"a": 1, "b": 2}}).waiting()
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_a_route_opens_its_source() -> None:
    source: SourceSystem = open_source(route(source={"conn_id": "qondor_oslo"}), tokens=None, memory=None)  # type: ignore[arg-type]
    assert (source.system, source.conn_id) == ("qondor", "qondor_oslo")
