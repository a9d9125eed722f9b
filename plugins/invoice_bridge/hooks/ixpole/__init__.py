"""iXpole's HTTP API (contract ixpole.md)."""
