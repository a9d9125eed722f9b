"""The few tables of Airflow's own database that pages read and write, in a file of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TABLES = ("team", "variable", "log", "dag_bundle", "dag_bundle_team", "dag", "dag_run")
WITHOUT_OTHERS = ("team", "variable", "log")
"""Those that refer to no table but these, which PostgreSQL asks for."""


def play_airflows_database(folder: Path, monkeypatch: pytest.MonkeyPatch, url: str | None = None) -> None:
    """Make the tables, empty, and let Airflow's sessions work on them.

    :param url: an empty PostgreSQL database, which gets those of Variables alone; a file in the folder by default.
    """
    import airflow.models.dag
    import airflow.models.dagrun
    import airflow.models.log
    import airflow.models.variable  # noqa: F401 - all for their tables
    from airflow import settings
    from airflow.models.base import Base

    names = TABLES if url is None else WITHOUT_OTHERS
    if url is None:
        engine = sa.create_engine(f"sqlite:///{folder / 'airflow.db'}", connect_args={"check_same_thread": False})
    else:
        engine = sa.create_engine(url)
    known = Base.metadata.tables
    Base.metadata.create_all(engine, tables=[known[name] for name in names if name in known])
    monkeypatch.setattr(settings, "Session", sessionmaker(bind=engine, expire_on_commit=False))
