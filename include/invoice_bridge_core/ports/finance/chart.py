"""The accounts that lines can be booked on, for people who map articles to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from invoice_bridge_core.ports.records import ReferenceData


@dataclass(frozen=True)
class ChartAccount:
    """One account of the chart.

    :param why_not: why no line can be booked on it, such as `is archived`; `None`: lines can.
    :param vat_percentage: the VAT that its lines carry; `None` where that is not known.
    """

    code: str
    name: str
    why_not: str | None = None
    vat_percentage: Decimal | None = None

    @property
    def label(self) -> str:
        """Code and name, as people know it."""
        return f"{self.code} '{self.name}'" if self.name else self.code


class Chart(Protocol):
    """Tells which accounts there are."""

    def accounts(self, reference: ReferenceData) -> Sequence[ChartAccount]:
        """All accounts that have a code, usable or not; `reference` is what the system's `ReferenceReader` read."""
