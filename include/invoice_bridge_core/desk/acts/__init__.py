"""What people do with documents on the desk: each act is one class, and its rule is the engine's own."""
