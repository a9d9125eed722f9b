"""The account codes of a route's Variable, by the name under which tasks have always found them."""

from __future__ import annotations

from invoice_bridge.account_codes import BELIEVED_AFTER, with_account_codes

__all__ = ["BELIEVED_AFTER", "with_account_codes"]
