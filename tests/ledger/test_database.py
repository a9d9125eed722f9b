"""The way to the database, and what is said when there is none."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.database import engines
from invoice_bridge_core.ledger.database.database import MOST_THREADS
from tests.ledger.rows import claimed
from tests.postgres import PostgresServer, fresh_ledger_url

PASSWORD = "s3cr3t-pass"


@pytest.fixture
def silent_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def socket_folder(url: str) -> str:
    folder = sa.make_url(url).query["host"]
    assert isinstance(folder, str)
    return folder


@pytest.mark.parametrize(
    "form",
    [
        "postgres://postgres:@/{database}?host={folder}",
        "postgresql://postgres@/{database}?host={folder}",
        "postgresql+psycopg2://postgres:x@{quoted}/{database}",
        "postgres://postgres@{quoted}:5432/{database}?application_name=mine&cursor=dictcursor",
        "postgres://postgres@{quoted}/{database}?__extra__=%7B%22iam%22%3A+false%2C+%22sslmode%22%3A+%22disable%22%7D",
        "postgres://postgres@{quoted}/{database}?options=-c%20statement_timeout%3D5s",
    ],
)
def test_the_forms_that_airflow_writes_are_understood(ledger_url: str, form: str) -> None:
    folder = socket_folder(ledger_url)
    database = sa.make_url(ledger_url).database
    ledger = Ledger.connect(form.format(database=database, folder=folder, quoted=quote(folder, safe="")))
    assert ledger.find("nothing") == []
    ledger.close()


def test_sessions_are_in_utc_with_finite_timeouts_and_the_url_wins(ledger_url: str) -> None:
    ledger = Ledger.connect(f"{ledger_url}&options=-c%20statement_timeout%3D5s")
    with ledger.transaction() as connection:
        settings = {
            name: connection.scalar(sa.text(f"SHOW {name}"))
            for name in ("timezone", "statement_timeout", "lock_timeout")
        }
    ledger.close()
    assert settings == {"timezone": "UTC", "statement_timeout": "5s", "lock_timeout": "15s"}


def test_nobody_there(silent_port: int) -> None:
    with pytest.raises(LedgerError) as caught:
        Ledger.connect(f"postgres://ledger:{PASSWORD}@127.0.0.1:{silent_port}/ledger")
    text = str(caught.value)
    assert text.startswith("The ledger at 127.0.0.1/ledger cannot be reached: ")
    assert text.endswith("; check the connection invoice_bridge_ledger")
    assert "Connection refused" in text
    assert PASSWORD not in text
    assert "\n" not in text


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        started = time.monotonic()
        with pytest.raises(LedgerError, match="timeout expired"):
            Ledger.connect(f"postgres://ledger:{PASSWORD}@127.0.0.1:{mute.getsockname()[1]}/ledger")
        assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"ledger:{PASSWORD}", "cannot be read as a URL"),
        (f"postgres://ledger:{PASSWORD}@db.example:port/ledger", "cannot be read as a URL"),
        (f"postgres://ledger:x@{PASSWORD}@db.example/ledger", "must be written as %40"),
        (f"mysql://ledger:{PASSWORD}@db.example/ledger", "needs PostgreSQL"),
        ("", "cannot be read as a URL"),
    ],
)
def test_a_url_that_is_none_is_not_shown(url: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said) as caught:
        Ledger.connect(url)
    assert PASSWORD not in str(caught.value)


def test_an_unknown_database_is_named(ledger_url: str) -> None:
    with pytest.raises(LedgerError, match='database "nowhere" does not exist; check the connection'):
        Ledger.connect(ledger_url.replace(sa.make_url(ledger_url).database or "", "nowhere"))


def test_a_failing_statement_is_a_ledger_error_without_its_values(ledger: Ledger) -> None:
    claim = claimed(ledger)
    with ledger.transaction() as connection:
        connection.execute(sa.text("DROP TABLE invoice_bridge.steps"))
    with pytest.raises(LedgerError, match=r"cannot be used: relation \"invoice_bridge\.steps\" does not exist"):
        claim.steps.intend("payment")


SECRETS = ("Kari Nordmann", "kari@acme.example")
TABLE = (
    "CREATE TEMP TABLE people (id int PRIMARY KEY, name text CHECK (name <> ''), email text NOT NULL, at timestamptz,"
    " code varchar(4), extra jsonb)"
)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "INSERT INTO people VALUES (1, :name || :mail, NULL)",
            'null value in column "email" of relation "people" violates',
        ),
        ("INSERT INTO people VALUES (1, left(:name, 0), :mail)", 'violates check constraint "people_name_check"'),
        (
            "INSERT INTO people VALUES (1, :name, :mail), (1, :name, :mail)",
            'duplicate key value violates unique constraint "people_pkey"',
        ),
        ("INSERT INTO people (id, email) VALUES (CAST(:name AS int), :mail)", "syntax for type integer: …"),
        ("INSERT INTO people (id, email, at) VALUES (1, :mail, CAST(:name AS timestamptz))", "invalid input syntax"),
        ("INSERT INTO people (id, email, code) VALUES (1, :mail, :name)", "value too long for type character"),
        ("INSERT INTO people (id, email, extra) VALUES (1, :mail, CAST(:name AS jsonb))", "invalid input syntax"),
        ("INSERT INTO peoples VALUES (:name, :mail)", 'relation "peoples" does not exist'),
    ],
)
def test_an_error_says_what_is_wrong_and_quotes_no_row(ledger: Ledger, statement: str, said: str) -> None:
    name, mail = SECRETS
    both = sa.text(f"{TABLE}; {statement}").bindparams(name=name, mail=mail)
    with pytest.raises(LedgerError) as caught, ledger.transaction() as connection:
        connection.execute(both)
    assert said in str(caught.value)
    assert len(caught.value.sql_state) == 5
    shown = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (*SECRETS, "Failing row", "DETAIL") if secret in shown]


def test_a_dropped_connection_fails_once_and_is_replaced(ledger: Ledger, ledger_url: str) -> None:
    claim = claimed(ledger)
    other = Ledger.connect(ledger_url)
    with other.transaction() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.close()
    with pytest.raises(LedgerError, match="cannot be reached"):
        claim.renew()
    claim.renew()


def test_as_many_threads_as_may_use_it_hold_a_lock_and_a_transaction_each(ledger: Ledger) -> None:
    together = threading.Barrier(MOST_THREADS, timeout=60)

    def work(number: int) -> int:
        with ledger.locked(f"key {number}"):
            together.wait()
            with ledger.transaction() as connection:
                together.wait()
                return int(connection.scalar(sa.select(sa.literal(number))) or 0)

    with ThreadPoolExecutor(MOST_THREADS) as pool:
        assert list(pool.map(work, range(MOST_THREADS))) == list(range(MOST_THREADS))


def test_an_engine_that_is_ready_serves_one_ledger(ledger_url: str, postgres: PostgresServer) -> None:
    with fresh_ledger_url(postgres) as other_url:
        engines.have_one_ready()
        [ready] = engines._READY
        first, second = Ledger.connect(ledger_url), Ledger.connect(other_url)
        assert engines._READY == []
        names = []
        for ledger in (first, second):
            with ledger.transaction() as connection:
                names.append(connection.scalar(sa.text("SELECT current_database()")))
                assert (connection.engine is ready.engine) == (ledger is first)
            ledger.close()
        assert names == [sa.make_url(url).database for url in (ledger_url, other_url)]


def test_making_an_engine_ready_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psycopg2.connect", lambda *_, **__: pytest.fail("a connection was opened"))
    monkeypatch.setattr(engines, "_READY", [])
    engines.have_one_ready()
    engines.have_one_ready()
    assert len(engines._READY) == 1
