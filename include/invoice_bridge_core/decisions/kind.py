"""A kind of question, and what every kind has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.transfer.route_session import RouteSession

APPROVE, REFUSE = "Approve", "Refuse"

_MARKED = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$])")


@dataclass(frozen=True)
class Question:
    """Which document somebody is asked about.

    :param kind: names the kind.
    :param about: what is so, in a key: the same is not asked again once it was answered.
    """

    kind: str
    source_id: str
    label: str
    about: str


@dataclass(frozen=True)
class Box:
    """What a person may enter beside the option that they choose.

    :param is_flag: whether it is ticked; else it is a line of text.
    """

    name: str
    label: str
    is_flag: bool = False


@dataclass(frozen=True)
class QuestionText:
    """What a person reads.

    :param subject: one line of plain text.
    :param body: Markdown, in which nothing of a document's has a meaning.
    :param options: of which they choose one.
    """

    subject: str
    body: str
    options: tuple[str, ...] = (APPROVE, REFUSE)


@dataclass(frozen=True)
class Answer:
    """What a person said.

    :param by: who, as the history names them.
    :param reason: why; `None` where they said nothing.
    :param claimant: the task that carries it out; its later tries take over from its dead ones.
    :param option: what they chose, where it is more than yes or no.
    :param entered: what they entered in the kind's boxes, by their names.
    """

    is_approved: bool
    by: str
    reason: str | None
    claimant: str
    option: str = ""
    entered: Mapping[str, str | bool | None] = field(default_factory=dict)


class DecisionKind(Protocol):
    """What is asked of one kind, and what is done then. A new kind is one such class, named in `all_kinds`."""

    name: ClassVar[str]
    refusals: ClassVar[frozenset[str]]
    """The options that leave all as it is."""
    options: ClassVar[tuple[str, ...]]
    """All of them; empty where each question has its own."""
    boxes: ClassVar[tuple[Box, ...]]

    def open(self, session: RouteSession) -> Sequence[Question]:
        """What is to be decided now, by the ledger alone, without what was decided before."""

    def text(self, session: RouteSession, question: Question) -> QuestionText | None:
        """What a person is asked; `None` where it is decided meanwhile, or no longer so."""

    def carry_out(self, session: RouteSession, question: Question, answer: Answer) -> str:
        """Do what was approved, or note what was refused; returns what was done, in a sentence. Safe to repeat.

        :raises NotResolvedError: a rule forbids it, or it cannot be checked now.
        """


def plain(text: object) -> str:
    """A text in Markdown that means itself."""
    return _MARKED.sub(r"\\\1", " ".join(str(text).split()))
