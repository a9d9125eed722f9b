"""Random rounds: bookkeepers, project managers and troubles at work while finance's documents are shown as sales.

A seed fixes the route, the documents, every act and every trouble. At the end all is let come to rest, and both sides
have to agree: no sale twice, none missing, none that says something else than finance.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.errors import BridgeError
from sandbox.bookkeeping import NotPossibleError, UnknownDocumentError
from tests.chaos.boundary import STAGE
from tests.payments.snapshot import leases_run_out, new_process, pauses_run_out
from tests.payments.test_crashes import Breaking, Crash
from tests.sales.shop import Shop, with_sales
from tests.sales.test_faults import FAULTS
from tests.world import card_payment, credit_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World

_PROJECTS = ((5501, "P-5501"), (5502, "P-5502"))
_OTHERS = {
    "project_in": "reference",
    "pattern": r"P-[0-9]+",
    "projects": {number: str(one) for one, number in _PROJECTS},
}
_TRIES = 8


@dataclass
class SalesRound:
    """What a seed stands for.

    :param tampered: numbers of documents whose sale somebody changed or deleted in Qondor.
    """

    shop: Shop
    seed: int
    rng: Random = field(init=False)
    papers: list[dict[str, Any]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    tampered: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    def play(self) -> Iterator[str]:
        """Everything that is wrong at the end, one sentence each."""
        world = self.shop.world
        if self.shop.into_xero and self.rng.random() < 0.5:
            world.route = with_sales(world.route, others=_OTHERS)
        for _ in range(self.rng.randint(2, 4)):
            self._new_paper()
        for _ in range(self.rng.randint(8, 16)):
            self.rng.choice(self._deeds())()
        yield from self._come_to_rest()

    def _deeds(self) -> list[Any]:
        by_people = [self._pay, self._pay, self._take_back, self._put_off, self._tamper]
        if self.shop.into_xero:
            by_people += [self._void, self._renumber, self._part, self._enter]
        return [*by_people, self._new_paper, self._sales, self._sales, self._sales, self._payments, self._time]

    def _come_to_rest(self) -> Iterator[str]:
        world = self.shop.world
        self.shop.sandbox.faults.clear()
        for name in sorted(self.tampered):
            # A sale that somebody has changed becomes finance's again when finance has news of it.
            self._tried(lambda keeper, name=name: keeper.changes.due(name, dt.date(2027, 3, self.rng.randint(1, 28))))
        later = 0
        for _ in range(_TRIES):
            leases_run_out(world)
            pauses_run_out(world)
            world.let_arrive()
            later += 8
            try:
                world.run_payments()
                if not world.run_sales(world.now() + dt.timedelta(days=later)) and world.poll_said is None:
                    break
            except BridgeError as error:
                self.told.append(f"a run at the end failed: {error}")
        else:
            yield f"there is still work after {_TRIES} runs"
        yield from self._wrong()

    def _wrong(self) -> Iterator[str]:
        for text in self.shop.wrong():
            if not any(text.startswith(f"{number} is shown, though") for number in self.others):
                yield text
        for sale in self.shop.rows():
            # The lease of a dead task may stay on what nobody has to come back to.
            if sale.intent is not None or sale.has_news or sale.reason is not None:
                yield f"the ledger is left with {sale}"

    def _new_paper(self) -> None:
        number, (project_id, project) = len(self.papers) + 1, self.rng.choice(_PROJECTS)
        kind = self.rng.random()
        credited = [one for one in self.papers if one["type"] == 1 and not one.get("credited")]
        of = {"projectId": project_id, "projectNo": project}
        if kind < 0.2 and credited:
            of_it = self.rng.choice(credited)
            of_it["credited"] = True
            plain = {name: value for name, value in of_it.items() if name != "credited"}
            paper = credit_note(number, plain, currency=plain["currency"], currencyCode=plain["currencyCode"], **of)
        else:
            paper = self.shop.paper(number, **of)
            if kind > 0.85 and self.shop.into_xero:
                paper = card_payment(number, **of)
        self.papers.append(paper)
        self.shop.sandbox.qondor.add({name: value for name, value in paper.items() if name != "credited"})
        self._tell(f"{paper['typeText']} T-{number}")
        self.shop.world.run()
        self.shop.world.run()

    def _some(self) -> str:
        return self.shop.name_of(self.rng.randint(1, len(self.papers)))

    def _day(self) -> dt.date:
        return dt.date(2026, 11, self.rng.randint(10, 28))

    def _pay(self) -> None:
        name, on = self._some(), self._day()
        self._tried(lambda keeper: keeper.pay(name, on=on), f"{name} is paid")

    def _part(self) -> None:
        name, on = self._some(), self._day()
        self._tried(lambda keeper: keeper.pay(name, Decimal(700), on=on), f"{name} is paid in part")

    def _take_back(self) -> None:
        name, on = self._some(), self._day()
        verb = "unpay" if self.shop.into_xero else "correct"
        args = {} if self.shop.into_xero else {"on": on}
        self._tried(lambda keeper: getattr(keeper, verb)(name, **args), f"{name} is not paid after all")

    def _put_off(self) -> None:
        name, on = self._some(), dt.date(2027, 1, self.rng.randint(1, 28))
        self._tried(lambda keeper: keeper.changes.due(name, on), f"{name} is put off to {on}")

    def _void(self) -> None:
        name = self._some()
        self._tried(lambda keeper: keeper.void(name), f"{name} is voided")

    def _renumber(self) -> None:
        name = self._some()
        self._tried(lambda keeper: keeper.renumber(name, f"{name}-{self.rng.randint(1, 9)}"), f"{name} is renumbered")

    def _enter(self) -> None:
        number = f"H-{len(self.others) + 1}"
        self.others.append(number)
        text = self.rng.choice(["for P-5501", "P-5502", "nothing"])
        self._tried(lambda keeper: keeper.changes.entered(number, Decimal(500), Reference=text), f"{number}: {text}")

    def _tamper(self) -> None:
        sales = self.shop.sandbox.qondor.sales
        rows = sales.all()
        if not rows:
            return
        row = self.rng.choice(rows)
        if self.rng.random() < 0.5:
            kept = [one for one in rows if one["id"] != row["id"]]
            sales.clear()
            for one in kept:
                sales.put(one)
            self._tell(f"the sale of {row['invoiceNumber']} is deleted")
        else:
            sales.put({**row, "amountInclVat": Decimal(1), "description": "mine"})
            self._tell(f"the sale of {row['invoiceNumber']} is changed")
        self.tampered.add(str(row["externalReference"]).rpartition(":")[2])

    def _payments(self) -> None:
        try:
            self.shop.world.run_payments()
        except BridgeError as error:
            self._tell(f"a payment run failed: {error}")

    def _time(self) -> None:
        world = self.shop.world
        leases_run_out(world)
        pauses_run_out(world)
        world.let_arrive()
        self._tell("time passes")

    def _sales(self) -> None:
        """A sales run, mostly with one trouble at one of its boundaries."""
        world, at = self.shop.world, self.rng.randint(0, 30)
        roll = self.rng.random()
        plan = Breaking(None if roll < 0.3 else at, dies=roll > 0.7, fault=None if roll > 0.7 else self._fault())
        plan.sandbox = self.shop.sandbox
        try:
            with STAGE.under(plan):
                world.run_sales()
        except Crash:
            self._tell(f"a sales run dies after {plan.met[-1]}")
            new_process(world)
        except BridgeError as error:
            self._tell(f"a sales run failed: {error}")
        else:
            self._tell("a sales run")
        self.shop.sandbox.faults.clear()

    def _fault(self) -> dict[str, Any]:
        return self.rng.choice(FAULTS)

    def _tried(self, act: Any, text: str = "") -> None:
        try:
            act(self.shop.bookkeeper)
        except (NotPossibleError, UnknownDocumentError):
            return
        if text:
            self._tell(text)

    def _tell(self, text: str) -> None:
        self.told.append(text)


def play_round(world: World, seed: int) -> list[str]:
    """What is wrong after the round of a seed, and what befell before; nothing where all is well.

    The world has to be empty, and its route one that shows sales.
    """
    one = SalesRound(Shop(world), seed)
    found = list(one.play())
    return [f"SEED={seed}: {text}" for text in found] + [f"  ({text})" for text in one.told] if found else []
