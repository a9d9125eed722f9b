"""The guard: whether a connection may be called now, and what its system said of limits and credentials."""
