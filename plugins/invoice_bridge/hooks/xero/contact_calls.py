"""Xero's contacts by the thousand: whole pages of them, and writes of fifty (contract xero.md, "Writing")."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.answers import MAY_BE_DONE
from invoice_bridge.hooks.xero.answers import written_each
from invoice_bridge.hooks.xero.api import XeroApi
from invoice_bridge.hooks.xero.wire import XeroContact
from invoice_bridge_core.errors import OutcomeUnknownError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Body = Mapping[str, Any]

MOST_PER_PAGE = 1_000
MOST_PER_WRITE = 50
CREATE, UPDATE = "PUT", "POST"


@dataclass(frozen=True)
class SavedContact:
    """What became of one contact of a batch: exactly one of the two is there.

    :param contact: as Xero has it now.
    :param error: `RefusedError`: definitely not done, with Xero's reasons; `OutcomeUnknownError`: it may have been.
    """

    contact: XeroContact | None = None
    error: RefusedError | OutcomeUnknownError | None = None

    @property
    def contact_id(self) -> str | None:
        """The contact's id, where it was saved."""
        return None if self.contact is None else self.contact.contact_id

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why Xero refused it, in its own words."""
        return self.error.reasons if isinstance(self.error, RefusedError) else ()


class ContactBatches(XeroApi):
    """Contacts, many in one call."""

    def contacts_page(
        self, page: int, page_size: int = MOST_PER_PAGE, modified_since: dt.datetime | None = None
    ) -> list[XeroContact]:
        """One page of all contacts in the order of their ids: with people and terms, archived and merged ones too.

        A page with fewer contacts than `page_size` is the last.

        :param page: counted from 1.
        :param modified_since: only those changed since this moment, which Xero reads to the second; aware.
        """
        params = {"page": str(page), "pageSize": str(page_size), "includeArchived": "true", "order": "ContactID"}
        what = f"reading the contacts, page {page}"
        headers = since(modified_since)
        return list(self.read("Contacts", "Contacts", XeroContact, params=params, headers=headers, what=what))

    def save_contacts(self, bodies: Sequence[Body], idempotency_key: str) -> list[SavedContact]:
        """Create the contacts that name no `ContactID` and change the others; each answers for itself.

        New ones are created by a call of their own, since Xero would let a POST overwrite whoever has their name.
        So a mixture takes two calls, and none at all none.

        :param bodies: at most 50.
        :param idempotency_key: of these bodies in this order.
        :return: what became of each, in the order of the bodies.
        :raises OutcomeUnknownError: what became of them all is unknown: the answer was lost, or Xero refused the whole
            batch, after which users have found parts of it saved. Look each up before sending it again.
        """
        if len(bodies) > MOST_PER_WRITE:
            raise ValueError(f"{len(bodies)} contacts in one batch, which takes {MOST_PER_WRITE}")
        results: dict[int, SavedContact] = {}
        for method in (CREATE, UPDATE):
            chosen = [place for place, body in enumerate(bodies) if (CREATE if _is_new(body) else UPDATE) == method]
            if chosen:
                saved = self._save(method, [bodies[place] for place in chosen], f"{idempotency_key}:{method.lower()}")
                results |= dict(zip(chosen, saved, strict=True))
        return [results[place] for place in range(len(bodies))]

    def _save(self, method: str, bodies: Sequence[Body], key: str) -> list[SavedContact]:
        verb = "creating" if method == CREATE else "updating"
        what = f"{verb} {len(bodies)} contact{'s' if len(bodies) > 1 else ''}"
        try:
            answer = self.send_elements(method, "Contacts", "Contacts", bodies, idempotency_key=key, what=what)
        except RefusedError as refusal:
            if len(bodies) == 1:
                return [SavedContact(error=refusal)]
            unknown = OutcomeUnknownError(f"{refusal.text}; a part of the batch may have been saved all the same")
            unknown.conn_id = self.conn_id
            raise unknown from refusal
        outcomes = written_each(answer, "Contacts", XeroContact, len(bodies))
        for body, outcome in zip(bodies, outcomes, strict=True):
            if isinstance(outcome, XeroContact) and not _is_about(outcome, body):
                raise answer.unusable(f"Xero answered {what} with other contacts than were sent; {MAY_BE_DONE}")
        return [
            SavedContact(contact=outcome) if isinstance(outcome, XeroContact) else SavedContact(error=outcome)
            for outcome in outcomes
        ]


def since(moment: dt.datetime | None) -> dict[str, str]:
    """The header that asks only for what changed since a moment."""
    if moment is None:
        return {}
    return {"If-Modified-Since": moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _is_new(body: Body) -> bool:
    return not body.get("ContactID")


def _is_about(contact: XeroContact, body: Body) -> bool:
    """Whether an element of an answer is about the body that stands at its place."""
    if not _is_new(body):
        return (contact.contact_id or "").casefold() == str(body["ContactID"]).casefold()
    return _folded(contact.name) == _folded(str(body.get("Name") or ""))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
