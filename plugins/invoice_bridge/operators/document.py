"""One document, once: what the mapped tasks of all DAGs have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from airflow.sdk import BaseOperator, BaseOperatorLink
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.pauses import push_pause
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.source_link import source_link
from invoice_bridge_core.transfer.transfer import Attempt

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.types import TaskInstanceKey

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession

NAME_LIMIT = 240
"""Characters of a mapped task's name that Airflow's database takes, with a little room."""

_AS_WANTED = frozenset({Outcome.TRANSFERRED, Outcome.REPORTED_PAID})
_SKIPS = frozenset({Outcome.HELD, Outcome.BUSY, Outcome.WAITS, Outcome.NOT_PAID})
_FAILS = frozenset({Outcome.REJECTED, Outcome.IN_DOUBT, Outcome.FAILED})


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


class DocumentOperator(BaseOperator):
    """Carry one document to the end of its step, or say why not.

    Held documents skip the task, with the reason in its name; rejected ones and those in doubt fail it for good;
    passing trouble is left to the retry policy. A kind of task names its `step`, and adds nothing else.

    :param route: the route to work for.
    :param document: the entry of the list: `source_id` and `label`. (templated, but never rendered: it comes from the
        network, and a mapped value is taken as it is)
    """

    step: ClassVar[DocumentStep]

    template_fields = ("document",)
    operator_extra_links = (FinanceDocumentLink(), SourceDocumentLink())

    def __init__(self, *, route: Route, document: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.document = document
        self.finance_url = ""
        self.source_url = ""
        self._result: Result | None = None

    @property
    def label(self) -> str:
        """The task's name: the document's, and the reason where it did not end as wanted."""
        if self._result is None:
            return shorten(self.document["label"], NAME_LIMIT)
        if self._result.outcome in _AS_WANTED or not self._result.message:
            return shorten(self._result.label, NAME_LIMIT)
        return shorten(f"{self._result.label} · {self._result.end}", NAME_LIMIT)

    def execute(self, context: Context) -> dict[str, str | None] | None:
        """Carry the document; a dry run returns what would have been done."""
        dry_run = bool(context["params"].get("dry_run"))
        with failing_for_good(self.document["label"]):
            result = self._open_and_carry(context, dry_run=dry_run)
        self._result = result
        self.finance_url = result.link or ""
        self.log.info("%s: %s", result.label, result.end)
        if result.is_paused or result.outcome is Outcome.BUSY:
            push_pause(context, self.document["source_id"], result)
        if result.outcome in _SKIPS:
            raise AirflowSkipException(result.end)
        if result.outcome in _FAILS and not dry_run:
            raise AirflowFailException(result.end)
        if not dry_run:
            return None
        self.log.info("The body that would be sent: %s", result.payload or "none")
        return {
            "source_id": self.document["source_id"],
            "label": result.label,
            "outcome": str(result.outcome),
            "message": result.message,
            "total": None if result.total is None else str(result.total),
            "currency": result.currency,
        }

    def _open_and_carry(self, context: Context, *, dry_run: bool) -> Result:
        ti = context["ti"]
        attempt = Attempt(
            claimant=f"{ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.map_index}",
            run_key=run_key(context),
        )
        with route_session(self.route, attempt.run_key, context["dag_run"].start_date) as session:
            ref = DocumentRef(
                system=session.source.system, conn_id=session.source.conn_id, source_id=self.document["source_id"]
            )
            self.source_url = self._source_link(session, ref)
            result = type(self).step(session, attempt, ref, dry_run=dry_run)
            # Before its first attempt its number may not be known.
            self.source_url = self.source_url or self._source_link(session, ref)
            return result

    def _source_link(self, session: RouteSession, ref: DocumentRef) -> str:
        template = self.route.source.document_link
        if template is None:
            return ""
        row = session.ledger.row(ref)
        return source_link(template, row.facts if row is not None else DocumentFacts(ref=ref)) or ""
