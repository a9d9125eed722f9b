"""How the hooks get their tokens."""
