"""What the ledger knows of payments: how each booking stands, what was polled, what the source was told."""
