"""Playing a batch twice, clean and as people wrote it, through the whole package; what both sides hold afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import documents
from tests.postgres import fresh_ledger_url
from tests.world import World

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.first_week.batches import Batch
    from tests.postgres import PostgresServer
    from tests.world import Ended

_XERO_KEPT = (
    "Total",
    "TotalTax",
    "SubTotal",
    "CurrencyCode",
    "Date",
    "DueDate",
    "Reference",
    "LineAmountTypes",
    "Status",
)
_LINE_KEPT = ("Description", "Quantity", "UnitAmount", "LineAmount", "AccountCode", "TaxType", "TaxAmount", "ItemCode")
_QUIDDLY_LEFT_OUT = ("id", "debtor")
_DEBTOR_KEPT = ("customerNumber", "name", "type", "invoiceAddress", "email", "phone", "cellPhone")


@dataclass
class Played:
    """What came of a batch.

    :param outcomes: by source id; who is not in it was not looked at.
    :param messages: what people were told of each.
    :param booked: finance number → what the customer reads and owes.
    :param contact_of: finance number → the contact's id, or the debtor's number.
    :param contacts: the ids of all contacts, those entered by hand included.
    :param hashes: source id → the hash of what was read.
    :param again: what a second run wrote or asked of finance.
    :param problems: of each rejected one, the rules that it broke; `None` where one is not in the closed list.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    booked: dict[str, dict[str, Any]] = field(default_factory=dict)
    contact_of: dict[str, str] = field(default_factory=dict)
    contacts: tuple[str, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    problems: dict[str, tuple[str | None, ...]] = field(default_factory=dict)


def play(sandbox: Sandbox, server: PostgresServer, batch: Batch, *, mangled: bool) -> Played:
    """One run over the whole queue, and a second one that must find nothing to do."""
    batch.plant(sandbox, mangled=mangled)
    with fresh_ledger_url(server) as url:
        world = World(sandbox, url, batch.route)
        try:
            world.booked_before()
            return _played(world, batch)
        finally:
            world.close()
            _forget_masks()


def _played(world: World, batch: Batch) -> Played:
    played = Played()
    for source_id, ended in world.run().items():
        played.outcomes[source_id], played.messages[source_id] = _told(ended)
    with world.ledger.transaction() as connection:
        rows = connection.execute(sa.select(documents.c.source_id, documents.c.payload_hash))
        played.hashes = {row.source_id: row.payload_hash for row in rows if row.payload_hash}
    for source_id, outcome in played.outcomes.items():
        if outcome == "rejected":
            played.problems[source_id] = _rules_broken(world, source_id)
    system = world.route.finance.system
    world.sandbox.traffic.reset()
    second = world.run()
    writes = [f"{call.method} {call.path}" for call in world.calls(system, "POST", "PUT", "PATCH", "DELETE")]
    # A credit note looks once more when what it names was looked at after it.
    may_look = {paper.source_id for paper in batch.papers if paper.credits is not None}
    looked = (
        f"{source_id} again: {_told(ended)}"
        for source_id, ended in second.items()
        if source_id not in may_look or _told(ended)[0] != "held"
    )
    played.again = (*looked, *writes)
    if system == "xero":
        _look_at_xero(world, played)
    else:
        _look_at_quiddly(world, played)
    return played


def _told(ended: Ended) -> tuple[str, str]:
    if ended.error is not None:
        return f"error {type(ended.error).__name__}", str(ended.error)
    return str(ended.outcome), ended.message


def _rules_broken(world: World, source_id: str) -> tuple[str | None, ...]:
    from invoice_bridge_core.transfer.checks import document_problems
    from invoice_bridge_core.transfer.reference import reference_data

    session = world.session()
    document = session.source.read(source_id)
    reference = reference_data(session.finance, world.ledger, world.run_key)
    problems = [
        *document_problems(document, world.route),
        *session.finance.bookings.problems(document, reference),
    ]
    return tuple(problem.final.value if problem.final else None for problem in problems)


def _look_at_xero(world: World, played: Played) -> None:
    xero = world.sandbox.xero
    for row in (*xero.invoices.rows(), *xero.credit_notes.rows()):
        number = str(row.get("InvoiceNumber") or row.get("CreditNoteNumber"))
        lines = [{name: line.get(name) for name in _LINE_KEPT} for line in row["LineItems"]]
        left = {name: row.get(name) for name in ("AmountDue", "AmountPaid", "RemainingCredit")}
        played.booked[number] = {**{name: row.get(name) for name in _XERO_KEPT}, **left, "lines": lines}
        played.contact_of[number] = str(row["ContactID"])
    played.contacts = tuple(str(row["ContactID"]) for row in xero.contacts.rows())


def _look_at_quiddly(world: World, played: Played) -> None:
    for row in world.sandbox.quiddly.invoices.rows():
        number = str(row["invoiceNumber"])
        debtor = {name: row["debtor"].get(name) for name in _DEBTOR_KEPT}
        kept = {name: value for name, value in row.items() if name not in _QUIDDLY_LEFT_OUT}
        played.booked[number] = {**kept, "debtor": debtor}
        played.contact_of[number] = str(row["debtor"]["customerNumber"])
    played.contacts = tuple(dict.fromkeys(played.contact_of.values()))


def _forget_masks() -> None:
    """Airflow compiles all masks anew for every token that it is told of."""
    import sys

    masker = sys.modules.get("airflow.sdk._shared.secrets_masker")
    if masker is not None:
        masker.reset_secrets_masker()
