"""Random worlds: what a route has been through before its dry run, and what waits for it then."""

from __future__ import annotations

import random as randomness
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.database.tables import documents, metadata
from invoice_bridge_core.routes.loader import read_route, routes_folder
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.systems.ixpole.instalments import product
from tests.transfer.dry_run.papers import ixpole_customers, ixpole_paper, qondor_paper

if TYPE_CHECKING:
    from random import Random

    from invoice_bridge_core.routes.model import Route
    from tests.world import World

ROUTES = ("qondor_xero", "qondor_xero", "qondor_quiddly", "ixpole_xero", "ixpole_quiddly")


@dataclass
class Scene:
    """One world, and what people and networks do in it."""

    world: World
    random: Random
    rows: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    is_flood: bool = False

    @property
    def from_qondor(self) -> bool:
        return self.world.route.source.system == "qondor"

    @property
    def into_xero(self) -> bool:
        return self.world.route.finance.system == "xero"

    @property
    def tenant(self) -> Any:
        return CLUB if self.into_xero else ARENA

    @property
    def ids(self) -> list[str]:
        return [str(row["id" if self.from_qondor else "InstalmentCode"]) for row in self.rows]

    def name_of(self, row: dict[str, Any]) -> str:
        number = row["invoiceNumber" if self.from_qondor else "InstalmentCode"]
        return f"{self.world.route.finance.number_prefix}{number}"

    def add(self, count: int) -> None:
        """So many new documents wait."""
        sandbox = self.world.sandbox
        for _ in range(count):
            number = len(self.rows) + 1
            if self.from_qondor:
                currency = "NOK" if self.into_xero else "SEK"
                row = qondor_paper(self.random, number, self.rows, currency, is_flood=self.is_flood)
                row["officeId"] = row["officeId"] if row["officeId"] == 4711 else 7 if self.into_xero else 9
                sandbox.qondor.add(row)
            else:
                row = ixpole_paper(self.random, number)
                sandbox.ixpole.add(row, self.tenant)
            self.rows.append(row)

    def past_run(self) -> None:
        """A run in which answers may be lost, or refused."""
        finance, source = self.world.route.finance.system, self.world.route.source.system
        for _ in range(self.random.choice((0, 1, 2))):
            kind = self.random.choice(("close", "close", "error", "refuse"))
            when = "before" if kind == "refuse" else self.random.choice(("before", "after"))
            system, method = self.random.choice(((finance, "PUT"), (finance, "POST"), (source, "PUT")))
            self.said.append(f"{kind} {when} {system} {method}")
            self.world.sandbox.fault(
                kind, system=system, method=method, when=when, path="re:^(?!.*(token|authenticate)).*",
                nth=self.random.randint(1, 4), count=1,
            )  # fmt: skip
        try:
            self.world.run()
        except BridgeError as error:
            self.said.append(f"run: {error}")
        self.world.sandbox.faults.clear()

    def happen(self) -> None:
        """What people do between two runs."""
        chances = [self._stranger, self._mend, self._mend_route, self._set_back, self._contact, self._change]
        for act in self.random.choices(chances, k=self.random.randint(0, 4)):
            self.said.append(act.__name__)
            try:
                act()
            except Exception as error:  # noqa: BLE001 - what a system does not let people do is simply not done
                self.said.append(f"not done: {error}")

    def _stranger(self) -> None:
        if not self.rows:
            return
        number = self.name_of(self.random.choice(self.rows))
        total = self.random.choice((Decimal(10_000), Decimal(636), Decimal(1)))
        if self.into_xero:
            known = self.world.sandbox.xero.invoices.rows()
            if all(row["InvoiceNumber"] != number for row in known):
                contact = self.random.choice(("Entered by hand", "Nordlys Møter 901 AS"))
                currency = {"CurrencyCode": self.random.choice(("NOK", "EUR"))}
                self.world.sandbox.xero.bookkeeper.changes.entered(number, total, contact, **currency)
            return
        invoices = self.world.sandbox.quiddly.invoices.rows()
        if invoices and all(row["invoiceNumber"] != number for row in invoices):
            like = self.random.choice(invoices)["invoiceNumber"]
            self.world.sandbox.quiddly.bookkeeper.changes.entered(number, like=like)

    def _mend(self) -> None:
        """A document is written anew, and now faultless or wrong in another way."""
        if not self.rows:
            return
        place = self.random.randrange(len(self.rows))
        old = self.rows[place]
        if self.from_qondor:
            new = qondor_paper(self.random, place + 1, (), old["currency"] or "NOK")
            keep = ("id", "invoiceNumber", "officeId", "type", "typeText", "isCreditNote", "creditedInvoiceId")
            new |= {name: old[name] for name in keep}
            new = new if not old["isCreditNote"] else {**old, "customer": new["customer"]}
            there = self.world.sandbox.qondor.payments[str(old["id"])]
            state = {name: there[name] for name in ("status", "statusText", "externalReference")}
            self.world.sandbox.qondor.administrator.change(old["id"], **{**new, **state})
        else:
            new = {**ixpole_paper(self.random, place + 1), "InstalmentCode": old["InstalmentCode"]}
            new.pop("Status")
            self.world.sandbox.ixpole.seller.change(old["InstalmentCode"], self.tenant, **new)
            new["Status"] = "ToDo"
        self.rows[place] = new

    def _mend_route(self) -> None:
        if self.into_xero:
            self.world.route = self.world.route.with_account_codes({"UNHEARD-OF": "200"})

    def _set_back(self) -> None:
        for source_id in self.random.sample(self.ids, min(2, len(self.ids))):
            if self.from_qondor:
                self.world.sandbox.qondor.administrator.set_back(source_id, despite_rules=True)
            else:
                self.world.sandbox.ixpole.seller.set_back(source_id, self.tenant)

    def _contact(self) -> None:
        """A contact is archived, restored, merged, doubled, or its name is somebody else's."""
        if not self.into_xero:
            return
        xero = self.world.sandbox.xero
        known = xero.contacts.rows()
        acts = self.random.choice(("archive", "restore", "merge", "double", "name"))
        if acts == "name":
            xero.add_contact(Name=f"Nordlys Møter {self.random.randint(901, 905)} AS", TaxNumber="NO999999999MVA")
        elif acts == "double":
            number = self.random.randint(901, 905)
            xero.add_contact(Name=f"Double {len(known)}", TaxNumber=f"NO98765{number:04d}MVA")
        elif known:
            one = self.random.choice(known)["ContactID"]
            into = xero.add_contact(Name=f"Group {len(known)}")["ContactID"]
            if acts == "merge":
                xero.merge_contacts(one, into)
            else:
                xero.contacts.change(one, ContactStatus="ARCHIVED" if acts == "archive" else "ACTIVE")

    def _change(self) -> None:
        """A booking is voided, paid or changed by a bookkeeper."""
        source = self.world.route.source
        rows = self.world.ledger.rows(source.system, source.conn_id, self.ids)
        booked = [row.booking.number for row in rows.values() if row.booking is not None]
        if not booked:
            return
        number = self.random.choice(booked)
        bookkeeper = getattr(self.world.sandbox, self.world.route.finance.system).bookkeeper
        act = self.random.choice(("void", "pay", "total", "renumber"))
        self.said.append(act)
        if act == "void":
            bookkeeper.void(number) if self.into_xero else bookkeeper.changes.delete(number)
        elif act == "pay":
            bookkeeper.pay(number)
        elif act == "total":
            bookkeeper.changes.total(number, Decimal("5.00"))
        elif self.into_xero:
            bookkeeper.renumber(number, f"D-{len(booked)}")
        else:
            bookkeeper.changes.renumber(number, f"D-{len(booked)}")


