"""The reference that the buyer reads on the invoice, byte for byte as its author wrote it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.invoice_fields import BUYER_REFERENCE, PURCHASE_ORDER, first_of, plain

if TYPE_CHECKING:
    from invoice_bridge_core.documents.document import Document

FIELDS = (
    "purchase_order", "buyer_reference", "project_number", "project_name", "number", "office", "sale", "event",
)  # fmt: skip
_PART = re.compile(r"\{([^{}]*)\}")
_CUSTOM = "field:"


def template_problem(template: str) -> str | None:
    """Why a text is no template, as `must …`; `None` when it is one."""
    names = [name.strip() for name in _PART.findall(template)]
    for name in names:
        if name.startswith(_CUSTOM):
            if not plain(name.removeprefix(_CUSTOM)):
                return "must name the heading of a field, such as {field:Bestillingsnummer}"
        elif name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {{{near[0]}}}?" if near else "a custom field is written {field:Heading}"
            return f"must not hold {{{name}}}, which is unknown; {hint}"
    if not names:
        return "must hold a field, such as {purchase_order}"
    if "{" in (rest := _PART.sub("", template)) or "}" in rest:
        return "must not hold a single { or }"
    return None


def reference_text(document: Document, template: str | None) -> str | None:
    """The reference; `None` where there is none.

    A field without a value vanishes with the text before it; the first one that is left has no text before it, unless
    the template begins with that. Without a template: the purchase order, else the buyer's reference.
    """
    if template is None:
        return purchase_order(document) or buyer_reference(document)
    text, shown, position = "", False, 0
    for part in _PART.finditer(template):
        before, is_first = template[position : part.start()], position == 0
        position = part.end()
        if (value := _value(document, part[1].strip())) is None:
            continue
        text += (before if shown or is_first else "") + value
        shown = True
    return text + template[position:] if shown else None


def purchase_order(document: Document) -> str | None:
    """The buyer's purchase order."""
    field = first_of(document.invoice_fields, PURCHASE_ORDER)
    if field is not None:
        return field.value
    # A source that knew it by another heading has it in one line; the field has it as it was written.
    written = (each.value for each in document.invoice_fields if each.value)
    stated = document.purchase_order
    return next((value for value in written if " ".join(value.split()) == stated), stated)


def buyer_reference(document: Document) -> str | None:
    """The buyer's other reference."""
    field = first_of(document.invoice_fields, BUYER_REFERENCE)
    return field.value if field is not None else None


def _value(document: Document, name: str) -> str | None:
    if name.startswith(_CUSTOM):
        field = first_of(document.invoice_fields, [plain(name.removeprefix(_CUSTOM))])
        return field.value if field is not None else _custom(document, name.removeprefix(_CUSTOM))
    match name:
        case "purchase_order":
            return purchase_order(document)
        case "buyer_reference":
            return buyer_reference(document)
        case "office":
            return document.office_name or document.office_id
        case "sale":
            return _custom(document, "SaleNumber")
        case "event":
            return _custom(document, "EventName")
    value: str | None = getattr(document, name)
    return value or None


def _custom(document: Document, heading: str) -> str | None:
    """A field of a source that knows headings and values alone."""
    wanted = plain(heading)
    return next((value for stated, value in document.custom_fields if plain(stated) == wanted and value), None)
