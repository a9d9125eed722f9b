"""Contacts in a dry run: looked for as ever, and nothing made or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from invoice_bridge.hooks.xero.where import can_be_asked, equals
from invoice_bridge.hooks.xero.wire import XeroContact
from invoice_bridge.systems.xero.contact_search import STABLE_ORDER
from invoice_bridge.systems.xero.contacts import XeroContacts
from invoice_bridge_core.errors import RefusedError

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge_core.routes.model import Route


def foreseen_contacts(hook: XeroHook, route: Route, *, hold_ambiguous: bool) -> XeroContacts:
    """The contacts of one route, which answer what Xero would answer to their writes."""
    return XeroContacts(cast("XeroHook", _ReadingHook(hook)), route, hold_ambiguous=hold_ambiguous)


class _ReadingHook:
    def __init__(self, hook: XeroHook) -> None:
        self._hook = hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hook, name)

    def create_contact(self, body: dict[str, Any], *, idempotency_key: str) -> XeroContact:
        """The contact that would be made.

        :raises RefusedError: Xero would refuse it for a contact that it has.
        """
        for contact in self._clashing(body):
            if contact.is_active:
                reason = (
                    f"The contact name {body['Name']} is already assigned to another contact. "
                    "The contact name must be unique across all active contacts."
                )
                raise RefusedError(reason, reasons=(reason,))
        return XeroContact.model_validate({**body, "ContactID": "", "ContactStatus": "ACTIVE"})

    def update_contact(self, contact_id: str, body: dict[str, Any]) -> XeroContact:
        """The contact as it would be."""
        found = self._hook.contact(contact_id)
        return found.model_copy(update={"name": body.get("Name") or found.name})

    def _clashing(self, body: dict[str, Any]) -> list[XeroContact]:
        name = str(body["Name"])
        if not can_be_asked(name):
            return []
        what = f"looking whether Xero has a contact '{name}'"
        found = self._hook.contacts(equals("Name", name), order=STABLE_ORDER, what=what)
        return [contact for contact in found if contact.name.casefold() == name.casefold()]
