"""The tasks of `daily_close__<route>`."""
