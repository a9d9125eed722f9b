"""The settings of a route that takes its documents from iXpole."""

from __future__ import annotations

from typing import Literal

from invoice_bridge_core.routes.fields import ConnId, Flag
from invoice_bridge_core.routes.settings import SourceSettings


class IxpoleSettings(SourceSettings):
    """iXpole as the source; it knows neither offices nor projects.

    :param send_pdf: hand the invoice's PDF back (seed 004, step 4).
    :param customer_codes: who gives out the customer codes; `finance`: the finance system's code is stored in iXpole
        (seed 004, step 2), `source`: iXpole's own code stays, and is Quiddly's customer number.
    """

    system_name = "iXpole"

    system: Literal["ixpole"] = "ixpole"
    conn_id: ConnId = "ixpole_default"
    send_pdf: Flag = True
    customer_codes: Literal["finance", "source"] = "finance"

    def number_prefix_problem(self, prefix: str) -> str | None:
        """To iXpole a number that begins with D is a draft (seed 004, step 4)."""
        is_a_drafts = prefix[:1] in ("D", "d")
        return "must not begin with D: iXpole takes such a number for a draft's" if is_a_drafts else None

    customers_note = (
        "iXpole lists no customers and takes nothing of them but the customer code. It is told that with each booking, "
        "as source.customer_codes says; nothing else is kept in step"
    )

    def customers_problem(self, *, is_master: bool) -> str | None:
        """Only as the side that is told, since it lists no customers."""
        return "must have master finance: iXpole lists no customers" if is_master else None


SOURCE = IxpoleSettings
