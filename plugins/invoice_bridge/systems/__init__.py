"""What each system means: its answers ↔ our documents, one module or package per system."""
