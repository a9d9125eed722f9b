"""The contact of a document that waits because several fit, chosen by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.several_contacts import is_of_several_contacts
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotFoundError, NotResolvedError, TransientError
from invoice_bridge_core.transfer.claimed_by_hand import claimed_by_hand
from invoice_bridge_core.transfer.contact_step import ContactStep

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ports import ContactCandidate
    from invoice_bridge_core.transfer.route_session import RouteSession


def waits_for_contact(row: DocumentRow) -> bool:
    """Whether the document is held because several contacts fit its customer, and no choice has woken it since."""
    is_left = row.state is DocumentState.HELD and row.held_fingerprint is not None
    return row.booking is None and is_left and is_of_several_contacts(row.reason)


class ContactChoice:
    """Chooses contacts for documents of one route.

    :param by: the person, as the history names them.
    :param claimant: the task or page that acts for them.
    """

    def __init__(self, session: RouteSession, *, by: str = "", claimant: str | None = None) -> None:
        self._session, self._by, self._claimant = session, by, claimant
        self._contacts = ContactStep(session.finance, session.ledger)

    def candidates(self, row: DocumentRow) -> list[ContactCandidate]:
        """The contacts that fit the document's customer now; both systems are asked, and nothing is written.

        :raises BridgeError: one of them cannot be asked, or lists none.
        """
        return self._contacts.candidates(self._party(row))

    def choose(self, row: DocumentRow, contact_id: str) -> str:
        """Have this customer's documents booked on the contact from now on; returns what was done, in a sentence.

        :raises NotResolvedError: the document no longer waits for it, or the contact cannot be taken.
        """
        with claimed_by_hand(
            row,
            f"belongs to the contact {contact_id}",
            route=self._session.route,
            ledger=self._session.ledger,
            finance_conn=self._session.finance.conn_id,
            by=self._by,
            check=_refuse_unless_waiting,
            claimant=self._claimant,
        ) as claim:
            name = self._contacts.choose(contact_id, self._party(claim.row))
            claim.release(f"{self._by} chose the contact '{name}' ({contact_id}): the next run books on it")
        if row.reason is not None:
            self._session.ledger.wake_alike(self._session.route.route, row.reason)
        return (
            f"{row.label} and what else waits for this customer is booked on '{name}' by the next run of "
            f"invoice_transfer__{self._session.route.route}"
        )

    def _party(self, row: DocumentRow) -> Party:
        source = self._session.source
        try:
            party = source.read(row.ref.source_id).party
        except NotFoundError as error:
            raise NotResolvedError(f"{source.name} no longer knows {row.label}") from error
        except TransientError as error:
            raise NotResolvedError(
                f"{source.name} could not be asked about {row.label}, so nothing was changed: {error}", may_pass=True
            ) from error
        if party is None:
            raise NotResolvedError(f"{source.name} no longer names a customer on {row.label}")
        return party


def _refuse_unless_waiting(row: DocumentRow) -> None:
    if not waits_for_contact(row):
        reason = f": {row.reason}" if row.reason else ""
        raise NotResolvedError(f"{row.label} does not wait for a contact any more. It is {row.state}{reason}")
