"""The systems' APIs played on localhost, with state, the contracts' rules, limits and faults."""
