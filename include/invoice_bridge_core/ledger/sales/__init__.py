"""What the ledger knows of sales: what finance has sent, and what the source was shown of it."""
