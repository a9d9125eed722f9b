"""HTTP and nothing else: session, authentication, limits, typed errors, one method per API verb."""
