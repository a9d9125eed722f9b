"""The addresses in a notice: the page of invoices in this Airflow, filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.configuration import conf

from invoice_bridge.page_addresses import desk_link

if TYPE_CHECKING:
    from collections.abc import Iterable


def link(**filters: str | Iterable[str]) -> str | None:
    """The whole address; `None` where Airflow does not know its own, which is its setting `[api] base_url`."""
    base: str = conf.get("api", "base_url", fallback="") or ""
    return f"{base.rstrip('/')}/{desk_link(**filters)}" if base.startswith(("http://", "https://")) else None
