"""Rounds in which administrators, sellers and bookkeepers act at random between the runs, and mend what is left."""
