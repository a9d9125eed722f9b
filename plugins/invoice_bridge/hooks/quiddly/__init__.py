"""Quiddly's HTTP API (contract quiddly.md)."""
