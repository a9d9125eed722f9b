"""How much of the cases an ordinary test run plays: always the same ones."""

from __future__ import annotations

import os

IS_FULL = os.environ.get("CHAOS") == "full"
ONE_IN = int(os.environ.get("CHAOS_ONE_IN", "60"))
"""Of the cases at writes and commits one in so many; of those at reads one in four times as many."""
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "80"))
