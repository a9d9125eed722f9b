"""A real browser before a real Airflow, whose documents a `World` has led into the states that people meet."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from invoice_bridge_core.routes.loader import routes_folder
from local.airflow import LocalAirflow
from local.people import ADMIN, BOOKKEEPER, people_of
from sandbox.sandbox import Sandbox
from tests.browser.desk import Desk
from tests.world import FERNET_KEY, World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

WAIT_MS = 40_000
DESKTOP: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no browser: install Debian's package chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def desk(browser: Browser) -> Iterator[Desk]:
    """An Airflow with the Qondor → Xero route, both systems empty, and the same route for this process."""
    with (
        Sandbox(documents=0, data="plain") as sandbox,
        # pytest's own folders are closed to the system user that PostgreSQL runs as when the tests run as root.
        tempfile.TemporaryDirectory(prefix="invoice-bridge-browser-") as folder,
        pytest.MonkeyPatch.context() as patched,
    ):
        work = Path(folder)
        work.chmod(0o755)
        connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
        connect(sandbox, patched)
        settings = {**connections, "AIRFLOW__CORE__FERNET_KEY": FERNET_KEY}
        with LocalAirflow(
            work / "home",
            routes_dir=_routes(work / "routes"),
            sandbox=False,
            extra_env=settings,
            parallelism=2,
            for_people=True,
            # Whatever works below a path works without one, and not the other way round.
            below="/airflow",
        ) as airflow:
            airflow.wait_for_dags("invoice_transfer__")
            world = World(sandbox, airflow.ledger_url)
            yield Desk(airflow, sandbox, world)
            world.close()


@pytest.fixture(scope="package")
def context(browser: Browser, desk: Desk) -> Iterator[BrowserContext]:
    """The browser of a bookkeeper in Oslo, who may trigger DAGs."""
    with _signed_in(browser, desk, BOOKKEEPER) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """The bookkeeper's page; an error in its scripts fails the test."""
    with _page(context) as page:
        yield page


@pytest.fixture
def page_of_admin(browser: Browser, desk: Desk) -> Iterator[Page]:
    """A page of somebody who may edit Airflow's Variables too."""
    with _signed_in(browser, desk, ADMIN) as context, _page(context) as page:
        yield page


@contextmanager
def _signed_in(browser: Browser, desk: Desk, name: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=f"{desk.airflow.base_url}/", locale="nb-NO", viewport=DESKTOP)
    context.set_default_timeout(WAIT_MS)
    context.add_cookies([{"name": "_token", "value": _token(desk, name), "url": desk.airflow.base_url}])
    yield context
    context.close()


@contextmanager
def _page(context: BrowserContext) -> Iterator[Page]:
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def _token(desk: Desk, name: str) -> str:
    """What the person's browser sends once they are logged in."""
    person = people_of(desk.airflow.home)[name]
    login = {"username": person.name, "password": person.password}
    answer = requests.post(f"{desk.airflow.base_url}/auth/token", json=login, timeout=60)
    return str(answer.json()["access_token"])


def _routes(folder: Path) -> Path:
    folder.mkdir()
    text = (routes_folder() / "qondor_xero.yaml").read_text()
    # Once a month, so that only the tests start runs.
    for often in ('"*/5 * * * *"', '"*/15 * * * *"', '"0 3 * * *"', '"0 7 * * *"', '"*/30 * * * *"'):
        assert often in text
        text = text.replace(often, '"0 0 1 * *"')
    (folder / "qondor_xero.yaml").write_text(text)
    return folder
