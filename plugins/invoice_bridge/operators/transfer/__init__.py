"""The tasks of `invoice_transfer__<route>`."""
