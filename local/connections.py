"""The connections of a local Airflow, as its own page lists them.

A connection in an environment variable is shown nowhere in Airflow, and one in its database is not looked at while the
environment has one of the same name. So they are moved from the one into the other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, MutableMapping

    from local.state_folder import StateFolder

NOTED = "shown_connections"
"""The file, in the state folder, that names what an earlier start has put into Airflow's database."""
PREFIX = "AIRFLOW_CONN_"


def take_connections(env: MutableMapping[str, str], callers: Collection[str]) -> dict[str, str]:
    """Take the connections out of this environment; their JSON by their id.

    :param callers: variables that the caller set: they stay, and so does what their connection is.
    """
    names = [
        name
        for name, value in env.items()
        if name.startswith(PREFIX) and name not in callers and value.lstrip().startswith("{")
    ]
    return {name.removeprefix(PREFIX).lower(): env.pop(name) for name in names}


def connections_file(connections: Mapping[str, str]) -> str:
    """What `airflow connections import` reads."""
    return json.dumps({conn_id: _fields(json.loads(text)) for conn_id, text in connections.items()})


def _fields(connection: Mapping[str, object]) -> dict[str, object]:
    extra = connection.get("extra")
    # Airflow keeps what belongs to a connection type as text.
    return {**connection, "extra": extra if isinstance(extra, str) else json.dumps(extra or {})}


class ShownConnections:
    """Those in Airflow's database.

    :param state: remembers which of them are ours.
    :param airflow_url: of Airflow's database, as SQLAlchemy reads it.
    """

    def __init__(self, state: StateFolder, airflow_url: str) -> None:
        self._state = state
        self._url = airflow_url

    def make_room_for(self, wanted: Collection[str]) -> None:
        """Take out what an earlier start has put there: its sandbox is gone. What a person made stays.

        :raises LocalError: a person made one that is wanted, so that the sandbox would take the place of what is real.
        """
        noted = set(json.loads(self._state.stamp(NOTED) or "[]"))
        if not noted and not wanted:
            return
        import sqlalchemy as sa

        engine = sa.create_engine(self._url)
        table = sa.table("connection", sa.column("conn_id"))
        try:
            with engine.begin() as database:
                database.execute(sa.delete(table).where(table.c.conn_id.in_(noted)))
                there = set(database.scalars(sa.select(table.c.conn_id)))
        finally:
            engine.dispose()
        by_hand = sorted(there.intersection(wanted))
        self._state.set_stamp(NOTED, json.dumps(sorted(set(wanted) - set(by_hand))))
        if by_hand:
            raise LocalError(
                f"Airflow's page Connections has {', '.join(by_hand)}, made by hand, and the sandbox has the same: "
                "delete it there, or SANDBOX=0 to leave the sandbox out."
            )
