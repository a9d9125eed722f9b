"""The story of the route iXpole → Xero: a football club sells seats, hospitality and boards."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.demo.seller import Seller, line
from sandbox.demo.xero_past import contact, invoice
from sandbox.ixpole.tenants import CLUB

if TYPE_CHECKING:
    from sandbox.scene import Scene
    from sandbox.store import Row

ROUTE = "ixpole_xero"
_ORDINARY = 18


class Club:
    """The club's register: customers and products by what is special about them."""

    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self.known = seller.customer("Fana Byggservice AS")
        self.renamed = seller.customer("Nygårdshøyden Eiendom AS")
        self.coded = seller.customer("Vestland Kran AS", CustomerCode="K-0007")
        self.newcomer = seller.customer("Os Marina AS")
        self.foreign = seller.customer("Brouwerij De Kroon NV", "BE")
        self.swedish = seller.customer("Göta Händelser AB", "SE")
        self.german = seller.customer('Gasthaus "Zum Bären" & Söhne GmbH', "DE")
        self.person = seller.customer("Żaneta O'Neill-Łuczak 🎿", person=True)
        self.same_name = seller.customer("Kari Berg", person=True)
        self.namesake = seller.customer("Kari Berg", person=True)
        self.sparse = seller.customer("Supporterklubben Nord", VatNumber=None, Email=None, Phone=None, Zip=None)
        self.archived = seller.customer("Lagt Ned AS")
        self.seat = seller.product("SEASON", "Season ticket", "6", "3250.00", "207")
        self.vip = seller.product("VIP-SEAT", "VIP seat", "6", "950.00", "207")
        package = "Hospitality package 🏟 with dinner, drinks and a guided tour"
        self.hospitality = seller.product("HOSP", package, "25", "1890.40", "200")
        self.catering = seller.product("CATERING", "Catering", "15", "249.90", "205")
        self.room = seller.product("ROOM", "Hotel room", "12", "1290.00", "206", Description=None)
        self.board = seller.product("BOARD", "Advertising board", "25", "12000.00", "200")
        self.abroad = seller.product("ABROAD", "Advertising abroad", "0", "5000.00", "260")
        self.parking = seller.product("PARKING", "Parking", "25", "160.00", None)


def tell(scene: Scene, *, plain: bool = False) -> None:
    """Fill the club, and Xero's past with it; a plain scene has no instalments."""
    if plain:
        return
    club = Club(Seller(scene, CLUB, ROUTE, first=1, currency="NOK"))
    _write_customers(club)
    _write_lines(club)
    _write_heads(club)
    _write_credits(club)
    _write_held(club)
    _write_held_products(club)
    _write_ordinary(club)
    _write_past(scene, club)


def _write_customers(club: Club) -> None:
    reasons = {
        "known": "contact found by VAT number",
        "renamed": "contact found by e-mail, under another name",
        "coded": "customer whose code is an old one",
        "newcomer": "new customer on several instalments",
        "foreign": "company abroad",
        "german": "name with quotes, & and umlauts",
        "person": "person, with accents and an emoji in the name",
        "same_name": "one of two persons of one name",
        "namesake": "the other person of that name",
        "sparse": "customer without VAT number and e-mail",
    }
    for name, why in reasons.items():
        club.seller.instalment(getattr(club, name), [line(club.vip, 2)], why=why)
    for _ in range(2):
        club.seller.instalment(club.newcomer, [line(club.seat, 4)], why="new customer on several instalments")


def _write_lines(club: Club) -> None:
    awkward = {
        "3 × 33.333": [line(club.parking, 3, "33.333")],
        "unit price with four decimals": [line(club.catering, 17, "12.3456")],
        "quantity 0.5": [line(club.board, "0.5")],
        "rounding on many lines": [line(club.vip, "1.5", f"{number}.{number:02d}") for number in range(1, 31)],
        "every product": [
            *[line(club.seat), line(club.vip, 3), line(club.hospitality), line(club.catering, 12)],
            *[line(club.room, 2), line(club.board), line(club.abroad), line(club.parking, 4)],
        ],
        "account from the route's list, not from the product": [line(club.parking, 10)],
        "deposit deducted": [line(club.board), line(club.board, -1, "2500.00", Description="Deposit already paid")],
        "line without a description": [line(club.room, 1, Description=None)],
    }
    for why, lines in awkward.items():
        club.seller.instalment(club.known, lines, why=why)


