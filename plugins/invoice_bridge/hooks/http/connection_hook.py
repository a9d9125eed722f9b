"""What a hook knows of its connection: its fields as they are meant, its address, its pace."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.http.hooks.http import HttpHook

from invoice_bridge.hooks.http.address import AddressRules, base_url
from invoice_bridge.hooks.http.connection import cleaned, found_connection
from invoice_bridge.hooks.http.extras import Extras
from invoice_bridge.hooks.http.pasted import machine_secret
from invoice_bridge.hooks.masking import mask_secret
from invoice_bridge_core.ports.pacing import Pace

if TYPE_CHECKING:
    from airflow.sdk import Connection


class ConnectionHook(HttpHook):
    """A hook that reads its connection as people write it."""

    system: ClassVar[str] = "HTTP"
    address_rules: ClassVar[AddressRules] = AddressRules()
    """What is known of the system's addresses."""

    pace: ClassVar[Pace | None] = None
    """How many calls the system takes, where its contract says so and its answers come too late."""

    conn_name_attr = "conn_id"
    conn_id: str

    @cached_property
    def connection(self) -> Connection:
        """The Airflow connection.

        :raises ConfigurationError: there is none, or a field is not what is expected.
        """
        found = found_connection(self.conn_id, self.system, self.get_connection)
        where = f"Connection {self.conn_id} ({self.system})"
        connection = cleaned(found, where, conn_type=self.conn_type, clean_password=self.clean_password)
        # What was pasted along with a secret is gone from it, and a log may show the one as well as the other.
        mask_secret(connection.password)
        mask_secret(connection.extra_dejson)
        return connection

    def clean_password(self, login: str, password: str) -> str:
        """The password without what was pasted along with it; a machine's, unless a system knows better."""
        return machine_secret(password)

    @cached_property
    def extras(self) -> Extras:
        """What the connection's extra holds.

        :raises ConfigurationError: it is no JSON object.
        """
        return Extras.of(self.connection.extra, f"Connection {self.conn_id} ({self.system})")

    def extra_text(self, key: str, default: str = "") -> str:
        """A text of the connection's extras, trimmed; the default where it is missing or blank.

        :raises ConfigurationError: it is not a text.
        """
        return self.extras.text(key, default)

    @property
    def address(self) -> str:
        """The base URL, path segments included, without a slash at its end.

        :raises ConfigurationError: the connection's host is none.
        """
        if not self._base_url_initialized:
            self._set_base_url(self.connection)
        return self.base_url

    @cached_property
    def pace_of_connection(self) -> Pace | None:
        """The system's, or that of extra `calls_per_second`; 0 there means that nothing is planned."""
        rate = self.extras.number("calls_per_second")
        if rate is None:
            return self.pace
        return Pace.per_second(rate, self.pace.per_day if self.pace else None) if rate else None

    def _set_base_url(self, connection: Any) -> None:
        self.base_url = base_url(connection, self.conn_id, self.system, self.address_rules)
        self._base_url_initialized = True
