"""A random round at the desk: several people act beside transfers, payment runs and what others do in both systems."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.desk.acts.known import known_of
from invoice_bridge_core.desk.acts.offered import acts_of
from invoice_bridge_core.desk.acts.registry import ACTS
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.transfer.chosen_contact import ContactChoice
from invoice_bridge_core.transfer.set_back import ENDED
from sandbox.bookkeeping import BookkeepingError
from sandbox.qondor.payments import RuleBrokenError
from tests.builders import route
from tests.desk.clerk import Clerk
from tests.ledger.rows import expire
from tests.transfer.test_resolution import made_by_hand
from tests.world import World, card_payment, customer, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.desk.acts.act import OfferedAct
    from invoice_bridge_core.ledger import DocumentRow
    from sandbox.sandbox import Sandbox

DOCUMENTS = 8
PEOPLE = ("Anna Berg", "Bo Lund", "Cai Ås")
TWINS = {"TaxNumber": "NO987650907MVA", "EmailAddress": "faktura907@nordlys.example"}
_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("close", {"when": "after", "system": "xero", "method": "PUT"}),
    ("close", {"when": "before", "system": "xero", "method": "PUT"}),
    ("error", {"system": "xero", "method": "GET"}),
    ("close", {"when": "after", "system": "qondor", "method": "PUT"}),
    ("refuse", {"system": "qondor", "method": "PUT"}),
    ("error", {"system": "qondor", "method": "GET"}),
    ("close", {"when": "after", "system": "xero", "method": "PUT", "path": "*Payments"}),
    ("close", {"when": "before", "system": "xero", "method": "PUT", "path": "*Payments"}),
    ("close", {"when": "before", "system": "qondor", "method": "PUT"}),
)
_STEPS = ("step_done", "step_not_done")


@dataclass(frozen=True)
class Told:
    """What a person was told of one act."""

    by: str
    act: str
    source_id: str
    is_done: bool
    text: str


@dataclass
class DeskRound:
    """The round of a seed.

    :param told: all acts, done or not.
    """

    sandbox: Sandbox
    ledger_url: str
    seed: int
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(f"desk {self.seed}")
        self.route = route(
            policy={"unmapped_article": "reject", "most_rejections": 1}, finance={"ambiguous_contact": "hold"}
        )
        self.ids = [str(50001 + number) for number in range(DOCUMENTS)]

    def world(self) -> World:
        """One for each thread: a world has one run at a time."""
        return World(self.sandbox, self.ledger_url, self.route)

    def play(self, stages: int, acts_each: int) -> list[str]:
        """Play it; what is wrong afterwards."""
        self._prepare()
        for stage in range(stages):
            # In some stages no run looks, so that people meet what the last one left.
            self._stage(acts_each, has_runs=stage == 0 or self.rng.random() < 0.6)
        self.sandbox.faults.clear()
        return self._end()

    def _prepare(self) -> None:
        for name in ("Nordlys A", "Nordlys B"):
            self.sandbox.xero.add_contact(Name=name, **TWINS)
        for number in range(1, DOCUMENTS + 1):
            changes: dict[str, Any] = {"lines": [line("ROOM-DLX")]} if self.rng.random() < 0.3 else {}
            # The last two are of the customer for whom two contacts fit.
            changes |= {"customer": customer(907)} if number > DOCUMENTS - 2 else {}
            # The money of every third was taken by card, which is a step of its own in finance.
            kind = card_payment if number % 3 == 0 else payment
            self.sandbox.qondor.add(kind(number, **changes))
        world = self.world()
        if self.rng.random() < 0.5:
            world.booked_before()
        for number in self.rng.sample(range(1, DOCUMENTS - 1), 4):
            made_by_hand(world, InvoiceNumber=f"T-{number}")
        world.close()

    def _stage(self, acts_each: int, *, has_runs: bool) -> None:
        self.sandbox.faults.clear()
        for name, how in self.rng.sample(_FAULTS, self.rng.randrange(5)):
            self.sandbox.fault(name, **how, nth=self.rng.randrange(1, 5))
        work: list[Callable[[], None]] = [self._others(Random(self.rng.random()))]
        if has_runs:
            work += [self._transfers, self._payments]
        else:
            self._leave_it()
        work += [self._person(by, acts_each, Random(self.rng.random())) for by in PEOPLE]
        with ThreadPoolExecutor(len(work)) as pool:
            for done in [pool.submit(each) for each in work]:
                done.result()

    def _leave_it(self) -> None:
        """Dead tasks have left their documents long ago."""
        world = self.world()
        expire(world.ledger)
        world.close()

    def _transfers(self) -> None:
        world = self.world()
        with suppress(BridgeError):
            world.run()
        world.close()

    def _payments(self) -> None:
        world = self.world()
        with suppress(BridgeError):
            world.run_payments()
        world.close()

    def _others(self, rng: Random) -> Callable[[], None]:
        """A bookkeeper and an administrator, who know nothing of the desk."""

        def work() -> None:
            bookkeeper, administrator = self.sandbox.xero.bookkeeper, self.sandbox.qondor.administrator
            for _ in range(2):
                number = f"T-{rng.randrange(1, DOCUMENTS + 1)}"
                with suppress(BookkeepingError, RuleBrokenError):
                    match rng.randrange(5):
                        case 0:
                            bookkeeper.void(number)
                        case 1:
                            bookkeeper.pay(number)
                        case 2:
                            bookkeeper.renumber(number, f"X-{number}")
                        case 3:
                            bookkeeper.changes.total(number, Decimal(9000))
                        case _:
                            administrator.set_back(int(rng.choice(self.ids)), despite_rules=False)

        return work

    def _person(self, by: str, count: int, rng: Random) -> Callable[[], None]:
        def work() -> None:
            world = self.world()
            clerk = Clerk(world, by)
            looked: dict[str, DocumentRow] = {}
            for _ in range(count):
                source_id = rng.choice(self.ids)
                row = world.ledger.row(world.ref(source_id))
                if row is None or (row.state in ENDED and rng.random() < 0.7):
                    continue
                # Some act on a page that they loaded long ago.
                row = looked.get(source_id, row) if rng.random() < 0.2 else row
                looked[source_id] = row
                offered = acts_of(known_of(world.ledger, row))
                if not offered:
                    continue
                steps = [one for one in offered if one.name in _STEPS]
                # Such acts are offered for a moment only: until the next run has looked.
                act = rng.choice(steps if steps and rng.random() < 0.7 else offered)
                name = rng.choice(ACTS).name if rng.random() < 0.1 else act.name
                [done] = clerk.does(name, row, **self._inputs(act, row, world, rng))
                self.told.append(Told(by, name, source_id, done.is_done, done.text))
            world.close()

        return work

    def _inputs(self, act: OfferedAct, row: DocumentRow, world: World, rng: Random) -> dict[str, str | bool]:
        """Something sensible, most of the time. Nobody says that they looked: that would be believed."""
        values: dict[str, str | bool] = {}
        for asked in act.inputs:
            if asked.name == "contact":
                with suppress(BridgeError):
                    world.new_run()
                    found = ContactChoice(world.session()).candidates(row)
                    values["contact"] = rng.choice([*(one.contact_id for one in found), "nobody"])
            elif asked.kind == "choice":
                values[asked.name] = rng.choice(asked.choices).value
            elif asked.kind == "reason":
                values[asked.name] = "because of the test"
            elif asked.kind == "text":
                number = row.booking.number if row.booking is not None else row.intent_number
                values[asked.name] = rng.choice([number or row.number or "", row.number or "", "T-99"])
            elif asked.name != "i_looked":
                values[asked.name] = rng.random() < 0.7
        return values

    def _end(self) -> list[str]:
        world = self.world()
        expire(world.ledger)
        for _ in range(6):
            world.let_arrive()
            if not world.run() and not world.run_payments():
                break
        wrong = [problem for source_id in self.ids for problem in self._wrong(world, source_id)]
        wrong += [f"{one.act} on {one.source_id}: {one.text}" for one in self.told if "went wrong" in one.text]
        world.close()
        return wrong

    def _wrong(self, world: World, source_id: str) -> list[str]:
        row = world.row(source_id)
        wrong = []
        if row.lease_owner is not None:
            wrong.append(f"{row.label} is still leased by {row.lease_owner}")
        living = [one for one in self.sandbox.xero.invoices.rows() if one["Status"] not in ("VOIDED", "DELETED")]
        own = [one["InvoiceNumber"] for one in living if str(row.ref) in json.dumps(one, default=str)]
        if len(own) > 1:
            wrong.append(f"{row.label} is booked as {own}")
        told = self.sandbox.qondor.payments[int(source_id)]
        if row.state is DocumentState.TRANSFERRED and told["statusText"] == "Processed":
            booking = row.booking
            if booking is None or told["externalReference"] != booking.finance_id:
                wrong.append(f"Qondor was told {told['externalReference']} of {row.label}, the ledger says {booking}")
        if row.state is DocumentState.REJECTED and told["statusText"] == "Processed":
            wrong.append(f"{row.label} is rejected, and Qondor says Processed")
        changes = world.ledger.history(row)
        for by in PEOPLE:
            done = sum(one.is_done and (one.by, one.source_id) == (by, source_id) for one in self.told)
            lines = sum(change.actor == f"{by}, on the desk" for change in changes)
            if lines < done:
                wrong.append(f"{by} did {done} things with {row.label}, and the history has {lines} lines")
        return wrong