def _write_heads(club: Club) -> None:
    seats = [line(club.seat, 2)]
    club.seller.instalment(club.known, seats, terms=None, why="no due date")
    club.seller.instalment(club.foreign, seats, currency="EUR", why="in EUR")
    club.seller.instalment(club.swedish, seats, currency="SEK", why="in SEK")
    club.seller.instalment(club.known, seats, why="no reference and no event", InvoiceReference=None, EventId=None)
    club.seller.instalment(club.known, seats, code="D-2026-0001", why="its code begins with D; the prefix helps")
    club.seller.instalment(club.known, seats, on=date(2026, 10, 31), terms=0, why="due at once, at the end of a month")


def _write_credits(club: Club) -> None:
    club.seller.instalment(club.known, [line(club.vip, -2)], why="negative instalment: a credit")
    club.seller.instalment(club.foreign, [line(club.seat, 1, "-3250.00")], currency="EUR", why="credit by its price")
    mixed = [line(club.hospitality, -3), line(club.parking, 1)]
    club.seller.instalment(club.newcomer, mixed, why="credit with a line that runs against it")


def _write_held(club: Club) -> None:
    seats, expect = [line(club.seat, 2)], "held"
    club.seller.instalment(None, seats, outcome=expect, why="no customer")
    wrong = Decimal("7000.00")
    club.seller.instalment(club.known, seats, outcome=expect, why="totals do not add up", AmountInclVat=wrong)
    club.seller.instalment(club.known, seats, outcome=expect, why="Xero is not subscribed to GBP", currency="GBP")
    club.seller.instalment(club.archived, seats, outcome=expect, why="the contact is archived in Xero")
    club.seller.instalment(club.known, seats, outcome=expect, why="no invoice date", InvoiceDate=None)
    club.seller.instalment(club.known, seats, outcome=expect, why="dated in the locked period", on=date(2026, 8, 20))
    early = (club.seller.day(20) - timedelta(days=9)).isoformat()
    club.seller.instalment(
        club.known, seats, outcome=expect, why="due before it was invoiced", on=club.seller.day(20), DueDate=early
    )
    club.seller.instalment(club.known, seats, outcome=expect, why="customer that iXpole does not know", CustomerId=999)
    club.seller.instalment(club.known, seats, outcome=expect, why="amount that is no number", AmountInclVat="a lot")


def _write_held_products(club: Club) -> None:
    product = club.seller.product
    reasons = {
        "product without an account, in no list": product("SCARF", "Scarf", "25", "299.00", None),
        "its account is archived in Xero": product("OLD", "Old product", "25", "100.00", "299"),
        "its account is not in Xero": product("GHOST", "Ghost", "25", "100.00", "3999"),
        "its account has another VAT rate": product("MISFIT", "Misfit", "12", "100.00", "200"),
        "code longer than Xero's items have": product("ANNIVERSARY-BOOK-LIMITED-EDITION", "Book", "0", "80.00", "260"),
    }
    for why, sold in reasons.items():
        club.seller.instalment(club.known, [line(club.vip), line(sold)], outcome="held", why=why)
    unknown = {**line(club.vip), "ProductId": 998}
    club.seller.instalment(club.known, [unknown], outcome="held", why="product that iXpole does not know")


def _write_ordinary(club: Club) -> None:
    customers = (club.known, club.newcomer, club.coded, club.person, club.renamed)
    products = (club.seat, club.vip, club.hospitality, club.catering, club.room, club.parking)
    for position in range(_ORDINARY):
        lines = [
            line(products[(position + step) % 6], 1 + (position * step) % 7) for step in range(1, 2 + position % 3)
        ]
        club.seller.instalment(customers[position % 5], lines, terms=(14, 30, 45)[position % 3])


def _write_past(scene: Scene, club: Club) -> None:
    """Contacts that are there already, and somebody's invoice with the number of a waiting instalment."""
    contact(scene, "Fana Byggservice (Xero)", TaxNumber=club.known["VatNumber"])
    contact(scene, "Nygårdshøyden Drift", EmailAddress=club.renamed["Email"].upper())
    contact(scene, club.archived["Name"], TaxNumber=club.archived["VatNumber"], ContactStatus="ARCHIVED")
    taken: Row = club.seller.instalment(
        club.known,
        [line(club.vip, 5)],
        outcome="in doubt",
        why="its number belongs to another contact's invoice in Xero",
    )
    invoice(scene, contact(scene, "Booked By Hand AS"), f"IX-{taken['InstalmentCode']}", "75.00")
