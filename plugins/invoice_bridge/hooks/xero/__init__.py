"""Xero's HTTP API (contract xero.md)."""
