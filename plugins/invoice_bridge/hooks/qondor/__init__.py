"""Qondor's HTTP API (contract qondor.md)."""
