"""How a customer stands between the two systems of a route."""

from __future__ import annotations

from enum import StrEnum


class CustomerState(StrEnum):
    """What became of a customer when both sides were compared last."""

    IN_STEP = "in step"
    """Both sides say the same, as far as the route keeps them in step."""
    WANTED = "wanted"
    """Something has to be written: the customer is made, or some of its fields change."""
    HELD = "held"
    """A person has to decide, or to mend something; `reason` says what."""
    CONFLICT = "conflict"
    """A field was changed on both sides since they agreed."""
    ALONE = "alone"
    """One side has it, and the route makes none on the other."""
