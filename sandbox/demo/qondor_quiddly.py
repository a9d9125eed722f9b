"""The story of the route Qondor → Quiddly: office 9 invoices, in documents that test each of Quiddly's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo import quiddly_cases, quiddly_trouble
from sandbox.demo.author import Author
from sandbox.demo.quiddly_customers import office_9_customers
from sandbox.demo.quiddly_past import write_invoice_by_hand

if TYPE_CHECKING:
    from sandbox.scene import Scene

ROUTE = "qondor_quiddly"
OFFICES = (9,)
PREFIX = "Q"
"""What the shipped route puts before Qondor's numbers."""
_AFTER_XEROS = 10_000


def tell(scene: Scene, *, plain: bool = False) -> None:
    """Add office 9's payments to those of the other offices, however many these are; none to a plain scene."""
    if plain:
        return
    author, customers = Author(scene, ROUTE, OFFICES, first=_AFTER_XEROS), office_9_customers()
    for customer in customers.values():
        scene.add("qondor", "customers", {**customer, "officeId": 9, "isActive": True, "isInvoiceable": True})
    for write in (
        quiddly_cases.write_rows,
        quiddly_cases.write_heads,
        quiddly_cases.write_money,
        quiddly_trouble.write_rejected,
        quiddly_trouble.write_held,
    ):
        write(author, customers)
    taken = quiddly_trouble.write_in_doubt(author, customers)
    write_invoice_by_hand(scene, f"{PREFIX}{taken['invoiceNumber']}")
