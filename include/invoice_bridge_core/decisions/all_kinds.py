"""All kinds of questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.decisions.contact import ContactDecisions
from invoice_bridge_core.decisions.doubt import DoubtDecisions
from invoice_bridge_core.decisions.rejection import RejectionDecisions
from invoice_bridge_core.decisions.requeue import RequeueDecisions
from invoice_bridge_core.errors import UnknownNameError

if TYPE_CHECKING:
    from invoice_bridge_core.decisions.kind import DecisionKind, Question
    from invoice_bridge_core.transfer.route_session import RouteSession

KINDS: tuple[DecisionKind, ...] = (DoubtDecisions(), RequeueDecisions(), RejectionDecisions(), ContactDecisions())


def open_questions(session: RouteSession) -> list[Question]:
    """Everything that a route's people are to be asked now."""
    return [question for kind in KINDS for question in kind.open(session)]


def kind_named(name: str) -> DecisionKind:
    """The kind of this name.

    :raises UnknownNameError: this release has none.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise UnknownNameError(f"This release asks no questions of the kind {name!r}")
