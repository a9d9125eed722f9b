"""Looks of two routes into one organisation, which keep what they find of each other's documents."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from invoice_bridge_core.payments.findings import Finding
from tests.payments.backflow import IXPOLE_XERO, QONDOR_XERO, backflow

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox


def test_what_one_poll_found_before_a_payment_is_not_kept_after_it(sandbox: Sandbox, ledger_url: str) -> None:
    qondor, ixpole = (backflow(sandbox, ledger_url, name) for name in (QONDOR_XERO, IXPOLE_XERO))
    qondor.book(1)
    ixpole.book(1)
    sandbox.fault("delay", system="xero", path="*Invoices", when="after", seconds=3, nth=1)
    with ThreadPoolExecutor(1) as other:
        stale = other.submit(ixpole.world.poll)
        time.sleep(1)
        qondor.pay(1)
        qondor.world.poll()
        stale.result()
    source_id = qondor.source_id(1)
    assert qondor.world.found()[source_id] is Finding.TO_REPORT
    for back in (qondor, ixpole):
        back.world.close()
