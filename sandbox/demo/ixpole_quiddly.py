"""The story of the route iXpole → Quiddly: an arena in Sweden, whose tenant writes its keys in any case."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.demo.seller import Seller, line
from sandbox.ixpole.tenants import ARENA

if TYPE_CHECKING:
    from sandbox.scene import Scene
    from sandbox.store import Row

ROUTE = "ixpole_quiddly"
_ORDINARY = 14


class Arena:
    """The arena's register."""

    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self.company = seller.customer("Skåne Maskin AB", "SE", CustomerCode="A-1001")
        self.electronic = seller.customer("Öresund Energi AB", "SE", CustomerCode="A-1002", GLN="7300009012345")
        self.person = seller.customer("Åsa Sjöström-O'Hara", "SE", person=True, CustomerCode="A-1003", FMI="5000-1")
        self.uncoded = seller.customer("Nya Kunden AB", "SE")
        self.german = seller.customer("Bühnenbau Köln GmbH & Co. KG", "DE", CustomerCode="A-1005")
        self.unreachable = seller.customer("Utan E-post AB", "SE", Email=None, CustomerCode="A-1006")
        self.homeless = seller.customer("Utan Adress AB", "SE", Address=None, Zip=None, CustomerCode="A-1007")
        self.lounge = seller.product("LOUNGE", "Lounge", "25", "4200.00", "3001")
        self.dinner = seller.product("DINNER", "Dinner", "12", "545.50", "3002")
        self.ticket = seller.product("TICKET", "Concert ticket", "6", "695.00", "3003")
        self.gift = seller.product("GIFT", "Gift card", "0", "500.00", "2420")
        self.lunch = seller.product("LUNCH-NO", "Lunch in Norway", "15", "180.00", "3004")


def tell(scene: Scene, *, plain: bool = False) -> None:
    """Fill the arena; a plain scene has no instalments."""
    if plain:
        return
    arena = Arena(Seller(scene, ARENA, ROUTE, first=5001, currency="SEK"))
    _write_special(arena)
    _write_held(arena)
    _write_ordinary(arena)


def _write_special(arena: Arena) -> None:
    write = arena.seller.instalment
    everything = [line(arena.lounge), line(arena.dinner, 12), line(arena.ticket, 30), line(arena.gift, 3)]
    write(arena.company, everything, why="all four VAT rates")
    write(arena.electronic, [line(arena.lounge)], why="customer with a GLN")
    write(arena.person, [line(arena.ticket, 2)], why="person with an FMI")
    write(arena.uncoded, [line(arena.ticket, 5)], why="customer without a code")
    write(arena.german, [line(arena.lounge)], currency="EUR", why="in EUR, with a rate in the route")
    write(arena.company, [line(arena.dinner, 3, "33.333")], why="3 × 33.333")
    rounding = [line(arena.ticket, 1, f"{number}.{number:02d}") for number in range(1, 21)]
    write(arena.company, rounding, why="rounding on many lines")
    write(arena.company, [line(arena.lounge)], terms=None, why="no due date")


def _write_held(arena: Arena) -> None:
    reasons: dict[str, tuple[Row | None, list[Row], dict[str, object]]] = {
        "VAT of 15 % does not exist in Quiddly": (arena.company, [line(arena.lunch, 2)], {}),
        "sent by e-mail to nobody": (arena.unreachable, [line(arena.ticket)], {}),
        "customer without an address": (arena.homeless, [line(arena.ticket)], {}),
        "no exchange rate for DKK in the route": (arena.company, [line(arena.ticket)], {"currency": "DKK"}),
        "credit that does not name its invoice": (arena.company, [line(arena.ticket, -1)], {}),
        "no customer": (None, [line(arena.ticket)], {}),
        "totals do not add up": (arena.company, [line(arena.ticket)], {"VatAmount": Decimal("1.00")}),
    }
    for why, (who, lines, fields) in reasons.items():
        arena.seller.instalment(who, lines, outcome="held", why=why, **fields)  # type: ignore[arg-type]


def _write_ordinary(arena: Arena) -> None:
    customers = (arena.company, arena.electronic, arena.person, arena.uncoded)
    products = (arena.lounge, arena.dinner, arena.ticket, arena.gift)
    for position in range(_ORDINARY):
        lines = [line(products[(position + step) % 4], 1 + (position * step) % 5) for step in range(1, 3)]
        arena.seller.instalment(customers[position % 4], lines, terms=(10, 30)[position % 2])
