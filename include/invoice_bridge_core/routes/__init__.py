"""Routes: what moves from where to where, as the files in the project's include/routes, or another folder, say."""
