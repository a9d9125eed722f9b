"""One document, once: what the mapped tasks of all DAGs that carry documents have in common."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from airflow.sdk.bases.xcom import BaseXCom
from airflow.sdk.execution_time.xcom import XCom

from invoice_bridge.operators.links import (
    DeskLink,
    DocumentButtons,
    FinanceDocumentLink,
    SourceDocumentLink,
    document_links,
)
from invoice_bridge.operators.once import OnceOperator
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.errors import BridgeError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from airflow.sdk import BaseOperatorLink, Context

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt


class DocumentStep(Protocol):
    """What a mapped task does with its document."""

    def __call__(self, session: RouteSession, attempt: Attempt, ref: DocumentRef, *, dry_run: bool) -> Result:
        """Carry the document; in a dry run say what would be done, and write nothing."""


class DocumentOperator(DocumentButtons, OnceOperator):
    """Carry one document to the end of its step, or say why not.

    Held documents skip the task, with the reason in its name; rejected ones and those in doubt fail it for good;
    passing trouble is left to the retry policy. A kind of task names its `step`, and adds nothing else.

    :param route: the route to work for.
    :param document: the entry of the list: `source_id` and `label`. No template field: it comes from the network, and
        each document would cost Airflow a row and a request for what its task's name says.
    """

    step: ClassVar[DocumentStep]
    entry_name: ClassVar[str] = "document"

    operator_extra_links: Collection[BaseOperatorLink] = (FinanceDocumentLink(), SourceDocumentLink(), DeskLink())

    def __init__(self, *, route: Route, document: dict[str, str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.document = document

    @classmethod
    def links_of(cls, route: Route) -> Sequence[BaseOperatorLink]:
        """To the document in both systems, and on the desk."""
        return document_links(route)

    def execute(self, context: Context) -> dict[str, str | None] | None:
        """Carry it; a dry run returns what would have been done."""
        if XCom is BaseXCom and type(self).__module__.startswith(f"{__package__}."):
            # Airflow's page finds these addresses itself (`pages/task_buttons.py`); not those of other packages' tasks,
            # which it does not know, and not where lists are kept elsewhere.
            self.operator_extra_links = ()
        return super().execute(context)

    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Carry the document; in a dry run say what would be done, and write nothing."""
        ref = DocumentRef(
            system=session.source.system, conn_id=session.source.conn_id, source_id=self.document["source_id"]
        )
        self.find_on_desk(ref)
        try:
            result = type(self).step(session, attempt, ref, dry_run=dry_run)
        except BridgeError:
            # The task has to say this error, even where the ledger does not answer either.
            with suppress(BridgeError):
                self.find_links(self.route, session.ledger, ref)
            raise
        self.find_links(self.route, session.ledger, ref)
        return result

    def noted(self, result: Result) -> None:
        """The link to the document in finance."""
        self.finance_url = result.link or self.finance_url
