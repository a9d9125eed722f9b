"""The Variable with account codes: laid over the file's, and no verdict while it cannot be read."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge.operators.account_codes import BELIEVED_AFTER
from invoice_bridge.operators.session import route_session
from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger.database.tables import reference_data
from tests.builders import route
from tests.operators.airflow_run import Run
from tests.world import line, payment

if TYPE_CHECKING:
    from tests.world import World

ARTICLE = "VAR-1"


@pytest.fixture
def variable(world: World) -> str:
    return f"AIRFLOW_VAR_{world.route.account_codes_variable.upper()}"


def moved(world: World, number: int, **params: bool) -> str:
    run = Run(world.route, number=number, params=params)
    [entry] = run.queue()
    run.move(entry)
    return str(run.tasks[entry["source_id"]].label)


def status(world: World, source_id: str) -> str:
    return str(world.sandbox.qondor.payments[source_id]["statusText"])


def test_an_article_of_a_variable_that_cannot_be_read_is_held_and_goes_when_it_is_back(
    world: World, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = json.dumps({ARTICLE: "200"})
    monkeypatch.setenv(variable, codes)
    assert Run(world.route).queue() == []
    waiting = world.sandbox.qondor.add(payment(1, lines=[line(ARTICLE)]))
    monkeypatch.delenv(variable)
    for number in (2, 3):
        said = moved(world, number)
        assert " · held: " in said
        assert f"Variable {world.route.account_codes_variable}" in said
    assert status(world, waiting["id"]) == "Unprocessed"
    monkeypatch.setenv(variable, codes)
    moved(world, 4)
    assert status(world, waiting["id"]) == "Processed"


def test_a_dry_run_says_that_such_an_article_would_be_held(
    world: World, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, json.dumps({ARTICLE: "200"}))
    assert Run(world.route).queue() == []
    waiting = world.sandbox.qondor.add(payment(1, lines=[line(ARTICLE)]))
    monkeypatch.delenv(variable)
    said = moved(world, 2, dry_run=True)
    assert " · would be held: " in said
    assert f"Variable {world.route.account_codes_variable}" in said
    assert status(world, waiting["id"]) == "Unprocessed"


@pytest.mark.parametrize("is_emptied", [True, False])
def test_an_article_is_not_mapped_once_its_variable_is_known_to_hold_nothing(
    world: World, variable: str, monkeypatch: pytest.MonkeyPatch, is_emptied: bool
) -> None:
    world.route = route(policy={"unmapped_article": "reject"})
    world.booked_before()
    monkeypatch.setenv(variable, json.dumps({ARTICLE: "200"}))
    assert Run(world.route).queue() == []
    wrong = world.sandbox.qondor.add(payment(1, lines=[line(ARTICLE)]))
    if is_emptied:
        monkeypatch.setenv(variable, "{}")
    else:
        monkeypatch.delenv(variable)
        assert " · held: " in moved(world, 2)
        gone_for(world, BELIEVED_AFTER + dt.timedelta(minutes=1))
    assert " · rejected: " in moved(world, 3)
    assert status(world, wrong["id"]) == "Failed"


def gone_for(world: World, time: dt.timedelta) -> None:
    """As if the Variable had been missed so long ago."""
    since = (dt.datetime.now(dt.UTC) - time).isoformat()
    with world.ledger.transaction() as connection:
        missed = sa.update(reference_data).where(reference_data.c.body["gone_since"].as_string().is_not(None))
        body = sa.func.jsonb_set(reference_data.c.body, "{gone_since}", sa.func.to_jsonb(sa.cast(since, sa.Text)))
        assert connection.execute(missed.values(body=body)).rowcount


def test_a_file_keeps_the_codes_that_the_variable_did_not_change(
    world: World, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, json.dumps({ARTICLE: "200"}))
    with route_session(world.route, "one"):
        pass
    monkeypatch.delenv(variable)
    with route_session(world.route, "two") as session:
        [article, *_] = world.route.finance.account_codes
        assert session.route.account_code(article, None) == world.route.finance.account_codes[article]
        books = session.route.model_copy(update={"finance": QuiddlySettings()})
        for route in (session.route, books):
            with pytest.raises(ConfigurationError, match="may be mapped in Variable"):
                route.account_code(ARTICLE, "3000")
