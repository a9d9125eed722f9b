"""What people do to a document or its contact, as far as its state allows it; each act happens in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.bookkeeping import BookkeepingError
from sandbox.ixpole.instalments import UnknownInstalmentError
from sandbox.qondor.payments import RuleBrokenError, UnknownPaymentError
from sandbox.xero.wire import RefusedError
from tests.chaos.acts import Act
from tests.chaos.people.administrator import IN_SOURCE
from tests.chaos.people.bookkeeper import BY_HAND, IN_FINANCE, MENDS
from tests.chaos.people.contacts import WITH_CONTACTS
from tests.chaos.people.journal import bookings_of, note

if TYPE_CHECKING:
    from random import Random

    from sandbox.sandbox import Sandbox
    from tests.chaos.people.whose import Whose

_THEIRS = IN_SOURCE | IN_FINANCE | WITH_CONTACTS | BY_HAND
_ALL = _THEIRS | MENDS
VERBS = tuple(_THEIRS)
"""Everything that people do."""
_REFUSALS = (BookkeepingError, RefusedError, RuleBrokenError, UnknownPaymentError, UnknownInstalmentError, KeyError)


@dataclass(frozen=True)
class PersonActs(Act):
    """Somebody tries verbs in the order of a dice, until one applies to the document as it is now.

    :param during: whether runs are at work.
    """

    whose: Whose
    verbs: tuple[str, ...]
    during: bool = False

    def __call__(self, sandbox: Sandbox) -> None:
        found = bookings_of(sandbox, self.whose.finance, self.whose.source_id, self.whose.number)
        for verb in self.verbs:
            try:
                done = _ALL[verb](sandbox, self.whose, found[0] if found else None)
            except _REFUSALS:
                done = None
            if done is not None:
                finance_id, detail = done
                source_id = self.whose.source_id
                note(sandbox, verb, source_id, during=self.during, finance_id=finance_id, detail=detail)
                return


IN_RUNS = (
    "set back",
    "approved",
    "activated",
    "renumbered",
    "paid",
    "unpaid",
    "corrected",
    "contact merged",
    "contact restored",
    "entered by hand",
    "another date",
)
"""What may happen while runs are at work: its end is the same whether a look came before it or after."""


def chosen(rng: Random, verbs: tuple[str, ...]) -> tuple[str, ...]:
    """A dice's order; what ends a document for good comes up more rarely."""
    final = ("removed from the source", "failed by hand", "contact archived", "contact merged")
    weighed = [(rng.random() ** (2 if verb in final else 1), verb) for verb in verbs]
    return tuple(verb for _, verb in sorted(weighed, reverse=True))[:6]
