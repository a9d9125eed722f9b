"""A look at a route in a test, and what shows that it wrote nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from cryptography.fernet import Fernet

from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.connections.guard import ConnectionGuard
from invoice_bridge_core.ledger.database.tables import metadata
from invoice_bridge_core.ledger.read_only import ReadOnlyLedger
from invoice_bridge_core.preflight.preflight import PreflightLook
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from invoice_bridge_core.preflight.causes import Cause
    from invoice_bridge_core.preflight.findings import Finding, Preflight
    from tests.world import World

NEEDED_FOR_ANY_CALL = {"call_slots", "tokens"}


def look(world: World) -> Preflight:
    """What keeps the documents of the world's route."""
    looked = ReadOnlyLedger(world.ledger)
    return PreflightLook(world.route, looked, lambda: looking_session(world, looked)).look()


def looking_session(world: World, looked: ReadOnlyLedger) -> RouteSession:
    """Both systems, as somebody has them who only looks."""
    tokens = world.ledger.token_vault(lambda: Fernet(FERNET_KEY))
    source = open_source(world.route, tokens, LedgerRunMemory(looked, "look"))
    finance = open_finance(world.route, tokens)
    guard = ConnectionGuard(
        looked,
        (source.observations, finance.observations),
        run="look",
        run_started=world.run_started,
        timezone=world.route.schedule.timezone,
        credentials=lambda conn_id: os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"],
    )
    session = RouteSession(world.route, looked, source, finance, guard)
    session.only_reads()
    return session


def of(report: Preflight, cause: Cause) -> list[Finding]:
    """The findings of one cause."""
    return [finding for finding in report.findings if finding.cause is cause]


def dump(world: World) -> dict[str, list[Any]]:
    """Everything in the ledger but what no call can be made without."""
    with world.ledger.transaction() as there:
        return {
            table.name: sorted(map(repr, there.execute(sa.select(table))))
            for table in metadata.sorted_tables
            if table.name not in NEEDED_FOR_ANY_CALL
        }


def held_by_systems(world: World) -> dict[str, list[Any]]:
    """What the systems hold."""
    sandbox = world.sandbox
    return {
        "payments": sandbox.qondor.payments.rows(),
        "invoices": sandbox.xero.invoices.rows(),
        "credit notes": sandbox.xero.credit_notes.rows(),
        "contacts": sandbox.xero.contacts.rows(),
        "items": sandbox.quiddly.invoices.rows(),
    }
