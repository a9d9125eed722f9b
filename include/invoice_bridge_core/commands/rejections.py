"""A person lets documents be rejected that a route kept back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.commands.describe import line
from invoice_bridge_core.commands.documents import refuse_unknown_route
from invoice_bridge_core.commands.resolution import person
from invoice_bridge_core.transfer.rejections import let_be_rejected

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.documents.rejections import KeptDocument


def confirm_rejections(ledger: Ledger, route: str, *, yes: bool, by: str | None = None) -> str:
    """List what the route would reject and keeps back; with `yes` let the next run reject it.

    :param by: who says so; the login name when it is `None`.
    :raises UnknownNameError: there is no such route.
    :raises NotResolvedError: nobody knows who says so.
    """
    name = person(by)
    refuse_unknown_route(ledger, route)
    kept = [one for one in ledger.rejections.kept(route) if one.confirmed_by is None]
    if not kept:
        return f"Route {route} keeps nothing back: there is nothing to confirm."
    documents = "1 document" if len(kept) == 1 else f"{len(kept)} documents"
    listed = "\n".join(line(one.row) for one in kept)
    if not yes:
        return (
            f"{listed}\nRoute {route} would reject {documents}. Each author gets a message, and no rejection can be "
            f"taken back. Nothing was changed. To send them: airflow invoice-bridge confirm-rejections {route} --yes"
        )
    busy = [one for one in kept if not _confirmed(ledger, one, route, name)]
    done = f"{listed}\n{name} lets {documents} be rejected. The next run of invoice_transfer__{route} sends them."
    if not busy:
        return done
    return f"{done}\nBut not these, which a task works on right now:\n" + "\n".join(line(one.row) for one in busy)


def _confirmed(ledger: Ledger, kept: KeptDocument, route: str, by: str) -> bool:
    return let_be_rejected(ledger, kept.row, route=route, claimant=f"confirm-rejections by {by}", by=by)
