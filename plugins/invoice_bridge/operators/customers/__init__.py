"""The tasks of `customer_sync__<route>`."""
