"""What each system means: its answers ↔ our documents, one folder per system."""
