"""The desk: where people see every document, and decide."""
