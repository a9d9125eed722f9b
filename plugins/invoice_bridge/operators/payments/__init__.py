"""The tasks of `payment_status__<route>`."""
