"""What every document's task would do first, done once in the process that tasks are forked from.

Its libraries are imported, and what they keep in memory is made. Nothing is opened, asked or written here; what fails,
or is left out, is done by the tasks.
"""

from __future__ import annotations

import codecs
import logging
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from airflow.sdk import Connection

from invoice_bridge.dag_settings import PARAMS, one_task_per_document, run_settings
from invoice_bridge.hooks.http.address import base_url
from invoice_bridge.hooks.http.nowhere import NowhereHook
from invoice_bridge.hooks.http.session import ApiHook
from invoice_bridge.ledger_access import fingerprint_keys, token_cipher
from invoice_bridge.named_tasks import NAME, NamedTasksDag
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.systems.marks import marker_in
from invoice_bridge_core.documents.reading.emails import is_email
from invoice_bridge_core.documents.tax_numbers.forms import COUNTRIES, cores
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger.database.engines import have_one_ready
from invoice_bridge_core.ledger.warming import warm_up
from invoice_bridge_core.routes.loader import load_routes
from invoice_bridge_core.routes.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


_PASSES = 10
"""Python makes code quicker that has run about so often, and each task's process runs most of it once."""


def prepare() -> None:
    """Do all of it; what every task runs is run often enough for Python to make it quicker."""
    once: tuple[Callable[[], object], ...] = (
        load_routes,
        have_one_ready,
        _import_what_reads_connections,
        _read_addresses,
        _read_hosts,
        _read_marks,
        _read_tax_numbers,
        _decrypt,
        _decode,
    )
    for part in (*once, *(warm_up, _build_dag, _call_nowhere) * _PASSES):
        try:
            part()
        except Exception:
            log.debug("%s is left to the tasks", part.__name__, exc_info=True)


def _build_dag() -> None:
    """A transfer's form, parameters and names, which Airflow reads in each task that it parses the DAG for."""
    route = Route.model_validate(
        {"route": "nothing", "source": {"system": "qondor"}, "finance": {"system": "xero", "account_codes": {"1": "1"}}}
    )
    settings = run_settings(route, "prepared__", route.schedule.transfer)
    with NamedTasksDag(**settings, params=PARAMS, auto_register=False) as dag:
        one_task_per_document(TransferDocumentOperator, "nothing", route).expand(document=[])
    dag.get_template_env().from_string(NAME)


def _import_what_reads_connections() -> None:
    # Airflow imports it when a process reads its first connection.
    import_module("airflow.sdk.execution_time.cache")


def _read_hosts() -> None:
    for hook in _below(ApiHook):
        example = hook.address_rules.example
        if not example:
            continue
        for host in (example, example.replace("https://", "http://")):
            with suppress(ConfigurationError):
                base_url(Connection(conn_id="nothing", conn_type="http", host=host), "nothing", "", hook.address_rules)


def _read_marks() -> None:
    marker_in("nothing")


def _call_nowhere() -> None:
    hook = NowhereHook()
    hook.call("GET", "/nothing", what="nothing")
    hook.call("PUT", "/nothing", json={}, what="nothing")


def _below(kind: type[Any]) -> list[type[Any]]:
    return [one for below in kind.__subclasses__() for one in (below, *_below(below))]


def _read_addresses() -> None:
    is_email("somebody@example.com")


def _read_tax_numbers() -> None:
    for country in COUNTRIES:
        for length in (8, 9, 10):
            cores(country, "1" * length)


def _decrypt() -> None:
    # Airflow keeps its cipher, which makes what it needs when it is first used; without a key it would warn.
    if fingerprint_keys():
        cipher = token_cipher()
        cipher.decrypt(cipher.encrypt(b"nothing"))


def _decode() -> None:
    unquote("%20")
    codecs.lookup("idna")
