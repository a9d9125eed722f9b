"""A document's lease in the hands of a person who says something of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import BridgeError, LedgerError, NotResolvedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger
    from invoice_bridge_core.routes.model import Route


@contextmanager
def claimed_by_hand(
    row: DocumentRow,
    said: str,
    *,
    route: Route,
    ledger: Ledger,
    finance_conn: str,
    by: str,
    check: Callable[[DocumentRow], None],
    claimant: str | None = None,
) -> Iterator[Claim]:
    """The lease while the block looks and writes; the history keeps what was refused, and why.

    :param said: what the person says of the document, after "said that it".
    :param by: the person.
    :param check: refuses a row of which nothing is to be said.
    :param claimant: the task that acts for the person, where one does.
    :raises NotResolvedError: it is refused, or somebody else works on it; nothing was changed.
    """
    check(row)
    if row.finance_conn not in (None, finance_conn):
        raise NotResolvedError(
            f"{row.label} was sent to {row.finance_conn}, but route {route.route} now books through {finance_conn}. "
            f"Set finance.conn_id back to {row.finance_conn} until it is resolved"
        )
    # No task is named like this, so that a person never takes over from one at work.
    claim = ledger.claim(row.ref, route=route.route, claimant=claimant or f"{by}, by hand", finance_conn=finance_conn)
    if claim is None:
        raise NotResolvedError(_busy(ledger, row), may_pass=True)
    try:
        check(claim.row)
        yield claim
    except LedgerError:
        raise
    except BridgeError as error:
        claim.step_back(f"said that it {said}; refused: {error}")
        may_pass = error.may_pass if isinstance(error, NotResolvedError) else isinstance(error, TransientError)
        raise NotResolvedError(str(error), may_pass=may_pass) from error


def _busy(ledger: Ledger, row: DocumentRow) -> str:
    now = ledger.row(row.ref) or row
    until = f" until {now.leased_until:%H:%M:%S} UTC" if now.leased_until else ""
    return f"{row.label} is being worked on{until} by {now.lease_owner or 'another task'}: try again after that"
