"""One of the contacts that fit a document's customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.desk.acts.act import Input, OfferedAct
from invoice_bridge_core.transfer.chosen_contact import ContactChoice, waits_for_contact

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Deed, Known


class ChooseContact:
    """The customer's documents are booked on this contact from now on."""

    name: ClassVar[str] = "choose_contact"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what is held because several contacts fit."""
        if not waits_for_contact(known.row):
            return None
        return OfferedAct(
            self.name,
            "Choose the contact",
            f"Which contact is the customer of {known.row.label}? It is checked to be there and active. All documents "
            "of this customer are booked on it from now on.",
            (Input("contact", "Contact", "choice", required=True),),
        )

    def carry_out(self, deed: Deed) -> str:
        """Keep the choice for this customer, and let its documents be tried again."""
        with deed.open_session() as session:
            choice = ContactChoice(session, by=deed.by, claimant=deed.claimant)
            return choice.choose(deed.row, deed.said["contact"])
