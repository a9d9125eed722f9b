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
        ("ixpole_xero", "ed094d2b793b054655800fa76ffe305e4b2ab5c31062d07b07cf5e85ca9255f8"),
        ("qondor_quiddly", "9d6df23036fd474488596124ffc4088d911396fe33e57074cb9c6a0b27a3619f"),
        ("qondor_xero", "08721c9bd7575ad8d6b57469d8c6d011ae392fe3c9071dea8498ea9cab4ddecb"),
    ],
)
def test_of_the_shipped_files(name: str, fingerprint: str) -> None:
    """Change one only together with its file, never because the settings are written in another way."""
    assert read_route(routes_folder() / f"{name}.yaml").fingerprint == fingerprint


@pytest.mark.parametrize(
    ("source", "finance", "fingerprint"),
    [
        ("qondor", "xero", "427f201413473aca06c9224058a67e7ffc5c2fcf52ea9623407ab48ec72045c9"),
        ("qondor", "quiddly", "79b19d7a204e5e75c015eb8933db2ff089cfa35ad8dfef716f47bc3aba737dc0"),
        ("ixpole", "xero", "0610b34e84d59c4a1a109c1fddc3c2606fbe19eb8b0058f5da4dbb889e0d767d"),
        ("ixpole", "quiddly", "d73d4f734276bc1cde0e6a311fa8a42c283b65dfcfaf0baa32e1841053c1c397"),
    ],
)
def test_of_routes_that_say_nothing(
    make_route: Callable[..., Route], source: str, finance: str, fingerprint: str
) -> None:
    assert make_route(source={"system": source}, finance={"system": finance}).fingerprint == fingerprint