def random_scene(world: World, seed: int) -> Scene:
    """The world of a seed: begun anew, and ready for a dry run."""
    random = randomness.Random(seed)
    begin_anew(world)
    world.route = _route(random)
    scene = Scene(world, random, is_flood=random.random() < 0.2)
    scene.said.append(world.route.route)
    if not scene.from_qondor:
        for each in ixpole_customers():
            world.sandbox.ixpole.add_customer(each, scene.tenant)
        world.sandbox.ixpole.add_product(product(), scene.tenant)
    if random.random() < 0.75:
        world.booked_before()
    for _ in range(random.choices((0, 1, 2), (4, 4, 1))[0]):
        scene.add(random.randint(1, 4))
        scene.happen()
        scene.past_run()
        world.let_arrive()
        if random.random() < 0.1:
            _a_day_passes(world)
    scene.happen()
    scene.add(random.randint(1, 6))
    if random.random() < 0.5:
        scene.happen()
    world.let_arrive()
    return scene


def begin_anew(world: World) -> None:
    """An empty ledger and empty systems."""
    world.sandbox.reset(documents=0, data="plain")
    with world.ledger.transaction() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))


@cache
def _shipped(name: str) -> Route:
    return read_route(routes_folder() / f"{name}.yaml")


def _route(random: Random) -> Route:
    route = _shipped(random.choice(ROUTES))
    policy = {
        "unmapped_article": random.choice(("reject", "hold")),
        "most_rejections": random.choice((1, 1, 2, 5)),
        "total_tolerance": random.choice((Decimal("0.01"), Decimal("1.00"))),
    }
    finance: dict[str, Any] = {"printed_mark": random.choice(("none", "short", "full"))}
    finance["require_reference"] = random.random() < 0.1
    if route.finance.system == "xero":
        finance["rounding_account"] = random.choice(("860", None))
        finance["ambiguous_contact"] = random.choice(("first", "hold"))
        finance["invoice_status"] = random.choice(("AUTHORISED", "AUTHORISED", "DRAFT"))
    else:
        finance["activate"] = random.random() < 0.8
        if random.random() < 0.2:
            finance["invoice_search_path"] = None
        if random.random() < 0.2:
            finance["invoice_path"] = None
    limits = {"parallel": 1}
    source = {"document_link": random.choice((None, "https://source.example/documents/{id}"))}
    return route.model_copy(
        update={
            "source": route.source.model_copy(update=source),
            "finance": route.finance.model_copy(update=finance),
            "policy": route.policy.model_copy(update=policy),
            "limits": route.limits.model_copy(update=limits),
        }
    )


def _a_day_passes(world: World) -> None:
    day = sa.text("interval '25 hours'")
    with world.ledger.transaction() as connection:
        moments = {name: documents.c[name] - day for name in ("updated_at", "announced_at", "reported_at")}
        connection.execute(sa.update(documents).values(**moments))
