"""Routes: what moves from where to where, read from the YAML files in this folder or the one that is configured."""
