"""What the buyer asks of the reference and of other fields: what misses or does not match holds the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.problems import author_should
from invoice_bridge_core.documents.reference_text import reference_text
from invoice_bridge_core.routes.settings import RequiredCustomer, RequiredReference

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.routes.model import Route

REFERENCE_LIMIT = 255
_MOST_VALUES = 5
_MENDED = "The author fills it in, in the source"


def reference_problems(document: Document, route: Route) -> list[Problem]:
    """What is wrong with the reference, and with the fields that the customer has rules for."""
    return [author_should(message) for message in (*_reference_faults(document, route), *_field_faults(document))]


def _reference_faults(document: Document, route: Route) -> list[str]:
    finance = route.finance
    text = reference_text(document, finance.reference)
    asked = _asked(document, finance.require_reference)
    if text is None and asked is None:
        return []
    if text is None:
        name = f"what finance.reference names, {finance.reference}," if finance.reference else "the purchase order"
        return [
            f"Reference of {document.number} is missing: {name} is empty, but customer {_customer(document)} needs it. "
            f"{_MENDED}"
        ]
    if "\n" in text or "\r" in text:
        return [f"Reference of {document.number} has a line break: {text[:80]!r}. It has to be one line. {_MENDED}"]
    room = REFERENCE_LIMIT - {"none": 0, "short": 15, "full": len(str(document.ref)) + 3}[finance.printed_mark]
    if len(text) > room:
        return [
            f"Reference of {document.number} has {len(text)} characters, more than {room}: '{text[:60]}…'. "
            f"It is never cut. {_MENDED}"
        ]
    if asked is not None and asked.pattern is not None and re.fullmatch(asked.pattern, text) is None:
        return [
            f"Reference '{text[:80]}' of {document.number} does not match {asked.pattern}, which is asked of customer "
            f"{_customer(document)}. The author mends it in the source, or the route's require_reference is wrong"
        ]
    return []


def _asked(document: Document, required: bool | RequiredReference) -> RequiredCustomer | None:
    if isinstance(required, bool):
        return RequiredCustomer() if required else None
    party = document.party
    for key in (party.customer_number, party.key) if party is not None else ():
        if key is not None and key in required.customers:
            return required.customers[key]
    return RequiredCustomer(pattern=required.pattern) if required.pattern is not None else None


def _field_faults(document: Document) -> list[str]:
    faults = []
    for field in document.invoice_fields:
        if field.value is None:
            if field.is_required:
                faults.append(
                    f"Field '{field.name}' of {document.number} is empty, but customer {_customer(document)} needs it. "
                    f"{_MENDED}"
                )
        elif field.allowed_values and field.value not in field.allowed_values:
            shown = ", ".join(f"'{value[:40]}'" for value in field.allowed_values[:_MOST_VALUES])
            more = len(field.allowed_values) - _MOST_VALUES
            faults.append(
                f"Field '{field.name}' of {document.number} is '{field.value[:60]}', but has to be one of {shown}"
                f"{f' and {more} more' if more > 0 else ''}. The author mends it in the source"
            )
    return faults


def _customer(document: Document) -> str:
    party = document.party
    return f"'{party.name}' (ref: {party.key})" if party is not None else "(none)"
