"""What an invoice is known by in Quiddly: its number, which Quiddly keeps unique, and our mark on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.documents import DocumentRef

if TYPE_CHECKING:
    from include.documents import Document
    from include.routes.model import Route

_SEPARATOR = " · "


def invoice_number(number: str, route: Route) -> str:
    """A source's number behind the route's prefix."""
    return f"{route.finance.number_prefix}{number}"


def marker_of(document: Document) -> str:
    """What tells our invoices from others: the document's reference, such as `qondor:qondor_default:12345`."""
    return str(document.ref)


def our_order_number(document: Document) -> str:
    """Project number and marker in Quiddly's `ourOrderNumber`: our own order, which the debtor may quote to us."""
    project = " ".join((document.project_number or "").split())
    return f"{project}{_SEPARATOR}{marker_of(document)}" if project else marker_of(document)


def marker_in(order_number: str | None) -> str | None:
    """The marker that `our_order_number` wrote, if there is one."""
    text = (order_number or "").rpartition(_SEPARATOR)[2].strip()
    try:
        return str(DocumentRef.parse(text))
    except ValueError:
        return None
