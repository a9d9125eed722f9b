"""One side's customers, as the sync of customers reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from invoice_bridge_core.documents.customer_card import ContactPerson, CustomerCard
    from invoice_bridge_core.errors import BridgeError


class CustomerRegister(Protocol):
    """The customers of one connection.

    :param fields: what it keeps of a customer.
    :param person_fields: what it keeps of a contact person.
    :param most_persons: so many contact persons a customer may have; `None`: any number.
    :param persons_need_email: whether nobody is added to a customer who has no e-mail address.
    :param lists_changes: whether `read` can ask for what was changed alone.
    :param changed_until: by the system's own clock, the last change that a whole `read` has shown; `None` where it
        tells none.
    """

    fields: frozenset[str]
    person_fields: frozenset[str]
    most_persons: int | None
    persons_need_email: bool
    lists_changes: bool
    changed_until: dt.datetime | None

    def read(
        self, since: dt.datetime | None, known: Mapping[str, str], refresh: Collection[str]
    ) -> Iterator[CustomerCard | str]:
        """All customers, put away and merged ones too: a card, or the bare key of one that looks unchanged.

        :param since: only those changed after this moment, where it can tell; aware.
        :param known: key → the `version` of the card that is known of it.
        :param refresh: keys that are read in full, however unchanged they look.
        """

    def card(self, key: str) -> CustomerCard:
        """One customer as it is now.

        :raises NotFoundError: there is none.
        """

    def reference_for(self, other: CustomerCard) -> str:
        """What is written into a customer that is made for one of the other side: its own key there."""

    def as_kept(self, card: CustomerCard) -> CustomerCard:
        """A card of the other side as this system would keep it: cut to its limits, without what it does not take."""

    def own_name(self, card: CustomerCard) -> str:
        """The name that the customer gets where its own is another customer's already."""

    def update(
        self, kept: CustomerCard, wanted: CustomerCard, fields: Collection[str], persons: Sequence[PersonWrite]
    ) -> CustomerCard:
        """Bring these fields to what is wanted, and make or change these contact persons; the customer as it then is.

        Safe to repeat. Contact persons who are not named stay as they are.

        :param kept: the customer as it was read last.
        :raises RefusedError: the system definitely does not take it.
        """


@dataclass(frozen=True)
class PersonWrite:
    """A contact person to be made, or changed.

    :param kept: the same person as it is there; `None` where it is to be made.
    :param fields: what has to be changed.
    """

    wanted: ContactPerson
    kept: ContactPerson | None
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ContactWrite:
    """The change of one contact, as `CustomerRegister.update` takes it."""

    kept: CustomerCard
    wanted: CustomerCard
    fields: tuple[str, ...]


class SourceCustomers(CustomerRegister, Protocol):
    """The customers of a source, which tells nothing of what it makes."""

    def made_for(self, reference: str) -> CustomerCard | None:
        """The customer that carries the reference."""

    def create(self, wanted: CustomerCard, reference: str) -> None:
        """Make a customer; nothing is returned, so look for its reference.

        :raises OutcomeUnknownError: it may have been made.
        """


class FinanceCustomers(CustomerRegister, Protocol):
    """The contacts of a finance system, which are written many at a time.

    :param most_per_write: so many contacts go into one call.
    """

    most_per_write: int

    def made_for_many(self, references: Iterable[str]) -> Mapping[str, CustomerCard]:
        """The contacts that carry these references; few calls."""

    def create_many(
        self, wanted: Sequence[CustomerCard], *, idempotency_key: str
    ) -> Sequence[CustomerCard | BridgeError]:
        """Make contacts in one call; each answers for itself, with what was made or why it certainly was not.

        :raises BridgeError: of any kind: of none of them it is known whether it was made.
        """

    def update_many(
        self, writes: Sequence[ContactWrite], *, idempotency_key: str
    ) -> Sequence[CustomerCard | BridgeError]:
        """Change contacts in one call; as `create_many`."""
