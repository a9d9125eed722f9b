"""What keeps the documents of a route from moving, found out before a run, or instead of one, without any write."""
