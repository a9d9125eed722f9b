"""The ledger: for every document what was done with it, on a PostgreSQL that tasks on several machines share."""

from invoice_bridge_core.ledger.connections.tokens import TokenVault
from invoice_bridge_core.ledger.contacts import KnownContact
from invoice_bridge_core.ledger.documents.claim import Claim
from invoice_bridge_core.ledger.documents.row import DocumentRow
from invoice_bridge_core.ledger.ledger import Ledger

__all__ = ["Claim", "DocumentRow", "KnownContact", "Ledger", "TokenVault"]
