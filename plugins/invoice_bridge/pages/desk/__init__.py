"""The desk: one page where people see every document, and decide."""
