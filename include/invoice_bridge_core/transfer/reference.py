"""What the finance system says of itself, read once per run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ports import NO_REFERENCE

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import FinanceSystem, ReferenceData


def reference_data(finance: FinanceSystem, ledger: Ledger, run_key: str) -> ReferenceData:
    """The reference data of a run, which whichever task needs it first has read; empty where finance has none.

    :param run_key: names the run and how often it was cleared.
    :raises TransientError: another task has been reading it for too long.
    """
    if finance.reference is None:
        return NO_REFERENCE
    return ledger.reference_data(finance.conn_id, run_key, finance.reference.read)
