"""The stories, one per route, that fill a scene. The same seed number always makes the same scene."""

from __future__ import annotations

import random
from datetime import date, timedelta

from sandbox.demo import ixpole_quiddly, ixpole_xero, qondor_quiddly, qondor_xero
from sandbox.scene import Scene

_FIRST_ANCHOR = date(2026, 11, 15)


def build_scene(seed: int, documents: int, data: str = "mixed") -> Scene:
    """The scene of a seed: ``mixed`` with every special case, ``plain`` with ordinary invoices only.

    Too few documents for all special cases make a plain scene.
    """
    scene = Scene(seed, documents, _FIRST_ANCHOR + timedelta(days=seed % 7), random.Random(seed))
    for story in (qondor_xero.tell, qondor_quiddly.tell, ixpole_xero.tell, ixpole_quiddly.tell):
        story(scene, plain=data == "plain" or documents < qondor_xero.MIXED_AT_LEAST)
    return scene
