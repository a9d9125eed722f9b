"""Where Airflow's API server serves the package's pages; tasks link there, and need nothing of the pages for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from airflow.sdk.configuration import conf

if TYPE_CHECKING:
    from collections.abc import Iterable

REPORTS_PREFIX = "/invoice-bridge/reports"
"""The reconciliations; followed by the DAG's id."""

DESK_PREFIX = "/invoice-bridge/desk"
"""What the page "Invoices" asks and is made of."""

DESK_PAGE = "plugin/invoices"
"""The page itself, inside Airflow's; below Airflow's base URL, as are all links that tasks and notices give."""


TAB_OF_RUN = "invoices-of-run"
"""The tab of a run that shows what its tasks wrote of."""


def run_link(dag_id: str, run_id: str) -> str:
    """The tab of a run, below Airflow's base URL and without a slash before it."""
    return f"dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}/plugin/{TAB_OF_RUN}"


def desk_link(**filters: str | int | Iterable[str] | None) -> str:
    """The page "Invoices" with a filter in its address, below Airflow's base URL and without a slash before it.

    :param filters: as `GET api/documents` takes them; what is `None` or empty is left out.
    """
    chosen = {name: value for name, value in filters.items() if value not in (None, "", (), [])}
    query = urlencode({name: value if isinstance(value, str | int) else list(value) for name, value in chosen.items()
                       if value is not None}, doseq=True)  # fmt: skip
    return f"{DESK_PAGE}?{query}" if query else DESK_PAGE


def page_address(link: str) -> str:
    """Where a page of this Airflow is; one below Airflow's base URL where the configuration names none.

    :param link: below Airflow's base URL, with or without a slash before it.
    """
    base_url = (conf.get("api", "base_url", fallback=None) or "").rstrip("/")
    return f"{base_url}/{link.lstrip('/')}"
