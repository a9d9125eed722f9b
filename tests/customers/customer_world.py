"""Customers kept in step without Airflow: real ledger, real hooks, and the sandbox over real sockets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from invoice_bridge_core.customers.batches import ContactBatches
from invoice_bridge_core.customers.plan import CustomerPlanner, Plan
from invoice_bridge_core.customers.sync import CustomerSync
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.database.customer_tables import customer_links
from invoice_bridge_core.ledger.database.tables import cursors
from tests.builders import route
from tests.customers.agreement import differences
from tests.world import World

if TYPE_CHECKING:
    from invoice_bridge_core.documents.customer_states import CustomerState
    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from sandbox.sandbox import Sandbox


@dataclass
class SyncRun:
    """What one run did."""

    plan: Plan | None = None
    results: list[Result] = field(default_factory=list)
    errors: list[BridgeError] = field(default_factory=list)

    @property
    def table(self) -> set[tuple[str, str, str, str]]:
        assert self.plan is not None
        return {(row.customer, row.field, row.old, row.new) for row in self.plan.table}


@dataclass
class CustomerWorld(World):
    """A world whose route keeps customers in step."""

    writes_ahead: bool = True

    @classmethod
    def of(cls, sandbox: Sandbox, ledger_url: str, **customers: Any) -> Self:
        """:param customers: the route's section."""
        for table in (sandbox.qondor.customers, sandbox.qondor.contact_persons, sandbox.xero.contacts):
            table.clear()
        return cls(sandbox, ledger_url, route(customers=customers))

    def plan(self, *, dry_run: bool = False) -> Plan:
        self.new_run()
        session = self.session()
        if dry_run:
            session.only_reads()
        return CustomerPlanner(session).plan(dry_run=dry_run)

    def sync(self, *, limit: int | None = None) -> SyncRun:
        """One whole run: plan, writing ahead, and a task for each customer with news."""
        run = SyncRun()
        self.let_arrive()
        try:
            run.plan = self.plan()
            wanted = self.ledger.customers.wanted(*self.conns, limit)
            if self.writes_ahead:
                ContactBatches(self.session(), f"{self.run_key}/write_ahead").write([row.id for row in wanted])
        except BridgeError as error:
            run.errors.append(error)
            return run
        for row in wanted:
            try:
                run.results.append(CustomerSync(self.session(), f"{self.run_key}/{row.id}").sync(row.id, row.label))
            except BridgeError as error:
                run.errors.append(error)
        return run

    def sync_until_quiet(self, rounds: int = 8) -> list[SyncRun]:
        """Runs until one has nothing left to do."""
        runs = []
        for _ in range(rounds):
            runs.append(self.sync())
            if runs[-1].plan is not None and not runs[-1].results and not runs[-1].errors:
                break
        return runs

    @property
    def conns(self) -> tuple[str, str]:
        return self.route.source.conn_id, self.route.finance.conn_id

    def expire_leases(self) -> None:
        """As if the leases of whoever died had run out."""
        with self.ledger.transaction() as connection:
            rows = sa.update(customer_links).where(customer_links.c.lease_until.is_not(None))
            connection.execute(rows.values(lease_until=customer_links.c.lease_until - dt.timedelta(hours=1)))

    def forget_versions(self) -> None:
        """As if a day had gone by: every customer of Qondor's is read in full, and all of Xero's."""
        day = dt.timedelta(days=2)
        with self.ledger.transaction() as connection:
            rows = sa.update(customer_links)
            connection.execute(rows.values(source_read_at=customer_links.c.source_read_at - day))
            connection.execute(sa.update(cursors).values(asked_at=cursors.c.asked_at - day))

    def customer_rows(self) -> list[CustomerRow]:
        return self.ledger.customers.rows(*self.conns)

    def customer_row(self, source_key: object) -> CustomerRow:
        return next(row for row in self.customer_rows() if row.source_key == str(source_key))

    def states(self) -> dict[str, CustomerState]:
        return {row.label: row.state for row in self.customer_rows()}

    def differences(self) -> list[tuple[str, str, str, str]]:
        """Where the two systems say different things of linked customers now, by what both hold."""
        return differences(self)

    def add(self, number: int = 901, **changes: Any) -> dict[str, Any]:
        """A customer of Qondor's."""
        values = {
            "id": number,
            "officeId": 7,
            "customerNumber": f"C-{number}",
            "name": f"Nordlys Møter {number} AS",
            "organisationNumber": organisation_number(number),
            "vatNumber": f"NO{organisation_number(number)}MVA",
            "invoiceEmail": f"faktura{number}@nordlys.example",
            "phoneNumber": "+4722000000",
            "address": "Storgata 1",
            "zipCode": "0155",
            "city": "Oslo",
            "country": "Norway",
            "countryCode": "NO",
        }
        return self.sandbox.qondor.customers.put({**values, **changes})

    def put_contact(self, contact_id: str, **changes: Any) -> dict[str, Any]:
        """A contact of Xero's, or what a person makes of one."""
        known: dict[str, Any] = self.sandbox.xero.contacts.get(contact_id) or {"ContactStatus": "ACTIVE"}
        stamp = self.sandbox.xero.books.stamp()
        row: dict[str, Any] = self.sandbox.xero.contacts.put(
            {**known, "ContactID": contact_id, **changes, "UpdatedDateUTC": stamp}
        )
        return row

    def contacts(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.sandbox.xero.contacts.rows()
        return rows

    def contact(self, name: str) -> dict[str, Any]:
        [found] = [row for row in self.contacts() if row["Name"] == name]
        return found


def organisation_number(number: int) -> str:
    """A Norwegian organisation number with right check digit, of nobody in particular."""
    weights = (3, 2, 7, 6, 5, 4, 3, 2)
    for base in range(90_000_000 + number * 37, 99_999_999):
        digits = f"{base:08d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if check != 10:
            return f"{digits}{0 if check == 11 else check}"
    raise AssertionError(number)
