"""The core at work without Airflow: real ledger, real hooks, and the sandbox over real sockets."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from cryptography.fernet import Fernet

from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.connections.guard import ConnectionGuard
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.database.customer_tables import customer_links
from invoice_bridge_core.ledger.database.sale_tables import sales
from invoice_bridge_core.ledger.database.tables import documents, steps
from invoice_bridge_core.ledger.documents.in_flight import BATCH_IN_FLIGHT, IN_FLIGHT
from invoice_bridge_core.ledger.sales.row import SaleKey
from invoice_bridge_core.payments.findings import finding
from invoice_bridge_core.payments.poll import PaymentPoll
from invoice_bridge_core.payments.report_paid import PaidReport
from invoice_bridge_core.sales.poll import SalesPoll
from invoice_bridge_core.sales.show import SaleShow
from invoice_bridge_core.transfer.ahead.book_ahead import BookAhead
from invoice_bridge_core.transfer.ahead.member import Wanted
from invoice_bridge_core.transfer.dry_run import DryRun
from invoice_bridge_core.transfer.queue import Queue
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory
from invoice_bridge_core.transfer.transfer import Attempt, Transfer
from tests.builders import route as ordinary_route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pytest

    from invoice_bridge_core.documents.outcomes import Outcome, Result
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.payments.findings import Finding
    from invoice_bridge_core.ports import Booking, FinanceSystem, SourceSystem
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.ahead.book_ahead import AheadSummary
    from invoice_bridge_core.transfer.queue import Selection
    from sandbox.sandbox import Sandbox

FERNET_KEY = "b3Blbi1zZXNhbWUtb3Blbi1zZXNhbWUtb3Blbi0xMjM="


@dataclass(frozen=True)
class Ended:
    """How an attempt ended: with a result, or with the error that its task fails with.

    Who asks for the result of an attempt that failed gets its error.
    """

    attempt: Result | BridgeError

    @property
    def result(self) -> Result:
        if isinstance(self.attempt, BridgeError):
            raise self.attempt
        return self.attempt

    @property
    def error(self) -> BridgeError | None:
        return self.attempt if isinstance(self.attempt, BridgeError) else None

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome

    @property
    def message(self) -> str:
        return self.result.message


def ended(attempt: Callable[[], Result]) -> Ended:
    """Make an attempt, and say how it ended."""
    try:
        return Ended(attempt())
    except BridgeError as error:
        return Ended(error)


@dataclass
class World:
    """One route with everything it needs. Each attempt opens its systems anew, as each task process does."""

    sandbox: Sandbox
    ledger_url: str
    route: Route = field(default_factory=ordinary_route)
    _runs: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    poll_said: str | None = None
    slept: list[float] = field(default_factory=list)
    fingerprint_keys: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        self.ledger = Ledger.connect(self.ledger_url)
        self.run_key = self.new_run()

    def close(self) -> None:
        self.ledger.close()

    def new_run(self) -> str:
        """Begin another run: reference data is read anew."""
        self.run_key = f"test/run_{next(self._runs)}#0"
        self.run_started = dt.datetime.now(dt.UTC)
        return self.run_key

    def systems(self) -> tuple[SourceSystem, FinanceSystem]:
        tokens = self.ledger.token_vault(lambda: Fernet(FERNET_KEY))
        return open_source(self.route, tokens, LedgerRunMemory(self.ledger, self.run_key)), open_finance(
            self.route, tokens
        )

    def session(self) -> RouteSession:
        """What a task of the present run works with."""
        source, finance = self.systems()
        return RouteSession(self.route, self.ledger, source, finance, self.guard(source, finance))

    def select(self, **how: Any) -> Selection:
        """The queue step of a new run."""
        run_key = self.new_run()
        session = self.session()
        queue = Queue(session, run_key, dry_run=how.pop("dry_run", False))
        window = how.pop("window", Window())
        how = {"limit": 1000, "reference_age": dt.timedelta(0), **how}
        selection = queue.select(window, **how)
        session.guard.keep_observations()
        return selection

    def guard(self, source: SourceSystem, finance: FinanceSystem) -> ConnectionGuard:
        """The way of one task of the present run to its two systems."""
        return ConnectionGuard(
            self.ledger,
            (source.observations, finance.observations),
            run=self.run_key,
            run_started=self.run_started,
            timezone=self.route.schedule.timezone,
            credentials=lambda conn_id: os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"],
            keys=self.fingerprint_keys,
        )

    def transfer(self, source_id: object, *, claimant: str | None = None) -> Result:
        """One attempt at one document."""
        self.let_arrive()
        session = self.session()
        attempt = Attempt(claimant=claimant or f"test/{source_id}", run_key=self.run_key)
        result = Transfer(session, attempt).transfer(self.ref(source_id))
        session.guard.keep_observations()
        return result

    def let_arrive(self) -> None:
        """As long goes by as what was sent may take to arrive."""
        nobodys = sa.select(documents.c.id).with_for_update(skip_locked=True)
        with self.ledger.transaction() as connection:
            rows = sa.update(documents).where(documents.c.id.in_(nobodys))
            long_ago = sa.case((documents.c.batch_id.is_(None), IN_FLIGHT), else_=BATCH_IN_FLIGHT)
            connection.execute(rows.values(intent_at=documents.c.intent_at - long_ago))
            shown = sa.select(sales.c.id).with_for_update(skip_locked=True)
            sent = sa.update(sales).where(sales.c.id.in_(shown))
            connection.execute(sent.values(intent_at=sales.c.intent_at - IN_FLIGHT))
            following = sa.update(steps).where(steps.c.document_id.in_(nobodys))
            connection.execute(following.values(intended_at=steps.c.intended_at - IN_FLIGHT))
            kept = sa.select(customer_links.c.id).with_for_update(skip_locked=True)
            customers = sa.update(customer_links).where(customer_links.c.id.in_(kept))
            connection.execute(customers.values(intent_at=customer_links.c.intent_at - IN_FLIGHT))

    def booked_before(self) -> None:
        """As if the route had booked a document long ago, through a source connection that is gone: it may reject."""
        values = {
            "source_system": self.route.source.system,
            "source_conn": "gone",
            "source_id": "long ago",
            "state": "transferred",
            "route": self.route.route,
            "finance_conn": "gone",
            "finance_id": "long ago",
        }
        with self.ledger.transaction() as connection:
            connection.execute(sa.insert(documents).values(**values))

    def rehearse(self, source_id: object) -> Result:
        """A dry run of one document."""
        return DryRun(self.session(), self.run_key).rehearse(self.ref(source_id))

    def run(self) -> dict[str, Ended]:
        """One whole run: queue, invoices, then credit notes."""
        return self.run_tasks(self.select())

    def book_ahead(self, selection: Selection, **how: Any) -> AheadSummary:
        """The batches of the present run."""
        session = self.session()
        lane = BookAhead(session, self.run_key, **{"actor": "test/book_ahead", "sleep": self.slept.append, **how})
        wanted = [
            [Wanted(each.ref, f"test/{each.ref.source_id}") for each in facts]
            for facts in (selection.invoices, selection.credit_notes)
        ]
        summary = lane.book(*wanted)
        session.guard.keep_observations()
        return summary

    def run_ahead(self, **how: Any) -> dict[str, Ended]:
        """One whole run with batches: queue, batches, invoices, then credit notes."""
        selection = self.select()
        self.book_ahead(selection, **how)
        return self.run_tasks(selection)

    def run_tasks(self, selection: Selection) -> dict[str, Ended]:
        """The tasks of the present run's documents."""
        facts = [*selection.invoices, *selection.credit_notes]
        return {each.ref.source_id: ended(partial(self.transfer, each.ref.source_id)) for each in facts}

    def poll(self, now: dt.datetime | None = None, **how: Any) -> PaymentPoll:
        """The poll of a payment run."""
        poll = self.payment_poll()
        poll.poll(now or self.now(), **how)
        return poll

    def payment_poll(self) -> PaymentPoll:
        """The poll of a new payment run, before anything is asked."""
        actor = f"{self.new_run()}/poll"
        return PaymentPoll(self.session(), actor)

    def report_paid(self, source_id: object, *, claimant: str | None = None, now: dt.datetime | None = None) -> Result:
        """One attempt at telling the source of one payment."""
        attempt = Attempt(claimant=claimant or f"test/paid/{source_id}", run_key=self.run_key)
        return PaidReport(self.session(), attempt).report(self.ref(source_id), now or self.now())

    def run_payments(self, now: dt.datetime | None = None) -> dict[str, Ended]:
        """One whole payment run."""
        poll = self.poll(now)
        to_tell = [entry.row.ref.source_id for entry in poll.to_tell(now or self.now())]
        return {source_id: ended(partial(self.report_paid, source_id, now=now)) for source_id in to_tell}

    def sales_poll(self, now: dt.datetime | None = None) -> SalesPoll:
        """The poll of a new sales run."""
        self.new_run()
        session = self.session()
        poll = SalesPoll(session)
        self.poll_said = poll.poll(now or self.now())
        session.guard.keep_observations()
        return poll

    def show_sale(self, finance_id: str, *, claimant: str | None = None) -> Result:
        """One attempt at showing one sale."""
        session = self.session()
        key = SaleKey(self.route.source.conn_id, self.route.finance.conn_id, finance_id)
        result = SaleShow(session, claimant or f"{self.run_key}/{finance_id}").show(key)
        session.guard.keep_observations()
        return result

    def run_sales(self, now: dt.datetime | None = None) -> dict[str, Ended]:
        """One whole sales run, by finance id."""
        to_show = self.sales_poll(now).to_show(now or self.now())
        return {sale.key.finance_id: ended(partial(self.show_sale, sale.key.finance_id)) for sale in to_show}

    def found(self) -> dict[str, Finding]:
        """What the ledger has to say of the payments that are not over, by source id."""
        poll = PaymentPoll(self.session(), "test")
        return {entry.row.ref.source_id: finding(entry, self.route) for entry in poll.entries()}

    def now(self) -> dt.datetime:
        """The sandbox's own time."""
        return self.sandbox.clock.now()

    def run_until_quiet(self, rounds: int = 6) -> list[dict[str, Ended]]:
        """Runs until one has nothing left to do."""
        runs = []
        for _ in range(rounds):
            runs.append(self.run())
            if not runs[-1]:
                break
        return runs

    def ref(self, source_id: object) -> DocumentRef:
        return DocumentRef(system=self.route.source.system, conn_id=self.route.source.conn_id, source_id=str(source_id))

    def row(self, source_id: object) -> DocumentRow:
        row = self.ledger.row(self.ref(source_id))
        assert row is not None
        return row

    def booking(self, source_id: object) -> Booking:
        """What the document is booked as."""
        booking = self.row(source_id).booking
        assert booking is not None
        return booking

    def calls(self, system: str, *methods: str) -> list[Any]:
        """The calls that arrived since the log was reset, token requests left out."""
        wanted: Sequence[str] = methods or ("GET", "PUT", "POST", "PATCH", "DELETE")
        return [
            entry
            for entry in self.sandbox.traffic.log(system=system)
            if entry.method in wanted and "connect/token" not in entry.path
        ]


