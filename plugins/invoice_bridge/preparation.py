"""What every document's task would do first, done once in the process that tasks are forked from.

Nothing is opened, asked or written here. What fails, or is left out, is done by the tasks.
"""

from __future__ import annotations

import logging

from invoice_bridge_core.documents.reading.emails import is_email
from invoice_bridge_core.documents.tax_numbers.forms import COUNTRIES, cores
from invoice_bridge_core.ledger.warming import warm_up

log = logging.getLogger(__name__)


def prepare() -> None:
    """Compile the ledger's statements, and import what reads addresses and tax numbers."""
    for part in (warm_up, _read_addresses, _read_tax_numbers):
        try:
            part()
        except Exception:
            log.debug("%s is left to the tasks", part.__name__, exc_info=True)


def _read_addresses() -> None:
    is_email("somebody@example.com")


def _read_tax_numbers() -> None:
    for country in COUNTRIES:
        for length in (8, 9, 10):
            cores(country, "1" * length)
