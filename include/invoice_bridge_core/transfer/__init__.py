"""One document, once: the queue, the steps of a transfer, and what a person decides."""
