"""Qondor's sales: what finance has sent, as projects show it (contract qondor.md, "Sales"; seed 000)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.json_object import JsonObject
from invoice_bridge_core.errors import NotFoundError, UnreadableError
from invoice_bridge_core.ports.sales import Sale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge.hooks.qondor.hook import QondorHook

_WHERE = "a sale in Qondor"


class QondorSales:
    """The sales of one Qondor client. A look costs one call where there is none, two where there is one."""

    def __init__(self, hook: QondorHook) -> None:
        self._hook = hook

    def with_reference(self, external_reference: str) -> tuple[Sale, ...]:
        """The sales under our reference. Its project's list shows whether there is more than one.

        :raises UnreadableError: what Qondor answers is no sale of ours.
        """
        try:
            sale = read_sale(self._hook.sale_by_external_reference(external_reference))
        except NotFoundError:
            return ()
        if sale.external_reference != external_reference:
            raise UnreadableError(
                f"Qondor answers the look for {external_reference} with a sale of the reference "
                f"{sale.external_reference or '(none)'}"
            )
        alike = [one for one in self.of_project(sale.project_id) if one.external_reference == external_reference]
        return tuple(alike) if len(alike) > 1 else (sale,)

    def of_project(self, project_id: str) -> tuple[Sale, ...]:
        """All sales of a project that carry an external reference; none of an unknown project."""
        try:
            entries = self._hook.sales_of_project(project_id)
        except NotFoundError:
            return ()
        return tuple(read_sale(entry) for entry in entries if entry.get("externalReference"))

    def insert(self, sale: Sale) -> None:
        """Make it. The same twice makes two of them."""
        self._hook.insert_sale(sale_body(sale))

    def update(self, sale: Sale) -> None:
        """Let the sale of this reference become what is given here, all of it."""
        self._hook.update_sale(sale_body(sale))


def sale_body(sale: Sale) -> dict[str, Any]:
    """A sale as it is sent."""
    return {
        "projectId": int(sale.project_id)
        if sale.project_id.isascii() and sale.project_id.isdigit()
        else sale.project_id,
        "externalReference": sale.external_reference,
        "invoiceNumber": sale.number,
        "description": sale.description,
        "date": sale.on.isoformat() if sale.on else None,
        "dueDate": sale.due_date.isoformat() if sale.due_date else None,
        "currency": sale.currency,
        "amountExclVat": sale.amount_excl_vat,
        "amountInclVat": sale.amount_incl_vat,
        "isPaid": sale.is_paid,
        "paidDate": sale.paid_on.isoformat() if sale.paid_on else None,
    }


def read_sale(entry: Mapping[str, Any]) -> Sale:
    """A sale as Qondor shows it.

    :raises UnreadableError: it names no project, or a field is of another kind.
    """
    fields = JsonObject.of(entry, where=_WHERE)
    project_id = fields.word("projectId")
    if project_id is None:
        raise fields.missing("projectId")
    return Sale(
        project_id=project_id,
        external_reference=fields.word("externalReference") or "",
        number=fields.word("invoiceNumber") or "",
        description=fields.text("description") or "",
        on=fields.date("date"),
        due_date=fields.date("dueDate"),
        currency=fields.word("currency") or "",
        amount_excl_vat=fields.amount("amountExclVat"),
        amount_incl_vat=fields.amount("amountInclVat") or Decimal(0),
        is_paid=bool(fields.flag("isPaid")),
        paid_on=fields.date("paidDate"),
        sale_id=fields.word("id"),
    )
