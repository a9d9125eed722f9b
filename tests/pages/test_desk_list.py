"""The list of documents: against a plain list in Python, in every order, page by page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.search_text import search_key, searched_text
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents
from tests.builders import document
from tests.examples import SHARED_FIXTURE, examples
from tests.ledger.rows import claimed

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Ledger
    from tests.pages.desk_world import Desk

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
OPEN = ("held", "in doubt", "rejected")
ORDER = ("in doubt", "held", "rejected", "working", "booked", "seen", "transferred")
BOOKED = ("booked", "transferred")


@dataclass(frozen=True)
class Known:
    """A document as the model knows it."""

    source_id: str
    state: str
    route: str | None
    hours: int
    office: str | None
    kind: str | None
    number: str | None
    customer: str | None
    date: dt.date | None
    currency: str | None
    total: Decimal | None
    finance_number: str | None
    is_aside: bool

    @property
    def signed(self) -> Decimal | None:
        return -self.total if self.total is not None and self.kind == "credit note" else self.total

    @property
    def is_open(self) -> bool:
        return not self.is_aside and (self.state in OPEN or (self.state != "transferred" and self.hours >= 24))

    def holds(self, word: str) -> bool:
        other = (self.finance_number or "").lower()
        texts = (search_key(self.customer or ""), search_key(self.number or ""), self.source_id)
        return any(word in text for text in texts) or (
            self.number is not None and self.finance_number != self.number and word in other
        )


DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 2, 28))
CUSTOMERS = st.sampled_from(
    ["Åse Øvrebø AS", "ase ovrebo as", "Müller & Söhne", "100% Kongress_AS", "O'Neill  Ltd", "Ł"]
)
NUMBERS = st.sampled_from(["Q-1", "q-1", "Q-10", "F%1", "Q_2", "T-77"])


@st.composite
def known(draw: st.DrawFn, source_id: str) -> Known:
    state = draw(st.sampled_from(ORDER))
    is_read = draw(st.integers(0, 9)) > 0
    return Known(
        source_id=source_id,
        state=state,
        route=draw(st.sampled_from(["qondor_xero", "other", "qondor_xero", None])),
        # Never so close to a whole day that the clock decides.
        hours=draw(st.sampled_from([0, 1, 5, 23, 25, 30, 100])),
        office=draw(st.sampled_from(["7", "8", None])) if is_read else None,
        kind=draw(st.sampled_from([each.value for each in DocumentKind])) if is_read else None,
        number=draw(NUMBERS) if is_read else None,
        customer=draw(st.none() | CUSTOMERS) if is_read else None,
        date=draw(st.none() | DAYS) if is_read else None,
        currency=draw(st.sampled_from(["NOK", "SEK"])) if is_read else None,
        total=draw(st.sampled_from([Decimal("0.00"), Decimal("10.50"), Decimal(700)])) if is_read else None,
        finance_number=draw(st.sampled_from(["INV-9", "Q-1"])) if state in BOOKED else None,
        is_aside=draw(st.integers(0, 5)) == 0,
    )


LEDGERS = st.integers(0, 12).flatmap(lambda count: st.tuples(*(known(str(5000 + one)) for one in range(count))))
QUERIES = st.fixed_dictionaries(
    {"view": st.sampled_from(["open", "all", "aside"]), "size": st.sampled_from([1, 3, 50])},
    optional={
        "state": st.lists(st.sampled_from([*ORDER, "in-doubt", "In Doubt"]), max_size=3),
        "route": st.sampled_from(["qondor_xero", "other", "none"]),
        "office": st.sampled_from(["7", "8"]),
        "kind": st.sampled_from(["credit note", "instalment"]),
        "text": st.sampled_from(["ase", "ØVREBØ as", "q-1", "%", "_", "o’neill", "inv", "muller sohne", "5003", "xyz",
                                 "qondor:qondor_default:5001"]),
        "since": DAYS.map(str),
        "until": DAYS.map(str),
        "older_than": st.sampled_from(["2", "24.5", "0"]),
        "sort": st.sampled_from(["age", "date", "number", "customer", "total", "state"]),
        "order": st.sampled_from(["asc", "desc"]),
    },
)  # fmt: skip


@settings(max_examples=examples(60), suppress_health_check=SHARED_FIXTURE)
@given(ledger_of=LEDGERS, query=QUERIES)
@pytest.mark.parametrize("who", ["admin"])
def test_the_list_is_that_of_a_plain_list(
    ledger: Ledger, desk: Desk, who: str, ledger_of: tuple[Known, ...], query: dict[str, Any]
) -> None:
    write(ledger, ledger_of)
    wanted = expected(ledger_of, query)
    pages = [desk.documents(who, **query, page=page) for page in range(1, len(wanted) // int(query["size"]) + 2)]
    found = [entry["ref"].rpartition(":")[2] for listed in pages for entry in listed["documents"]]
    assert found == [one.source_id for one in wanted]
    first = pages[0]
    assert first["count"] == len(wanted)
    assert {each["currency"]: (Decimal(each["total"]), each["count"]) for each in first["sums"]} == sums(wanted)
    without_states = expected(ledger_of, {**query, "state": []})
    assert first["states"] == {
        state: count for state in ORDER if (count := sum(one.state == state for one in without_states))
    }


def expected(ledger_of: tuple[Known, ...], query: dict[str, Any]) -> list[Known]:
    states = {state.replace("-", " ").lower() for state in query.get("state") or ()}
    text = query.get("text", "")
    is_reference = text.count(":") == 2

    def fits(one: Known) -> bool:
        in_view = {"open": one.is_open, "all": True, "aside": one.is_aside}[query["view"]]
        in_time = one.date is not None or not ("since" in query or "until" in query)
        since, until = query.get("since", "0001-01-01"), query.get("until", "9999-12-31")
        if one.date is not None:
            in_time = since <= str(one.date) < until
        has_words = (
            f"qondor:qondor_default:{one.source_id}" == text
            if is_reference
            else all(one.holds(word) for word in search_key(text).split())
        )
        return (
            in_view
            and in_time
            and has_words
            and (not states or one.state in states)
            and query.get("route") in (None, one.route)
            and query.get("office") in (None, one.office)
            and query.get("kind") in (None, one.kind)
            and one.hours >= float(query.get("older_than", "-1"))
        )

    found = [one for one in ledger_of if fits(one)]
    return in_order(found, query.get("sort", "age"), query.get("order", "desc"))


def in_order(found: list[Known], sort: str, order: str) -> list[Known]:
    """In the order wanted; what is unknown comes last either way."""
    keys: dict[str, Callable[[Known], Any]] = {
        "age": lambda one: -one.hours,
        "date": lambda one: one.date,
        "number": lambda one: one.number,
        "customer": lambda one: one.customer and searched_text(one.customer, one.number, one.source_id),
        "total": lambda one: one.signed,
        "state": lambda one: ORDER.index(one.state),
    }
    key = keys[sort]
    is_backwards = (order == "desc") != (sort in ("age", "state"))
    ordered = sorted((one for one in found if key(one) is not None), key=lambda one: (key(one), one.source_id))
    unknown = [one for one in found if key(one) is None]
    return [*reversed(ordered), *reversed(unknown)] if is_backwards else [*ordered, *unknown]


def sums(found: list[Known]) -> dict[str | None, tuple[Decimal, int]]:
    totals: dict[str | None, tuple[Decimal, int]] = {}
    for one in found:
        total, count = totals.get(one.currency, (Decimal(0), 0))
        totals[one.currency] = (total + (one.signed or 0), count + 1)
    return totals


def write(ledger: Ledger, ledger_of: tuple[Known, ...]) -> None:
    with ledger.transaction() as connection:
        connection.execute(sa.delete(documents))
        for one in ledger_of:
            connection.execute(sa.insert(documents).values(**columns(one)))


def columns(one: Known) -> dict[str, Any]:
    is_booked = one.state in BOOKED
    began = NOW - dt.timedelta(hours=one.hours, minutes=5)
    return {
        "source_system": "qondor",
        "source_conn": "qondor_default",
        "source_id": one.source_id,
        "state": one.state,
        "route": one.route,
        "state_since": began,
        "office_id": one.office,
        "kind": one.kind,
        "number": one.number,
        "contact_name": one.customer,
        "document_date": one.date,
        "currency": one.currency,
        "total": one.total,
        "search_text": searched_text(one.customer, one.number, one.source_id),
        "finance_conn": "xero_default" if is_booked else None,
        "finance_id": f"f-{one.source_id}" if is_booked else None,
        "finance_number": one.finance_number,
        "finance_status": "AUTHORISED" if is_booked else None,
        "finance_contact_id": "c-1" if is_booked else None,
        "finance_currency": "NOK" if is_booked else None,
        "finance_total": 1 if is_booked else None,
        "aside_at": NOW if one.is_aside else None,
        "aside_by": "Kari" if one.is_aside else None,
        "aside_reason": "asked the customer" if one.is_aside else None,
    }


def test_a_line_says_what_people_ask(ledger: Ledger, desk: Desk) -> None:
    write(
        ledger,
        (Known("5001", "held", "qondor_xero", 3, "7", "credit note", "Q-1", "Acme", dt.date(2026, 1, 2), "NOK",
               Decimal("10.50"), None, False),),
    )  # fmt: skip
    [line] = desk.documents()["documents"]
    known = {name: line[name] for name in ("ref", "number", "kind", "customer", "date", "total", "currency", "office")}
    assert known == {
        "ref": "qondor:qondor_default:5001",
        "number": "Q-1",
        "kind": "credit note",
        "customer": "Acme",
        "date": "2026-01-02",
        "total": "-10.50",
        "currency": "NOK",
        "office": "7",
    }
    assert line["links"]["source"] == "https://qondor.example/invoice/5001"
    assert desk.documents()["offices"] == ["7"]
    assert desk.documents("other")["offices"] == []
    assert DocumentState(line["state"]) is DocumentState.HELD


def test_a_run_narrows_the_list_to_what_its_tasks_wrote_of(ledger: Ledger, desk: Desk) -> None:
    dag = "invoice_transfer__qondor_xero"
    for source_id, run in (("1", "manual__1"), ("2", "manual__10"), ("3", "manual_x1")):
        claim = claimed(ledger, f"{dag}/{run}/invoices/0", document().ref.model_copy(update={"source_id": source_id}))
        claim.held("Article code 'SPA' not found")
    listed = desk.get("api/documents", run=f"{dag}/manual__1", view="all").json["documents"]
    assert [line["ref"].rpartition(":")[2] for line in listed] == ["1"]
    assert desk.get("api/documents", "other", run=f"{dag}/manual__1", view="all").json["documents"] == []
