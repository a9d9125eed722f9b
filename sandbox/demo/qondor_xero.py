"""The story of the route Qondor → Xero: offices 7 and 8 invoice, 10 belongs to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo import cases, trouble
from sandbox.demo.author import Author
from sandbox.demo.customers import Register
from sandbox.demo.ordinary import write_ordinary, write_plain
from sandbox.demo.qondor_register import tell_odd_customers, with_people
from sandbox.demo.xero_past import write_past

if TYPE_CHECKING:
    from sandbox.scene import Scene

ROUTE = "qondor_xero"
OFFICES = (7, 8)
MIXED_AT_LEAST = 90


def tell(scene: Scene, *, plain: bool = False) -> None:
    """Fill the scene with Qondor's payments and Xero's past."""
    register, author = Register(scene.random), Author(scene, ROUTE, OFFICES)
    for position, customer in enumerate(register.all()):
        scene.add("qondor", "customers", with_people(customer, position))
    tell_odd_customers(scene)
    if plain or scene.documents < MIXED_AT_LEAST:
        for position in range(scene.documents):
            write_plain(author, scene, register, position)
        return
    for write in (
        cases.write_contacts,
        cases.write_bookers,
        cases.write_credits,
        cases.write_lines,
        cases.write_heads,
        trouble.write_rejected,
        trouble.write_held,
    ):
        write(author, register)
    taken = trouble.write_in_doubt(author, register)
    write_past(scene, register, taken)
    foreign = iter([10] * (scene.documents // 14))
    for position in range(scene.documents - author.written):
        own = OFFICES[position % 2]
        # A credit note (last of ten) belongs to the office of the document before it, so those two never go elsewhere.
        office = next(foreign, own) if position % 10 in (1, 2, 5, 6) else own
        write_ordinary(author, scene, register, office, position)
