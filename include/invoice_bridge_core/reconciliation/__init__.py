"""Whether source, ledger and finance tell the same of a day's documents, and what to do where they do not."""
