"""The day as charts: how many documents came to which end, and what sums in each currency.

Sums of different currencies never share an axis: each currency has a chart of its own.
"""

from __future__ import annotations

import base64
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_COLOURS = {
    "transferred": "#3b7a57",
    "booked": "#8fb996",
    "held": "#d9a441",
    "waiting": "#9aa5b1",
    "under way": "#9aa5b1",
    "rejected": "#b5533c",
    "in doubt": "#7d3c98",
    "not in ledger": "#5b6770",
}
_OTHER = "#5b6770"
_INK, _LINE = "#2f3a45", "#d8dee4"
_WIDTH, _BAR = 4.6, 0.36
_LABEL_ROOM = 0.3
"""Beside the longest bar, as a part of what all bars span."""


@dataclass(frozen=True)
class Chart:
    """One picture.

    :param uri: the SVG as an address that holds it whole.
    :param words: what it shows, for those who do not see it.
    """

    title: str
    uri: str
    words: str


def charts_of(totals: pd.DataFrame) -> list[Chart]:
    """Documents by outcome, then the sums of each currency by outcome; none of an empty day."""
    if totals.empty:
        return []
    counts: Counter[str] = Counter()
    for name, count in zip(totals["outcome"], totals["documents"], strict=True):
        counts[str(name)] += int(count)
    charts = [_chart("Documents", [(name, count, str(count)) for name, count in counts.items()])]
    for currency, part in totals.groupby("currency", sort=True):
        bars = [
            (str(name), float(amount), format_amount(amount))
            for name, amount in zip(part["outcome"], part["sum"], strict=True)
        ]
        charts.append(_chart(f"Sums in {currency!s}" if currency else "Sums without a currency", bars))
    return charts


def _chart(title: str, bars: Sequence[tuple[str, float, str]]) -> Chart:
    words = f"{title}: " + ", ".join(f"{name} {shown}" for name, _, shown in bars)
    return Chart(title, f"data:image/svg+xml;base64,{base64.b64encode(_svg(bars)).decode('ascii')}", words)


def _svg(bars: Sequence[tuple[str, float, str]]) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.use("Agg")
    # A fixed salt, so that the same day gives the same file.
    with mpl.rc_context({"svg.hashsalt": "invoice-bridge", "font.size": 11, "text.color": _INK}):
        figure = Figure(figsize=(_WIDTH, _BAR * len(bars) + 0.08), layout="constrained")
        axes = figure.add_subplot()
        names = [name for name, _, _ in bars]
        drawn = axes.barh(
            names, [length for _, length, _ in bars], height=0.62, color=[_COLOURS.get(name, _OTHER) for name in names]
        )
        axes.bar_label(drawn, [shown for _, _, shown in bars], padding=4, color=_INK)
        lengths = [length for _, length, _ in bars]
        low, high = min(0.0, *lengths), max(0.0, *lengths)
        room = (high - low or 1.0) * _LABEL_ROOM
        axes.set_xlim(low - room if low < 0 else 0, high + room)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.axvline(0, color=_LINE, linewidth=1)
        axes.set_xticks([])
        axes.tick_params(axis="y", length=0, colors=_INK)
        for spine in axes.spines.values():
            spine.set_visible(False)
        picture = io.BytesIO()
        figure.savefig(picture, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return picture.getvalue()
