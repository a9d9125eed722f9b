"""The buttons that a task has in Airflow's pages: to its document in both systems, and on the desk.

Airflow keeps a link's address under its key when the task ends, however it ends, and shows no button where there is
none; the addresses of documents' tasks are found when somebody looks (`pages/task_buttons.py`). The name on a button is
that of the route's system, so each route's operators get buttons of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseOperatorLink

from invoice_bridge.page_addresses import desk_link, page_address, run_link
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.source_link import source_link
from invoice_bridge_core.routes.systems import systems_playing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context
    from airflow.sdk.types import TaskInstanceKey

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.routes.model import Route


class FinanceDocumentLink(BaseOperatorLink):
    """Leads from the task to its document in the finance system."""

    name = "In finance"
    xcom_key = "finance_document_url"

    def __init__(self, name: str = "In finance") -> None:
        self.name = name

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing while there is no document."""
        return getattr(operator, "finance_url", "") or ""


class SourceDocumentLink(BaseOperatorLink):
    """Leads from the task to its document in its source, where the route has `source.document_link`."""

    name = "In source"
    xcom_key = "source_document_url"

    def __init__(self, name: str = "In source") -> None:
        self.name = name

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing where the route has none."""
        return getattr(operator, "source_url", "") or ""


class DeskLink(BaseOperatorLink):
    """Leads from the task to what it was about on the page "Invoices"."""

    name = "On the desk"
    xcom_key = "desk_url"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing before the task knows what it is about."""
        return getattr(operator, "desk_url", "") or ""


class DocumentButtons:
    """What the buttons of a task about one document lead to, as `document_links` read it."""

    finance_url = ""
    source_url = ""
    desk_url = ""

    def find_on_desk(self, ref: DocumentRef, row_id: int | None = None) -> None:
        """The document's place on the desk, which needs no ledger.

        :param row_id: the ledger's own id, with which the document is open at once.
        """
        self.desk_url = page_address(desk_link(view="all", text=str(ref), document=row_id))

    def find_links(self, route: Route, ledger: Ledger, ref: DocumentRef) -> None:
        """Take from the ledger what it knows of the document by now; what is unknown leaves no button.

        :raises LedgerError: the ledger cannot be used.
        """
        row = ledger.row_by_now(ref)
        self.find_on_desk(ref, row.id if row is not None else None)
        if (template := route.source.document_link) is not None:
            self.source_url = source_link(template, row.facts if row is not None else DocumentFacts(ref=ref)) or ""
        if row is not None and row.booking is not None:
            self.finance_url = row.booking.link or self.finance_url


class RouteOperator(BaseOperator):
    """A task about all documents of a route, with a button to those that wait for somebody.

    :param route: the route to work for.
    """

    operator_extra_links = (DeskLink(),)

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.desk_url = ""

    def point_to_desk(self, context: Context) -> None:
        """Put the addresses into the log, and what waits for somebody under the button."""
        self.desk_url = page_address(desk_link(route=self.route.route))
        ti = context["ti"]
        self.log.info("The documents of this run:   %s", page_address(run_link(ti.dag_id, ti.run_id)))
        self.log.info("All that waits for somebody: %s", self.desk_url)


def document_links(route: Route) -> Sequence[BaseOperatorLink]:
    """The buttons of a document's task, named after the route's systems."""
    source, finance = f"In {route.source.system_name}", f"In {route.finance.system_name}"
    if source == finance:
        # Airflow tells buttons apart by their names.
        source, finance = f"{source} (source)", f"{finance} (finance)"
    return (FinanceDocumentLink(finance), SourceDocumentLink(source), DeskLink())


def names_of_links(route: Route) -> dict[str, str]:
    """The keys under which a document's task knows its addresses, by the names of its buttons."""
    return {link.name: link.xcom_key for link in document_links(route)}


def names_of_buttons() -> list[str]:
    """All names that buttons of documents' tasks have on any route."""
    sources, finances = (
        {settings.system_name for settings in systems_playing(role).values()} for role in ("source", "finance")
    )
    both = sources & finances
    plain = [f"In {name}" for name in sources | finances]
    marked = [f"In {name} ({role})" for name in both for role in ("source", "finance")]
    return sorted([*plain, *marked, DeskLink.name])
