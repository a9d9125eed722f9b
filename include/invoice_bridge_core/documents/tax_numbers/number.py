"""One tax number, read: which company it names, as far as that can be told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.tax_numbers.forms import COUNTRIES, Core, cores, is_right, rightly_read, split_prefix
from invoice_bridge_core.documents.tax_numbers.words import compact, parted

if TYPE_CHECKING:
    from collections.abc import Iterable

_MIN_DIGITS = 5


@dataclass(frozen=True)
class TaxNumber:
    """A tax number.

    :param country: ISO 3166-1 alpha-2; empty where neither the number nor its owner's address tells it.
    :param number: digits and capitals alone, without labels and the country's prefix.
    :param plain: likewise, without any other word.
    :param is_vat: whether it was written with the country's prefix.
    """

    country: str
    number: str
    plain: str
    is_vat: bool = False

    def cores_in(self, country: str) -> tuple[Core, ...]:
        """What the number names in a country, by its look alone."""
        return cores(country, self.plain, is_vat=self.is_vat)

    @property
    def cores(self) -> tuple[Core, ...]:
        """What it names in its own country; the number itself where it has none, or looks like none of that country."""
        return (self.cores_in(self.country) if self.country else ()) or (Core(self.number),)

    @property
    def readings(self) -> frozenset[tuple[str, Core]]:
        """Country and core, wherever the check digits are right."""
        if not self.country:
            return frozenset(rightly_read(self.plain))
        return frozenset((self.country, core) for core in self.cores if is_right(self.country, core))

    @property
    def is_certain(self) -> bool:
        """Whether the country is known and the check digits are right there."""
        return bool(self.country) and bool(self.readings)

    @property
    def shared_texts(self) -> frozenset[str]:
        """Texts of which two numbers have one in common if they may name one company."""
        countries = (self.country,) if self.country else COUNTRIES
        by_look = {core.digits for country in countries for core in self.cores_in(country)}
        return frozenset(by_look | {core.digits for core in self.cores} | {self.plain, self.number})


@lru_cache(maxsize=8192)
def read_tax_number(text: str, country: str | None = None) -> TaxNumber | None:
    """The number that a text holds; `None` when it is none at all, such as "n/a" or "000 000 000".

    :param country: of its owner's address; counts where the text tells none, and the number looks like one of there.
    """
    labelled, number, plain = parted(text)
    if not _identifies(plain):
        return None
    prefix, rest = split_prefix(plain)
    own = prefix or labelled
    if not own and country and cores(country.upper(), rest):
        own = country.upper()
    return TaxNumber(own, split_prefix(number)[1], rest, is_vat=bool(prefix))


def read_tax_numbers(texts: Iterable[str], country: str | None = None) -> tuple[TaxNumber, ...]:
    """The numbers of one customer, those left out that are none.

    One that tells no country has that of the address, else that of the customer's other numbers, if it looks like it.
    """
    texts = tuple(texts)
    numbers = [read_tax_number(text, country) for text in texts]
    countries = dict.fromkeys(number.country for number in numbers if number is not None and number.country)
    for place, number in enumerate(numbers):
        for other in countries:
            if number is not None and not number.country:
                numbers[place] = number = read_tax_number(texts[place], other)
    return tuple(number for number in numbers if number is not None)


def _identifies(number: str) -> bool:
    digits = [character for character in compact(number) if character.isdigit()]
    return len(digits) >= _MIN_DIGITS and set(digits) != {"0"}
