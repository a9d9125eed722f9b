"""What the browser tests share: the Airflow with both systems, the documents, and what axe says of a page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.world import line, payment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Locator, Page

    from local.airflow import LocalAirflow
    from sandbox.sandbox import Sandbox
    from tests.world import World

PICTURES = "INVOICE_BRIDGE_PICTURES"
"""The environment variable that names the folder for pictures; without it none are made."""
SECTION = "section[aria-label=Invoices]"
"""The page itself, without what Airflow has around it."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@dataclass
class Desk:
    """A running Airflow, its sandbox, and the route for this process."""

    airflow: LocalAirflow
    sandbox: Sandbox
    world: World


def held(desk: Desk, articles: Mapping[str, str], first: int) -> None:
    """Documents that are held, each because its article is not mapped.

    :param articles: number → article.
    :param first: of their ids in the source, which follow each other.
    """
    for at, (number, article) in enumerate(articles.items()):
        desk.sandbox.qondor.add(payment(first + at, invoiceNumber=number, lines=[line(article)]))
    desk.world.run()


def rows(page: Page) -> Locator:
    """The documents of the list, once it is there."""
    page.get_by_test_id("desk-count").wait_for()
    return page.locator("[data-document]")


def complaints(page: Page, within: str) -> list[str]:
    """What axe has against a part of the page by WCAG 2.1 AA; Airflow's own parts are Airflow's."""
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, Any] = Axe().run(page, context=within, options=RULES).response
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def count_clicks(page: Page) -> None:
    """From now on, count what is pressed by mouse, over all pages that are opened."""
    count = "sessionStorage.presses = 1 + Number(sessionStorage.presses ?? 0)"
    page.add_init_script(f"addEventListener('pointerdown', () => {{ {count} }}, true)")


def clicks(page: Page) -> int:
    """How often something was pressed by mouse."""
    return int(page.evaluate("Number(sessionStorage.presses ?? 0)"))


def sideways(page: Page, within: str) -> tuple[int, int]:
    """How many pixels a part of the page, and the page itself, are wider than there is room."""
    inside = page.locator(within).evaluate("part => part.scrollWidth - part.clientWidth")
    return inside, page.evaluate("document.documentElement.scrollWidth - innerWidth")


def picture(page: Page, name: str) -> None:
    """A picture for the documentation, where somebody asked for them."""
    if folder := os.environ.get(PICTURES):
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")
