"""What the page of all documents asks the ledger."""
