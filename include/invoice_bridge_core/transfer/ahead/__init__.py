"""Books documents ahead, many in a call, before the tasks of single documents come to them (`docs/batches.md`)."""
