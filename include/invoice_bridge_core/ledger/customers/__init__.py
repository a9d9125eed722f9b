"""The ledger's part for customers that are kept in step."""
