"""The contacts that were chosen for customers, and the names that they took."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.ledger.database.tables import NOW, contacts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from invoice_bridge_core.ledger.database.database import Database


@dataclass(frozen=True)
class KnownContact:
    """The contact that was chosen for a customer.

    :param fingerprint: of the customer's data that the finance system has.
    """

    contact_id: str
    fingerprint: str
    name: str


_KNOWN = sa.select(contacts).where(
    contacts.c.finance_conn == sa.bindparam("conn"), contacts.c.contact_key == sa.bindparam("key")
)


def _writing(*columns: str, updates: Mapping[str, str] = MappingProxyType({})) -> sa.TextClause:
    """Makes or changes the row of a customer.

    A text, since SQLAlchemy keeps no compiled form of PostgreSQL's own inserts, and each task would make it anew.

    :param updates: what a row that is there gets, where that is not the new value.
    """
    names = ("finance_conn", "contact_key", *columns)
    news = {name: updates.get(name, f"excluded.{name}") for name in columns}
    return sa.text(
        f"INSERT INTO {contacts.fullname} AS kept ({', '.join(names)}, updated_at)"  # noqa: S608 - of constants alone
        f" VALUES ({', '.join(f':{name}' for name in names)}, clock_timestamp())"
        " ON CONFLICT (finance_conn, contact_key) DO UPDATE"
        f" SET {', '.join(f'{name} = {new}' for name, new in news.items())}, updated_at = clock_timestamp()"
        " RETURNING intent_token"
    )


_REMEMBERING = _writing("contact_id", "fingerprint", "name", "name_folded", "intent_token")
_INTENDING = _writing("intent_token", updates={"intent_token": "coalesce(kept.intent_token, excluded.intent_token)"})


class ContactLedger:
    """The choices of one ledger. A customer's key is the source's own; the contact's id is the finance system's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, finance_conn: str, key: str) -> KnownContact | None:
        """The contact chosen for the customer."""
        with self._database.look() as connection:
            record = connection.execute(_KNOWN, {"conn": finance_conn, "key": key}).mappings().one_or_none()
        if record is None or record["contact_id"] is None:
            return None
        return KnownContact(record["contact_id"], record["fingerprint"], record["name"])

    def known_among(self, finance_conn: str, keys: Collection[str]) -> dict[str, KnownContact]:
        """The contacts chosen for these customers, by key; one query, however many they are."""
        query = sa.select(contacts).where(
            contacts.c.finance_conn == finance_conn,
            contacts.c.contact_key.in_(keys),
            contacts.c.contact_id.is_not(None),
        )
        with self._database.look() as connection:
            records = connection.execute(query).mappings().all()
        return {
            record["contact_key"]: KnownContact(record["contact_id"], record["fingerprint"], record["name"])
            for record in records
        }

    def all_known(self, finance_conn: str, among: str) -> dict[str, KnownContact]:
        """The contacts chosen for all customers whose keys begin so, by key; one query."""
        query = sa.select(contacts).where(
            contacts.c.finance_conn == finance_conn,
            contacts.c.contact_key.startswith(among, autoescape=True),
            contacts.c.contact_id.is_not(None),
        )
        with self._database.transaction() as connection:
            records = connection.execute(query).mappings().all()
        return {
            record["contact_key"]: KnownContact(record["contact_id"], record["fingerprint"], record["name"])
            for record in records
        }

    def remember(self, finance_conn: str, key: str, contact: KnownContact) -> None:
        """Note the contact that was chosen or made; an intent to make it is over with this."""
        chosen = {"finance_conn": finance_conn, "contact_key": key, **_columns(contact), "intent_token": None}
        with self._database.transaction() as connection:
            connection.execute(_REMEMBERING, chosen)

    def remember_if_free(self, finance_conn: str, key: str, contact: KnownContact) -> None:
        """Note the contact of a customer for whom none is chosen, and none is being made."""
        values = _columns(contact)
        statement = insert(contacts).values(finance_conn=finance_conn, contact_key=key, updated_at=NOW, **values)
        is_free = contacts.c.contact_id.is_(None) & contacts.c.intent_token.is_(None)
        with self._database.transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["finance_conn", "contact_key"], set_={**values, "updated_at": NOW}, where=is_free
                )
            )

    def forget(self, finance_conn: str, key: str) -> None:
        """Drop a choice that the finance system no longer accepts; an open intent stays."""
        self._update(finance_conn, key, {"contact_id": None, "fingerprint": None, "name": None, "name_folded": None})

    def is_name_taken(self, finance_conn: str, name: str, by_other_than: str) -> bool:
        """Whether another customer's contact has the name, capitals and spaces aside."""
        return self._is_name_taken(finance_conn, name, {by_other_than})

    def shared_with(
        self, finance_conn: str, contact_id: str, name: str, *, by_other_than: str, among: str
    ) -> tuple[str, str] | None:
        """Key and name of another customer who has the contact and is not called the same; `None` when there is none.

        :param among: how the other customer's key begins.
        """
        return self._shared_with(finance_conn, contact_id, name, {by_other_than}, among)

    def _is_name_taken(self, finance_conn: str, name: str, by_other_than: Collection[str]) -> bool:
        query = sa.select(sa.literal(1)).where(
            contacts.c.finance_conn == finance_conn,
            contacts.c.name_folded == fold(name),
            contacts.c.contact_key.not_in(by_other_than),
        )
        with self._database.look() as connection:
            return connection.scalar(query.limit(1)) is not None

    def _shared_with(
        self, finance_conn: str, contact_id: str, name: str, by_other_than: Collection[str], among: str
    ) -> tuple[str, str] | None:
        query = sa.select(contacts.c.contact_key, contacts.c.name).where(
            contacts.c.finance_conn == finance_conn,
            contacts.c.contact_id == contact_id,
            contacts.c.name_folded != fold(name),
            contacts.c.contact_key.not_in(by_other_than),
            contacts.c.contact_key.startswith(among, autoescape=True),
        )
        with self._database.look() as connection:
            record = connection.execute(query.order_by(contacts.c.contact_key).limit(1)).one_or_none()
        return None if record is None else (record.contact_key, record.name)

    def intend(self, finance_conn: str, key: str) -> tuple[str, bool]:
        """Note, before it is sent, that a contact is about to be made for the customer.

        :return: the idempotency key, the same until the contact is made or the intent withdrawn; and whether it was
            there already, so that an earlier attempt may have made the contact.
        """
        new = uuid.uuid4().hex
        with self._database.transaction() as connection:
            intended = {"finance_conn": finance_conn, "contact_key": key, "intent_token": new}
            token: str = connection.execute(_INTENDING, intended).scalar_one()
        return token, token != new

    def withdraw_intent(self, finance_conn: str, key: str) -> None:
        """Note that the finance system definitely made no contact."""
        self._update(finance_conn, key, {"intent_token": None})

    def _update(self, finance_conn: str, key: str, values: dict[str, Any]) -> None:
        statement = sa.update(contacts).where(_is(finance_conn, key)).values(**values, updated_at=NOW)
        with self._database.transaction() as connection:
            connection.execute(statement)


def _columns(contact: KnownContact) -> dict[str, str]:
    return {
        "contact_id": contact.contact_id,
        "fingerprint": contact.fingerprint,
        "name": contact.name,
        "name_folded": fold(contact.name),
    }


def fold(name: str) -> str:
    """A name as finance systems compare names; done here, since a database's `lower` depends on its locale."""
    return " ".join(name.split()).casefold()


def _is(finance_conn: str, key: str) -> sa.ColumnElement[bool]:
    return (contacts.c.finance_conn == finance_conn) & (contacts.c.contact_key == key)
