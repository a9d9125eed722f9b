"""A notice as it is noted and sent: groups of documents with one reason, and sentences about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.money import format_amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

TITLES = {
    "in_doubt": "In doubt",
    "held": "Held",
    "kept": "Kept from being rejected",
    "rejected": "Rejected",
    "refused_credentials": "Credentials refused",
    "late": "Late",
}
"""What each kind of news is called, in the order of a notice."""

_COUNTED = {
    "in_doubt": "{} in doubt",
    "held": "{} held",
    "kept": "{} kept from being rejected",
    "rejected": "{} rejected",
    "refused_credentials": "{} with refused credentials",
    "late": "{} late",
}


@dataclass(frozen=True)
class Group:
    """Documents that are left for one reason.

    :param sums: currency → total of all of them; what is unread has none.
    :param documents: the first few: number, customer, amount with its currency.
    :param link: the page that shows them.
    """

    kind: str
    reason: str
    count: int
    sums: Mapping[str, str]
    documents: Sequence[tuple[str, str, str]]
    link: str | None

    @property
    def summary(self) -> str:
        """`7 documents, 84 300.00 SEK, 1 200.00 NOK`."""
        noun = "document" if self.count == 1 else "documents"
        return ", ".join([f"{self.count} {noun}", *(f"{total} {currency}" for currency, total in self.sums.items())])

    @property
    def left_out(self) -> int:
        """How many documents are not named."""
        return self.count - len(self.documents)


@dataclass(frozen=True)
class Sentence:
    """What is to be said beside the documents."""

    kind: str
    text: str
    link: str | None = None


@dataclass(frozen=True)
class Notice:
    """What one channel is told at once.

    :param is_digest: whether it lists what is still open, and not what is new.
    :param counts: kind → how many, of all that it is about.
    :param link: the page with all of it.
    :param id: the ledger's; the same when the notice is sent again.
    :param is_repeat: it may have arrived before.
    """

    route: str
    is_digest: bool
    counts: Mapping[str, int]
    groups: Sequence[Group] = ()
    sentences: Sequence[Sentence] = ()
    link: str | None = None
    id: int = field(default=0, compare=False)
    is_repeat: bool = field(default=False, compare=False)

    @property
    def subject(self) -> str:
        """One line: the route, and how much of what; nothing in it came over the network."""
        counted = ", ".join(_COUNTED[kind].format(self.counts[kind]) for kind in TITLES if self.counts.get(kind))
        still = "still open: " if self.is_digest else ""
        return f"{'Again: ' if self.is_repeat else ''}{self.route}: {still}{counted}"

    @property
    def remark(self) -> str:
        """What a notice says that may have arrived before; else empty."""
        if not self.is_repeat:
            return ""
        return (
            f"Sent again: nobody knows whether notice {self.id} arrived. If you have it already, nothing is new here."
        )

    def body(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        return {
            "route": self.route,
            "is_digest": self.is_digest,
            "counts": dict(self.counts),
            "groups": [
                {**vars(group), "sums": list(group.sums.items()), "documents": list(map(list, group.documents))}
                for group in self.groups
            ],
            "sentences": [dict(vars(sentence)) for sentence in self.sentences],
            "link": self.link,
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any], notice_id: int, *, is_repeat: bool) -> Notice:
        """From what the ledger kept."""
        groups = [
            Group(**{**group, "sums": dict(group["sums"]), "documents": [tuple(one) for one in group["documents"]]})
            for group in body["groups"]
        ]
        sentences = [Sentence(**sentence) for sentence in body["sentences"]]
        parts: dict[str, Any] = {**body, "groups": groups, "sentences": sentences}
        return cls(**parts, id=notice_id, is_repeat=is_repeat)


def sums_of(amounts: Sequence[tuple[str, Decimal]]) -> dict[str, str]:
    """Currency → total as people read it; the largest count of documents first."""
    totals: dict[str, Decimal] = {}
    counts: dict[str, int] = {}
    for currency, amount in amounts:
        totals[currency] = totals[currency] + amount if currency in totals else amount
        counts[currency] = counts.get(currency, 0) + 1
    order = sorted(totals, key=lambda currency: (-counts[currency], currency))
    return {currency: format_amount(totals[currency]) for currency in order}
