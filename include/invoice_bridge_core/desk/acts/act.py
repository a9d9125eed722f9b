"""What every act has: a name, the documents it is offered for, what it asks, and what it does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.desk.finance_changes import FinanceChange
    from invoice_bridge_core.ledger.documents.rejections import KeptDocument
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.transfer.route_session import RouteSession


@dataclass(frozen=True)
class Choice:
    """One of several answers."""

    value: str
    label: str


@dataclass(frozen=True)
class Input:
    """What the dialog asks.

    :param kind: a line of text, a reason in a sentence, one of the choices, or a box to tick.
    :param choices: empty where they are known only once the systems were asked.
    :param is_button: whether a box is shown as a button of its own, which says it and does the act with one click.
    """

    name: str
    label: str
    kind: Literal["text", "reason", "choice", "flag"]
    required: bool = False
    choices: tuple[Choice, ...] = ()
    is_button: bool = False


@dataclass(frozen=True)
class OfferedAct:
    """An act that a document has now.

    :param label: of its button.
    :param question: what the dialog asks back.
    :param of_many: whether it makes sense for many documents at once.
    """

    name: str
    label: str
    question: str
    inputs: tuple[Input, ...] = ()
    of_many: bool = False

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return asdict(self)


@dataclass(frozen=True)
class Known:
    """What the ledger knows of one document, as far as acts depend on it.

    :param payment: `None` where it is not booked, or nobody looked.
    :param kept: set where it is held instead of being rejected.
    :param is_dropped: whether a person decided that it is not rejected for this reason.
    :param changes: what finance holds otherwise since it was transferred, and nobody has agreed to.
    """

    row: DocumentRow
    steps: Sequence[StepRecord] = ()
    payment: PaymentStatusRow | None = None
    kept: KeptDocument | None = None
    is_dropped: bool = False
    changes: tuple[FinanceChange, ...] = ()


class StartRun(Protocol):
    """Starts a run of a DAG."""

    def __call__(self, dag_id: str, source_ids: Sequence[str], note: str) -> str:
        """Its run id.

        :param source_ids: the documents that it takes; empty for all.
        :raises NotResolvedError: the DAG cannot be started.
        """


@dataclass(frozen=True)
class Deed:
    """One act of one person on one document.

    :param said: the inputs, read and complete.
    :param by: the person, as the history names them.
    :param claimant: as the lease and the history name them at work.
    :param open_session: opens the two systems of the document's route, for acts that ask them.
    """

    known: Known
    said: Mapping[str, Any]
    by: str
    claimant: str
    ledger: Ledger
    open_session: Callable[[], AbstractContextManager[RouteSession]]

    @property
    def row(self) -> DocumentRow:
        """The document, as the ledger knows it now."""
        return self.known.row

    @property
    def reason(self) -> str | None:
        """Why, as the person said it."""
        return self.said.get("reason") or None


class Act(Protocol):
    """One thing that a person may do with a document. A new act is one such class, named in `registry`."""

    name: ClassVar[str]

    def offered(self, known: Known) -> OfferedAct | None:
        """The act as the document has it, by what the ledger knows; `None` where it has not."""

    def carry_out(self, deed: Deed) -> str:
        """Do it; returns what was done, in a sentence.

        :raises NotResolvedError: a rule forbids it, or it cannot be checked now; nothing was changed.
        """
