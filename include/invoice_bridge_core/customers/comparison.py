"""Comparing a customer three ways: as both sides said at the last sync, and as each of them says now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from invoice_bridge_core.customers.values import Value, Values, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Sameness(Protocol):
    """Says whether two values of a field mean the same."""

    def __call__(self, field: str, one: Value, other: Value, /) -> bool:
        """Whether they do."""


@dataclass(frozen=True)
class Agreed:
    """What both sides said of a field when it was last kept in step.

    The two are kept apart, since a system may write what it is told in its own way.
    """

    master: Value
    other: Value


@dataclass(frozen=True)
class Change:
    """What has to become of one field on the other side."""

    field: str
    old: Value
    new: Value

    @property
    def as_row(self) -> tuple[str, str, str]:
        """Field, from, to."""
        return (self.field, shown(self.old), shown(self.new))


@dataclass(frozen=True)
class Conflict:
    """A field that was changed on both sides since they last agreed."""

    field: str
    base: Value
    master: Value
    other: Value


@dataclass(frozen=True)
class Comparison:
    """What a comparison came to.

    :param agreed: what counts as kept in step from now on: what both sides say already.
    """

    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    agreed: Mapping[str, Agreed] | None = None


def compare(
    base: Mapping[str, Agreed],
    master: Values,
    other: Values,
    *,
    fields: Iterable[str],
    wipe: bool,
    same: Sameness,
    unchanged: Sameness | None = None,
) -> Comparison:
    """What the other side has to change, and where a person has to decide.

    Where the sides never agreed before, the master counts.

    :param base: field → what both said when they last agreed.
    :param wipe: whether a field that the master leaves empty is emptied on the other side.
    :param same: compares what the master says with what the other side says.
    :param unchanged: compares what one side says with what it said before; the same as `same` where left out.
    """
    unchanged = unchanged or same
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    agreed = dict(base)
    for field in fields:
        ours, theirs = master.get(field), other.get(field)
        if same(field, ours, theirs):
            agreed[field] = Agreed(ours, theirs)
            continue
        if ours is None and not wipe:
            continue
        known = base.get(field)
        if known is None:
            changes.append(Change(field, theirs, ours))
            continue
        here, there = not unchanged(field, known.master, ours), not unchanged(field, known.other, theirs)
        if here and there and theirs is not None:
            conflicts.append(Conflict(field, known.master, ours, theirs))
        elif here or there:
            changes.append(Change(field, theirs, ours))
    return Comparison(tuple(changes), tuple(conflicts), agreed)
