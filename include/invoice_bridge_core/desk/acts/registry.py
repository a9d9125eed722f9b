"""All acts, in the order of their buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.desk.acts.changed import Agreed, Mended
from invoice_bridge_core.desk.acts.choosing import ChooseContact
from invoice_bridge_core.desk.acts.putting_aside import PutAside, TakeBack
from invoice_bridge_core.desk.acts.rejecting import ConfirmRejection, DropRejection
from invoice_bridge_core.desk.acts.resolving import BookedAs, NotBooked, StepDone, StepNotDone, Told
from invoice_bridge_core.desk.acts.retrying import Retry
from invoice_bridge_core.desk.acts.taking_up import Requeue, TakeUpAgain
from invoice_bridge_core.errors import UnknownNameError

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Act

ACTS: tuple[Act, ...] = (
    Retry(),
    BookedAs(),
    NotBooked(),
    Told(),
    StepDone(),
    StepNotDone(),
    ChooseContact(),
    ConfirmRejection(),
    DropRejection(),
    TakeUpAgain(),
    Requeue(),
    Agreed(),
    Mended(),
    PutAside(),
    TakeBack(),
)


def act_named(name: str) -> Act:
    """The act of this name.

    :raises UnknownNameError: there is none.
    """
    for act in ACTS:
        if act.name == name:
            return act
    raise UnknownNameError(f"There is no act {name!r}")
