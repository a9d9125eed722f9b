"""How report pages look by day and by night."""

from __future__ import annotations

import re

import pytest

from invoice_bridge_core.reports.page_style import DARK, LIGHT, page_style


def test_the_style_sheet_is_whole() -> None:
    style = page_style()
    assert style.count("{") == style.count("}")
    assert set(re.findall(r"var\(--([a-z-]+)", style)) <= {*LIGHT, "c"}


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_texts_have_contrast_enough(colours: dict[str, str]) -> None:
    assert colours.keys() == LIGHT.keys()
    pairs = [(text, ground) for text in ("ink", "soft", "link", "look") for ground in ("paper", "ground", "head")]
    pairs += [("tag", severity) for severity in ("look", "open", "passing", "agrees")] + [("ink", "note")]
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def contrast(one: str, other: str) -> float:
    """By WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
