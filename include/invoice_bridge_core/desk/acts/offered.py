"""Which acts a document has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.desk.acts.act import Known
from invoice_bridge_core.desk.acts.registry import ACTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.desk.acts.act import OfferedAct
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.documents.steps import StepRecord


def offered_acts(row: DocumentRow, steps: Sequence[StepRecord] = (), **known: Any) -> list[OfferedAct]:
    """The acts that a document has by what the ledger knows of it; asks nobody.

    :param known: what else is known, as the fields of `Known` name it.
    """
    return acts_of(Known(row, steps, **known))


def acts_of(known: Known) -> list[OfferedAct]:
    """The same, of all that is known together."""
    return [offered for act in ACTS if (offered := act.offered(known)) is not None]
