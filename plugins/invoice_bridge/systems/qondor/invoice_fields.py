"""Qondor's custom invoice fields, with what the customer asks of them (contract qondor.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.invoice_fields import InvoiceField, plain

if TYPE_CHECKING:
    from invoice_bridge.systems.source_object import SourceObject


def read_invoice_fields(fields: SourceObject) -> tuple[InvoiceField, ...]:
    """The fields of the document, and those that its customer asks for and the document does not have."""
    stated = [
        InvoiceField(
            heading=field.exact("heading"),
            external_reference=field.exact("externalReference"),
            value=field.exact("value"),
            is_required=field.flag("isRequired") is True,
            allowed_values=_allowed(field),
        )
        for field in fields.children("customInvoiceFields") or []
    ]
    customer = fields.child("customer")
    for rule in (customer.children("customerInvoiceFields") if customer is not None else None) or []:
        name = rule.exact("externalReference", "heading")
        if name is None:
            continue
        asked = {"is_required": rule.flag("isRequired") is True, "allowed_values": _allowed(rule)}
        place = next((at for at, field in enumerate(stated) if plain(name) in field.keys), None)
        if place is None:
            stated.append(InvoiceField(heading=rule.exact("heading"), external_reference=name).model_copy(update=asked))
        else:
            own = stated[place]
            asked["is_required"] = asked["is_required"] or own.is_required
            asked["allowed_values"] = asked["allowed_values"] or own.allowed_values
            stated[place] = own.model_copy(update=asked)
    return tuple(stated)


def _allowed(field: SourceObject) -> tuple[str, ...]:
    return field.texts("allowedValues")
