"""The tasks of `sales_sync__<route>`."""
