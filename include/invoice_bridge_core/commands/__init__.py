"""What a person asks of the ledger and tells it, in a shell."""
