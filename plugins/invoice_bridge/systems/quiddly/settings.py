"""The part of a route that is about Quiddly, and what the route takes from a document's custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.quiddly import CustomField, QuiddlySettings


def quiddly_settings(route: Route) -> QuiddlySettings:
    """The route's settings for Quiddly.

    :raises ConfigurationError: the route books elsewhere.
    """
    finance = route.finance
    if finance.system != "quiddly":
        raise ConfigurationError(f"Route {route.route} books in {finance.system}, not in Quiddly")
    return finance


def custom_field(document: Document, settings: QuiddlySettings, field: CustomField) -> str | None:
    """What the document says in the custom field that the route maps to a field of Quiddly's."""
    heading = settings.custom_fields.get(field)
    if heading is None:
        return None
    wanted = heading.casefold()
    for stated, value in document.custom_fields:
        if stated.strip().casefold() == wanted and value.strip():
            return value.strip()
    return None


def is_paid_by_card(document: Document) -> bool:
    """Whether a card has paid the document, or got its money back, already."""
    return document.is_card_payment or document.is_card_refund
