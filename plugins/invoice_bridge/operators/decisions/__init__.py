"""The tasks of `decisions__<route>`."""
