"""The ledger: for every document what was done with it, on a PostgreSQL that tasks on several machines share."""

from include.ledger.claim import Claim
from include.ledger.contacts import KnownContact
from include.ledger.facts import DocumentFacts, DocumentRow
from include.ledger.ledger import Ledger
from include.ledger.states import DocumentState
from include.ledger.tokens import TokenVault

__all__ = ["Claim", "DocumentFacts", "DocumentRow", "DocumentState", "KnownContact", "Ledger", "TokenVault"]
