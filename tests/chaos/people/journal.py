"""What people did in a round, with the place in the traffic at which they did it; kept in the sandbox's process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Deed:
    """One act that came off.

    :param at: the number of the last call before it.
    :param during: whether runs were at work, so that a look may be older than the deed and the report younger.
    :param source_id: of the document that it was done to; empty where it was a contact.
    :param finance_id: of the booking that was changed, or that was made by hand.
    :param detail: the new number, status or value.
    """

    at: int
    during: bool
    verb: str
    source_id: str
    finance_id: str = ""
    detail: str = ""

    def __str__(self) -> str:
        when = "during" if self.during else "between"
        return f"{self.at:4} {when} runs: {self.verb} {self.source_id} {self.finance_id} {self.detail}".rstrip()


_DEEDS: list[Deed] = []
_MADE_BY_HAND = frozenset({"entered by hand", "credited by hand"})


def forget(_: Sandbox) -> None:
    """Begin a new round; runs in the sandbox."""
    _DEEDS.clear()


def deeds(_: Sandbox) -> list[Deed]:
    """All of them, in their order; runs in the sandbox."""
    return list(_DEEDS)


def note(sandbox: Sandbox, verb: str, source_id: str, *, during: bool, finance_id: str = "", detail: str = "") -> None:
    """Keep a deed; runs in the sandbox."""
    log = sandbox.traffic.log(last=1)
    _DEEDS.append(Deed(log[0].number if log else 0, during, verb, source_id, finance_id, detail))


def by_hand() -> set[str]:
    """The ids of bookings that people entered."""
    return {deed.finance_id for deed in _DEEDS if deed.verb in _MADE_BY_HAND}


def bookings_of(sandbox: Sandbox, system: str, source_id: str, number: str) -> list[Booked]:
    """The bookings that the package made of a document, whatever they are called now; the living first."""
    strangers = by_hand()
    renumbered = {deed.finance_id for deed in _DEEDS if deed.verb == "renumbered" and deed.source_id == source_id}
    others = {deed.finance_id for deed in _DEEDS if deed.verb == "renumbered" and deed.source_id != source_id}
    found = [
        each
        for each in getattr(sandbox, system).bookkeeper.documents()
        if each.kind != "Foreign invoice" and each.id not in strangers
        if each.id in renumbered or (each.number == number and each.id not in others)
    ]
    return sorted(found, key=lambda each: (each.status in GONE, each.number))


GONE = ("VOIDED", "DELETED")
