"""The documents that wait for a reason, as a notice or a preflight has counted them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from invoice_bridge_core.desk.queries import QueryError
from invoice_bridge_core.ledger.desk.filters import View
from invoice_bridge_core.notices.reason_keys import SAID, key_of
from invoice_bridge_core.preflight.causes import Cause
from invoice_bridge_core.preflight.grouping import label_of
from invoice_bridge_core.preflight.kept_rows import KeptRows
from invoice_bridge_core.preflight.reason_keys import cause_key, keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Scope

MOST_REASONS = 200
_CAUSES = {cause_key(cause): cause for cause in Cause}
_KEY = re.compile(r"(?P<cause>[a-z-]+)(?P<subject>\.[0-9a-f]{12})?")
_SAID = re.compile(rf"{SAID}\.[a-z_]+\.[0-9a-f]{{16}}")


def read_reasons(query: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The reasons of a query: causes, subjects of causes, or what a notice has said.

    :raises QueryError: a value that names none.
    """
    values = query.get("reason", ())
    if len(values) > MOST_REASONS:
        raise QueryError(f"'reason' is given {len(values)} times: it may be given {MOST_REASONS} times")
    for value in values:
        named = _KEY.fullmatch(value)
        if _SAID.fullmatch(value) is None and (named is None or named["cause"] not in _CAUSES):
            raise QueryError(f"'reason' is {value[:40]!r}: it may be {', '.join(_CAUSES)}")
    return tuple(dict.fromkeys(values))


def documents_for(ledger: Ledger, scope: Scope, wanted: DocumentFilter, reasons: Sequence[str]) -> frozenset[int]:
    """The ids of the documents that wait for one of the reasons.

    What was put aside waits for nothing, and is found only where the view is that of what was put aside.
    """
    chosen = frozenset(reasons)
    routes = sorted(scope.routes if wanted.route is None else scope.routes & {wanted.route})
    found: set[int] = set()
    for route in routes:
        if any(not one.startswith(f"{SAID}.") for one in chosen):
            rows = KeptRows(ledger, route, are_aside=wanted.view is View.ASIDE)
            found |= {row.id for row, keeps in rows.kept() if keys_of(keeps) & chosen}
        if cause_key(Cause.DRAFT) in chosen:
            found |= ledger.draft_ids(route)
        if any(one.startswith(f"{SAID}.") for one in chosen) and wanted.view is not View.ASIDE:
            found |= {one.id for one in ledger.notices.open_documents(route) if key_of(one) in chosen}
    return frozenset(found)


def reason_choices() -> list[dict[str, str]]:
    """The causes that a person may filter by, in the order in which people are told."""
    return [{"value": key, "label": label_of(cause)} for key, cause in _CAUSES.items() if label_of(cause)]
