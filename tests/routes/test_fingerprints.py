"""The fingerprints of routes are kept in ledgers: with another one, all that is held would be looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.loader import read_route, routes_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.routes.model import Route


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("ixpole_quiddly", "0313322ebf9179a12252d9eee994ff836f99dd4c0f21023bc9ae9bf49746a7e6"),
        ("ixpole_xero", "298add0d0397d35ec119753b3ee9b8da0ca3441fb96f1c12ef284e352876ff03"),
        ("qondor_quiddly", "9d3b7c4a77ce03820f4bcc0761e0ac19d4c5e89e467c56e37fec7c062cd6e3d6"),
        ("qondor_xero", "c387c5912d01c3600d6c922e613e2548f7e3ef4e696f715976c132dea0aa835d"),
    ],
)
def test_of_the_shipped_files(name: str, fingerprint: str) -> None:
    """Change one only together with its file, never because the settings are written in another way."""
    assert read_route(routes_folder() / f"{name}.yaml").fingerprint == fingerprint


@pytest.mark.parametrize(
    ("source", "finance", "fingerprint"),
    [
        ("qondor", "xero", "223759df1b431a02df4cc298178186265e67d55d348fae17aa514281f5fb4938"),
        ("qondor", "quiddly", "bb2842b10ca0c78636ec75fc877841e91630a7d65681b0e490e3cd1b67999f2d"),
        ("ixpole", "xero", "ee0f87b0769a96fcb90dccd4b6b80ed9572ff0b2333002142ffaa0f16ef10ae3"),
        ("ixpole", "quiddly", "8129bfe31f287f5e8548d8c96c456c6ea9f5758cc96afee9d8b4c278442062f3"),
    ],
)
def test_of_routes_that_say_nothing(
    make_route: Callable[..., Route], source: str, finance: str, fingerprint: str
) -> None:
    assert make_route(source={"system": source}, finance={"system": finance}).fingerprint == fingerprint
