"""Benchmarks that anyone can repeat with `make bench`: ratios within one run, on whatever machine it is."""
