"""What the ledger knows of connections: what their systems said, and the tokens that tasks share."""
