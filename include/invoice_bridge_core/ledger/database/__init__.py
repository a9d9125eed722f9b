"""The ledger's PostgreSQL: the way to it, its tables, its locks and its schema."""