def connect(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point Airflow's connections at the sandbox."""
    for conn_id, connection in sandbox.connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))


def payment(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A payment as Qondor tells it: an invoice over 10 000.00 NOK."""
    values: dict[str, Any] = {
        "id": 50000 + number,
        "invoiceNumber": f"T-{number}",
        "type": 1,
        "typeText": "CustomerOfferInvoice",
        "formOfPayment": 1,
        "formOfPaymentText": "Invoice",
        "isCreditNote": False,
        "creditedInvoiceId": None,
        "creditedInvoiceNumber": None,
        "status": 1,
        "statusText": "Unprocessed",
        "invoiceDate": "2026-11-02",
        "dueDate": "2026-12-02",
        "paymentTermsDays": 30,
        "currency": "NOK",
        "currencyCode": 578,
        "officeId": 7,
        "officeName": "Oslo",
        "projectId": 5501,
        "projectNo": "P-5501",
        "projectName": "Nordic Sales Kick-off",
        "customer": customer(),
        "booker": None,
        "customInvoiceFields": [],
        "lines": [line()],
        "totalExclVat": 8000,
        "vatAmount": 2000,
        "totalInclVat": 10000,
        "externalReference": None,
        "failureMessage": None,
        "paidDate": None,
    }
    return values | changes


def card_payment(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A card payment over 10 000.00 NOK."""
    kind = {"type": 4, "typeText": "CreditCardPayment", "formOfPayment": 2, "formOfPaymentText": "CreditCard"}
    return payment(number, **kind | changes)


def credit_note(number: int, credited: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A credit note over the whole of another payment, with negative amounts."""
    kind = {
        "type": 5,
        "typeText": "CreditNote",
        "isCreditNote": True,
        "creditedInvoiceId": credited["id"],
        "creditedInvoiceNumber": credited["invoiceNumber"],
        "formOfPayment": credited["formOfPayment"],
        "formOfPaymentText": credited["formOfPaymentText"],
        "customer": credited["customer"],
        "lines": [line(quantity=-1, sign=-1)],
        "totalExclVat": -8000,
        "vatAmount": -2000,
        "totalInclVat": -10000,
    }
    return payment(number, **kind | changes)


def customer(number: int = 901, **changes: Any) -> dict[str, Any]:
    """A Norwegian company that Xero does not know."""
    values: dict[str, Any] = {
        "id": number,
        "customerNumber": f"C-{number}",
        "externalReference": None,
        "name": f"Nordlys Møter {number} AS",
        "legalName": f"Nordlys Møter {number} AS",
        "organisationNumber": f"98765{number:04d}",
        "vatNumber": f"NO98765{number:04d}MVA",
        "invoiceEmail": f"faktura{number}@nordlys.example",
        "phoneNumber": "+4722000000",
        "address": "Storgata 1",
        "address2": None,
        "zipCode": "0155",
        "city": "Oslo",
        "country": "Norway",
        "countryCode": "NO",
        "invoiceAddressEnabled": False,
    }
    return values | changes


def line(article: str = "VAT25", *, quantity: int = 1, sign: int = 1, **changes: Any) -> dict[str, Any]:
    """A line over 8 000.00 and 25 % VAT."""
    values: dict[str, Any] = {
        "id": 1,
        "description": "Conference room, full day",
        "articleNumber": article,
        "quantity": quantity,
        "unitPriceExclVat": 8000,
        "unitPriceInclVat": 10000,
        "vatPercentage": 25,
        "totalExclVat": 8000 * sign,
        "vatAmount": 2000 * sign,
        "totalInclVat": 10000 * sign,
    }
    return values | changes
