"""Documents of office 9 that cannot simply go to Quiddly: rejected, held, in doubt."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sandbox.demo.author import line
from sandbox.demo.quiddly_cases import CARD, OFFER, custom_fields

if TYPE_CHECKING:
    from sandbox.demo.author import Author
    from sandbox.store import Row

CREDIT = "CreditNote"


def write_rejected(author: Author, who: dict[str, Row]) -> None:
    """Certainly wrong, and only the author can mend it.

    They are the newest: a route that has booked nothing yet rejects nothing.
    """
    room = line("VAT25", "4000.00")
    write = partial(author.write, OFFER, currency="SEK", office=9, outcome="rejected", on=author.day(1))
    write(who["ordinary"], [room, line("VAT15", "310.00")], why="VAT of 15% is none of Quiddly's rates")
    wrong = {**room, "vatAmount": Decimal("900.00"), "totalInclVat": Decimal("4900.00")}
    write(who["ordinary"], [wrong], why="the VAT is not the rate's")
    write(who["without_zip"], [room], why="the address lacks postal code and city")
    total = {"totalInclVat": room["totalInclVat"] + 100}
    write(who["ordinary"], [room], why="the totals do not add up", fields=total)


def write_held(author: Author, who: dict[str, Row]) -> None:
    """Our side can mend it, or a person decides."""
    room = [line("VAT25", "4000.00")]
    write = partial(author.write, OFFER, lines=room, currency="SEK", office=9, outcome="held")
    write(who["without_email"], why="sent by e-mail, without an e-mail address")
    write(who["bad_email"], why="sent by e-mail, to an address that is none")
    write(who["ordinary"], why="electronic invoice without GLN", fields=custom_fields(Invoice_by="ELECTRONIC_INVOICE"))
    write(who["ordinary"], why="the route has no rate for GBP", currency="GBP")
    write(who["nowhere"], why="the country code is none")
    write(who["ordinary"], why="half a delivery address", fields=custom_fields(Delivery_address="Kajen 3"))
    write(who["ordinary"], why="a delivery date that is none", fields=custom_fields(Delivery_date="soon"))
    write(who["ordinary"], why="sent by pigeon", fields=custom_fields(Invoice_by="pigeon"))
    silent = {**line("VAT15", "310.00", "9.0"), "vatPercentage": None}
    author.write(
        OFFER, who["ordinary"], [silent], currency="SEK", office=9, outcome="held", why="VAT of 15% by the amounts"
    )
    author.write(
        CARD, who["ordinary"], [line("VAT15", "950.00")], currency="SEK", office=9, outcome="held", terms=0,
        why="card payment at 15%",
    )  # fmt: skip
    credit = partial(author.write, CREDIT, who["ordinary"], [line("VAT25", "-1000.00")], currency="SEK", office=9)
    credit(outcome="held", why="credit note that names no invoice")
    unknown = {"creditedInvoiceId": 11_112, "creditedInvoiceNumber": "Q-09998"}
    credit(outcome="held", why="the credited invoice is nowhere", fields=unknown)


def write_in_doubt(author: Author, who: dict[str, Row]) -> Row:
    """A number that somebody already used in Quiddly, for another debtor."""
    return author.write(
        OFFER, who["second"], [line("VAT25", "5200.00")], currency="SEK", office=9, outcome="in doubt",
        why="its number belongs to another debtor's invoice in Quiddly",
    )  # fmt: skip
