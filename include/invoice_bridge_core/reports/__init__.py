"""Reports for people: what became of a run, and how the books compare."""
