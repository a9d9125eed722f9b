"""What a person in finance does with booked documents, as far as the finance systems have it in common.

A system's bookkeeper has one method per verb. Python calls the method; the control plane, the page and the shell
command name the verb and bring its fields as text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.clock import Clock
    from sandbox.store import Store

_TOO_MUCH = Decimal(10) ** 12
_DECIMALS = 2
_TEXT_LENGTH = 255


class BookkeepingError(Exception):
    """A request that the bookkeeper does not carry out; nothing was changed."""


class UnknownDocumentError(BookkeepingError):
    """No document has this number or id."""


class NotPossibleError(BookkeepingError):
    """The document's state, or a rule of the finance system, does not allow it."""


class BadRequestError(BookkeepingError):
    """The request cannot be read: an unknown verb or field, a missing one, or one that is not what it should be."""


def read_amount(value: object) -> Decimal:
    """An amount as text or as a number that is no binary float."""
    try:
        amount = Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        raise BadRequestError(f"amount must be an amount such as 500 or 499.50, not {value!r}.")
    return amount


def read_day(value: object) -> date:
    """A date as text."""
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadRequestError(f"A date must be written like 2026-11-20, not {value!r}.")


def read_text(value: object) -> str:
    """A number, a name, a currency."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > _TEXT_LENGTH:
        raise BadRequestError(f"A number, name or currency must be a text of 1 to {_TEXT_LENGTH} characters.")
    return text


@dataclass(frozen=True)
class Verb:
    """Something that a bookkeeper can do.

    :param done: the participle, for refusals: "cannot be paid".
    :param fields: what may be given beside the document, and how it is read.
    :param needed: the fields that must be given.
    """

    done: str
    fields: Mapping[str, Callable[[object], Any]] = field(default_factory=dict)
    needed: tuple[str, ...] = ()


PAYMENT: Mapping[str, Callable[[object], Any]] = {"amount": read_amount, "on": read_day}
"""The fields of whatever moves money."""


@dataclass(frozen=True)
class Booked:
    """A document as the finance system holds it now; amounts are in its currency, dates ISO texts.

    :param due: what is still to be paid, or of a credit note still to be used; negative when too much was paid.
    :param verbs: what the bookkeeper can do with it now.
    """

    system: str
    id: str
    number: str
    kind: str
    status: str
    currency: str
    total: Decimal
    due: Decimal
    paid: Decimal
    credited: Decimal
    contact: str
    date: str
    due_date: str | None
    verbs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    def money(self, amount: Decimal) -> str:
        """An amount with the document's currency."""
        return f"{amount:.2f} {self.currency}"


class Bookkeeper(ABC):
    """Works on the documents of one finance system, and saves what was done."""

    verbs: ClassVar[Mapping[str, Verb]]
    refusals: ClassVar[tuple[type[Exception], ...]]
    """What the system's own rules raise when they refuse."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    @abstractmethod
    def documents(self) -> list[Booked]:
        """All documents, in the order in which they were booked."""

    @abstractmethod
    def document(self, number_or_id: str) -> Booked:
        """One document.

        :raises UnknownDocumentError: there is none.
        """

    def perform(self, verb: str, body: object) -> Booked:
        """Do what a request by name asks for.

        :param body: the fields of the verb, and `document`: its number or id.
        :returns: the document's new state.
        """
        document, values = self._read(verb, body)
        with self._store.lock:
            # Who is missing is said by the verb, unless it is about documents that this system has never seen.
            with suppress(UnknownDocumentError):
                document = self.document(document).id
            getattr(self, verb)(document, **values)
            return self.document(document)

    def _read(self, verb: str, body: object) -> tuple[str, dict[str, Any]]:
        known = self.verbs.get(verb)
        if known is None:
            raise BadRequestError(f"There is no verb {verb!r} here, only {', '.join(self.verbs)}.")
        if not isinstance(body, dict):
            raise BadRequestError("The body must be a JSON object.")
        given = {name: value for name, value in body.items() if value is not None}
        for name in ("document", *known.needed):
            if name not in given:
                raise BadRequestError(f"{verb} needs the field {name}.")
        for name in given.keys() - known.fields.keys() - {"document"}:
            raise BadRequestError(f"{verb} has no field {name!r}, only {', '.join(['document', *known.fields])}.")
        values = {name: read(given[name]) for name, read in known.fields.items() if name in given}
        return read_text(given["document"]), values

    @contextmanager
    def _entry(self, what: str) -> Iterator[None]:
        """All that happens in the block, or nothing of it; a refusal by the system's rules is told as ours."""
        with self._store.lock:
            try:
                with self._store.attempt():
                    yield
            except self.refusals as refusal:
                raise NotPossibleError(f"{what}: {refusal}") from refusal
            self._store.flush()

    @contextmanager
    def _entry_for(self, verb: str, number_or_id: str) -> Iterator[Booked]:
        """An entry about a document, if the verb applies to it now."""
        with self._store.lock:
            booked = self.document(number_or_id)
            if verb not in booked.verbs:
                raise NotPossibleError(f"{self._why_not(verb, booked)}.")
            with self._entry(f"{booked} cannot be {self.verbs[verb].done}"):
                yield booked

    def _why_not(self, verb: str, booked: Booked) -> str:
        return f"{booked} is {booked.status} and cannot be {self.verbs[verb].done}"

    def _part(self, booked: Booked, amount: Decimal | None, most: Decimal, what: str) -> Decimal:
        """An amount up to what is there; all of it when none is named."""
        if amount is None:
            return most
        if self._whole_cents(amount) > most:
            raise NotPossibleError(f"{booked.money(amount)} are more than the {booked.money(most)} {what} of {booked}.")
        return amount

    def _beyond(self, booked: Booked, amount: Decimal) -> Decimal:
        """An amount that is more than what is due."""
        if self._whole_cents(amount) <= booked.due:
            due = booked.money(booked.due)
            raise NotPossibleError(f"{booked.money(amount)} are no overpayment of {booked}: {due} are due.")
        return amount

    def _whole_cents(self, amount: Decimal) -> Decimal:
        exponent = amount.normalize().as_tuple().exponent
        if not 0 < amount < _TOO_MUCH or not isinstance(exponent, int) or exponent < -_DECIMALS:
            raise BadRequestError(f"amount must be more than 0 and have two decimals at most, not {amount}.")
        return amount

    def _day(self, on: date | None, booked: Booked) -> str:
        """The day of an entry: today if none is named, but never before the document's own date."""
        return max(self._clock.today().isoformat(), booked.date) if on is None else on.isoformat()
