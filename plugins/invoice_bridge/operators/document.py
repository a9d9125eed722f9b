"""One document, once: what the mapped tasks of all DAGs that carry documents have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from airflow.sdk import BaseOperator, BaseOperatorLink

from invoice_bridge.operators.once import OnceOperator
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.source_link import source_link

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt


class DocumentStep(Protocol):
    """What a mapped task does with its document."""

    def __call__(self, session: RouteSession, attempt: Attempt, ref: DocumentRef, *, dry_run: bool) -> Result:
        """Carry the document; in a dry run say what would be done, and write nothing."""


class FinanceDocumentLink(BaseOperatorLink):
    """Leads from the task to its document in the finance system."""

    name = "Open in finance system"
    xcom_key = "finance_document_url"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing while there is no document."""
        return getattr(operator, "finance_url", "") or ""


class SourceDocumentLink(BaseOperatorLink):
    """Leads from the task to its document in its source, where the route has `source.document_link`."""

    name = "Open in source system"
    xcom_key = "source_document_url"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing where the route has none."""
        return getattr(operator, "source_url", "") or ""


class DocumentOperator(OnceOperator):
    """Carry one document to the end of its step, or say why not.

    Held documents skip the task, with the reason in its name; rejected ones and those in doubt fail it for good;
    passing trouble is left to the retry policy. A kind of task names its `step`, and adds nothing else.

    :param route: the route to work for.
    :param document: the entry of the list: `source_id` and `label`. (templated, but never rendered: it comes from the
        network, and a mapped value is taken as it is)
    """

    step: ClassVar[DocumentStep]
    entry_name: ClassVar[str] = "document"

    template_fields = ("document",)
    operator_extra_links = (FinanceDocumentLink(), SourceDocumentLink())

    def __init__(self, *, route: Route, document: dict[str, str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.document = document
        self.finance_url = ""
        self.source_url = ""

    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Carry the document; in a dry run say what would be done, and write nothing."""
        ref = DocumentRef(
            system=session.source.system, conn_id=session.source.conn_id, source_id=self.document["source_id"]
        )
        self.source_url = self._source_link(session, ref)
        result = type(self).step(session, attempt, ref, dry_run=dry_run)
        # Before its first attempt its number may not be known.
        self.source_url = self.source_url or self._source_link(session, ref)
        return result

    def noted(self, result: Result) -> None:
        """The link to the document in finance."""
        self.finance_url = result.link or ""

    def _source_link(self, session: RouteSession, ref: DocumentRef) -> str:
        template = self.route.source.document_link
        if template is None:
            return ""
        row = session.ledger.row(ref)
        return source_link(template, row.facts if row is not None else DocumentFacts(ref=ref)) or ""
