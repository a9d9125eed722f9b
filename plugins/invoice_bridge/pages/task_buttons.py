"""The buttons of documents' tasks, found by the page's server when somebody looks at a task.

A task could leave their addresses behind, at the price of a request to the API server for each button of each document.
All that they are made of is there anyway: the list that the task was mapped over, the route, and the ledger.
"""

from __future__ import annotations

import json
import logging
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.page_addresses import desk_link, page_address
from invoice_bridge.pages.kept import Kept
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.source_link import source_link
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.routes.loader import load_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

    from invoice_bridge_core.routes.model import Route

    KeysOf = Callable[[Route], Mapping[str, str]]

FINANCE, SOURCE, DESK = "finance_document_url", "source_document_url", "desk_url"
"""The keys under which tasks leave addresses where the page's server cannot find them itself."""
KEPT_FOR = 3.0
"""Seconds that a task's addresses are kept: its page asks for all of its buttons at once."""
_KEPT_AT_MOST = 200
ROUTES_FOR, LEDGER_FOR = 10.0, 300.0
"""Seconds that the route files, and the ledger's connection, are taken for unchanged."""

log = logging.getLogger(__name__)


class TaskButton(BaseOperatorLink):
    """One button of the tasks of some operators; it is not shown where nothing is found for it.

    :param name: what stands on it.
    :param operators: whose tasks have it.
    :param keys_of: the keys of the addresses, by the names that buttons have on a route.
    """

    def __init__(self, name: str, operators: Sequence[type[BaseOperator]], keys_of: KeysOf) -> None:
        self._name = name
        self._keys_of = keys_of
        self.operators = list(operators)  # type: ignore[misc]

    @property
    def name(self) -> str:
        """What stands on it."""
        return self._name

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing; trouble of ours never breaks Airflow's page."""
        try:
            return _addresses().of(operator, ti_key, self._keys_of).get(self._name) or _left_behind(
                operator, ti_key, self._name
            )
        except Exception:
            log.exception("The button %r of %s cannot be shown", self._name, ti_key)
            return ""


class _Addresses:
    """The addresses of the tasks that were looked at just now."""

    def __init__(self) -> None:
        self._ledger: Kept[Ledger] = Kept(open_ledger, LEDGER_FOR, Ledger.close)
        self._routes: Kept[tuple[Route, ...]] = Kept(lambda: load_routes().routes, ROUTES_FOR)
        self._kept: dict[tuple[Any, ...], tuple[float, dict[str, str]]] = {}

    def of(self, operator: Any, ti_key: TaskInstanceKey, keys_of: KeysOf) -> dict[str, str]:
        """The addresses of one task, by the names of its buttons."""
        key = (ti_key.dag_id, ti_key.run_id, ti_key.task_id, ti_key.map_index)
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() - kept[0] < KEPT_FOR:
            return kept[1]
        found = self._find(operator, ti_key, keys_of)
        if len(self._kept) >= _KEPT_AT_MOST:
            self._kept.clear()
        self._kept[key] = (time.monotonic(), found)
        return found

    def _find(self, operator: Any, ti_key: TaskInstanceKey, keys_of: KeysOf) -> dict[str, str]:
        name = ti_key.dag_id.partition("__")[2]
        route = next((one for one in self._routes.get() if one.route == name), None)
        entry = None if route is None else _entry_of(operator, ti_key)
        if route is None or entry is None:
            return {}
        ref = DocumentRef(system=route.source.system, conn_id=route.source.conn_id, source_id=entry["source_id"])
        addresses = self._of_document(route, ref)
        return {name: addresses.get(key, "") for name, key in keys_of(route).items()}

    def _of_document(self, route: Route, ref: DocumentRef) -> dict[str, str]:
        desk = page_address(desk_link(view="all", text=str(ref)))
        try:
            row = self._ledger.get().row(ref)
        except BridgeError as error:
            log.warning("The ledger does not say where %s is: %s", ref, error)
            return {DESK: desk}
        facts = DocumentFacts(ref=ref) if row is None else row.facts
        found = {DESK: desk, SOURCE: source_link(route.source.document_link, facts) or ""}
        if row is not None:
            found[DESK] = page_address(desk_link(view="all", text=str(ref), document=row.id))
            found[FINANCE] = (row.booking.link if row.booking is not None else None) or ""
        return found


@cache
def _addresses() -> _Addresses:
    return _Addresses()


def _entry_of(operator: Any, ti_key: TaskInstanceKey) -> dict[str, str] | None:
    """What the task was mapped over, as the list's task left it; `None` where it cannot be read here."""
    upstream, key = next(iter(operator.expand_input.iter_references()))
    entries = _left(ti_key, upstream.task_id, key, -1)
    entry = entries[ti_key.map_index] if isinstance(entries, list) and ti_key.map_index < len(entries) else None
    return entry if isinstance(entry, dict) and "source_id" in entry else None


def _left_behind(operator: Any, ti_key: TaskInstanceKey, name: str) -> str:
    """The address that the task itself left; tasks of older releases did, and those with an XCom backend do."""
    keys = {link.name: link.xcom_key for link in operator.operator_extra_links}
    left = _left(ti_key, ti_key.task_id, keys[name], ti_key.map_index) if name in keys else None
    return left if isinstance(left, str) else ""


def _left(ti_key: TaskInstanceKey, task_id: str, key: str, map_index: int) -> Any:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    query = XComModel.get_many(
        run_id=ti_key.run_id, key=key, dag_ids=ti_key.dag_id, task_ids=task_id, map_indexes=map_index, limit=1
    )
    with create_session() as session:
        value = session.scalar(query.with_only_columns(XComModel.value))
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
