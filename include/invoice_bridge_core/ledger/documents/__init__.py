"""What the ledger knows of each document: its row, lease, claim, steps and history."""
