"""Whatever part of a refused batch is saved: nobody is sent twice, and only what spoils a batch is left."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.errors import OutcomeUnknownError
from invoice_bridge_core.transfer.ahead.member import Member
from invoice_bridge_core.transfer.ahead.sending import MOST_SENDS, Sending
from tests.builders import document
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Finance:
    """Refuses every batch with a member that it does not like, and saves of it what `keeps` says."""

    most_members = 50
    most_bytes = 3_000_000

    def __init__(self, spoilers: set[str], keeps: Callable[[str], bool]) -> None:
        self.spoilers = spoilers
        self.keeps = keeps
        self.saved: list[str] = []
        self.sends: list[tuple[str, ...]] = []
        self.keys: list[str] = []

    def kind(self, *, is_credit_note: bool) -> str:
        return "Invoices"

    def body(self, kind: str, elements: Sequence[str]) -> bytes:
        return ",".join(elements).encode()

    def is_over(self, error: OutcomeUnknownError) -> bool:
        return True

    def send(self, kind: str, body: bytes, documents: Mapping[str, Any], *, idempotency_key: str) -> Mapping[str, Any]:
        self.sends.append(tuple(documents))
        self.keys.append(idempotency_key)
        is_spoiled = bool(self.spoilers & set(documents))
        self.saved += [number for number in documents if not is_spoiled or self._keeps(number)]
        if is_spoiled:
            raise OutcomeUnknownError("400")
        return {number: SimpleNamespace(number=number) for number in documents}

    def _keeps(self, number: str) -> bool:
        return number not in self.spoilers and self.keeps(number)


class Claim:
    """Counts how often the intent of one document was withdrawn."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.withdrawn = 0
        self.row = SimpleNamespace(id=number, booking=None)

    def intent(self, number: str, payload_hash: str) -> dict[str, str]:
        return {"intent_token": f"{number}/{self.withdrawn}"}

    def as_booked(self, booking: object) -> dict[str, str]:
        return {}


class Looking:
    """Finds what was saved."""

    def __init__(self, finance: Finance) -> None:
        self.finance = finance

    def absent(self, members: Sequence[Member], batch_id: int, *, is_over: bool) -> list[Member]:
        missing = [member for member in members if member.number not in self.finance.saved]
        for member in missing:
            cast("Any", member.claim).withdrawn += 1
        return missing


def sending(finance: Finance) -> Sending:
    ledger = SimpleNamespace(
        batches=SimpleNamespace(note=lambda *args, **how: 1, end=lambda *args, **how: []),
    )
    session = SimpleNamespace(
        ledger=ledger, route=SimpleNamespace(route="x"), finance=SimpleNamespace(conn_id="xero_default")
    )
    return Sending(
        cast("Any", session),
        cast("Any", finance),
        cast("Any", Looking(finance)),
        run_key="run",
        actor="test",
        sleep=lambda seconds: None,
    )


def member(number: str) -> Member:
    return Member(cast("Any", Claim(number)), document(number=number), number, element=f'{{"n":"{number}"}}')


@given(st.integers(2, 50), st.data())
@settings(max_examples=examples(60), deadline=None)
def test_only_what_spoils_a_batch_is_left_and_nothing_is_saved_twice(count: int, data: st.DataObject) -> None:
    numbers = [f"T-{number}" for number in range(count)]
    spoilers = data.draw(st.sets(st.sampled_from(numbers), max_size=2))
    kept = data.draw(st.sets(st.sampled_from(numbers)))
    finance = Finance(spoilers, kept.__contains__)
    sending(finance).send([member(number) for number in numbers])
    assert len(finance.saved) == len(set(finance.saved))
    assert len(finance.sends) <= MOST_SENDS
    assert len(finance.keys) == len(set(finance.keys))
    if len(finance.sends) < MOST_SENDS:
        assert set(finance.saved) == set(numbers) - spoilers
    assert all(len(set(sent)) == len(sent) for sent in finance.sends)


def test_one_that_spoils_fifty_is_found_by_thirteen_batches() -> None:
    numbers = [f"T-{number}" for number in range(50)]
    for spoiler in numbers[::7]:
        finance = Finance({spoiler}, lambda number: False)
        sending(finance).send([member(number) for number in numbers])
        assert set(finance.saved) == {*numbers} - {spoiler}
        assert len(finance.sends) <= 13
