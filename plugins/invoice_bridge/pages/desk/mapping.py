"""The mapping of articles to accounts: what is open, what a change would free, and saving one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from invoice_bridge.pages.access import DAG_OF_ROUTE, CurrentUser, may_edit_variable, team_of_variable
from invoice_bridge.pages.desk.dependencies import AnyVisitor, Visitor
from invoice_bridge.pages.desk.variables import AccountCodesVariable
from invoice_bridge.route_access import live_look
from invoice_bridge_core.errors import BridgeError, LedgerError
from invoice_bridge_core.preflight.freed import freed_by, waiting_for
from invoice_bridge_core.preflight.mapping import (
    CHANGED_SINCE,
    MOST_CHANGES,
    Changed,
    MappingChange,
    MappingConflictError,
    MappingError,
    account_faults,
    mapping_change,
    overlay_of,
    seen_as,
    undone,
)
from invoice_bridge_core.preflight.mapping_shown import change_as_json, freed_as_json, mapping_as_json
from invoice_bridge_core.routes.loader import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.preflight.live import LiveLook
    from invoice_bridge_core.routes.model import Route

router = APIRouter()


class Wanted(BaseModel):
    """What is sent.

    :param mapping: article → account code; null takes the Variable's entry away.
    :param seen: what `seen` said when the mapping was shown; it has to be given to save.
    :param restore: undo the newest change that was made here, instead of `mapping`.
    """

    model_config = ConfigDict(extra="forbid")

    mapping: dict[str, str | None] = {}
    seen: str | None = None
    restore: bool = False


@dataclass(frozen=True)
class _Mapping:
    """One route's mapping, and whose it is."""

    route: Route
    variable: AccountCodesVariable
    visitor: Visitor
    user: Any

    def why_not_saved(self) -> str | None:
        """Why this visitor cannot save it here."""
        if (place := self.variable.elsewhere()) is not None:
            return f"The mapping is kept in {place}: change it there."
        if self.route.route not in self.visitor.acts.routes:
            return "You may not trigger this route, so you may not change its mapping."
        if not may_edit_variable(self.user, self.route.account_codes_variable, self.route.route):
            return "You may not edit Airflow's Variables, where the mapping is kept."
        return None

    def change(self, wanted: Wanted) -> MappingChange:
        """What is wanted, as a change of what is there now.

        :raises MappingError: it cannot be saved.
        """
        text = self.variable.text()
        if wanted.seen is not None and wanted.seen != seen_as(text):
            raise MappingConflictError(CHANGED_SINCE)
        if not wanted.restore:
            return mapping_change(self.route, text, wanted.mapping)
        last = self.variable.last_change()
        if last is None:
            raise MappingError("There is no change to undo: none was made on this page, or the audit log forgot it.")
        return mapping_change(self.route, text, undone(last.changed, self.route, text))


@router.get("/api/mapping/{route}")
def mapping(route: str, visitor: AnyVisitor, user: CurrentUser) -> dict[str, Any]:
    """The mapping, the articles that it leaves open with accounts that fit, and the accounts that there are."""
    one = _mapping(route, visitor, user)
    text = one.variable.text()
    overlay, fault = _readable_overlay(one.route, text)
    mapped = one.route.with_account_codes(overlay)
    live, error = _asked(one, mapped if fault is None else one.route)
    file = file_of(route)
    last = one.variable.last_change()
    return {
        "route": route,
        "variable": one.route.account_codes_variable,
        "file": f"{file.parent.name}/{file.name}" if file is not None else None,
        "seen": seen_as(text),
        "may_save": (why_not := one.why_not_saved() or fault) is None,
        "why_not": why_not,
        "last_change": None
        if last is None
        else {"at": last.at.isoformat(), "by": last.by, "changes": [change.as_json() for change in last.changed]},
        **mapping_as_json(one.route, mapped, overlay, visitor.ledger, live),
        "accounts_error": error,
    }


@router.post("/api/mapping/{route}/preview")
def preview(route: str, wanted: Wanted, visitor: AnyVisitor, user: CurrentUser) -> dict[str, Any]:
    """Which documents a changed mapping would free, and their sums; nothing is written."""
    one = _mapping(route, visitor, user)
    if route not in visitor.acts.routes:
        raise HTTPException(403)
    with _sentences():
        change = one.change(_checked(wanted))
    live, error = _asked(one, change.route)
    faults = _faults(change.changed, live, one.route)
    rows = waiting_for(visitor.ledger, route, [each.article for each in change.changed])
    freed = freed_by(change, rows, None if faults else live)
    return {
        **change_as_json(change),
        "seen": seen_as(one.variable.text()),
        "problems": [*faults, *([error] if error else [])],
        **freed_as_json(freed),
    }


@router.post("/api/mapping/{route}")
def save(route: str, wanted: Wanted, visitor: AnyVisitor, user: CurrentUser) -> dict[str, Any]:
    """Save a changed mapping in the Variable, with who changed what; the next run tries what waited for it."""
    one = _mapping(route, visitor, user)
    if (why_not := one.why_not_saved()) is not None:
        raise HTTPException(403, why_not)
    if wanted.seen is None:
        raise HTTPException(422, "Say which mapping was seen: 'seen' is missing.")
    with _sentences():
        change = one.change(_checked(wanted))
        live, error = _asked(one, change.route, is_fresh=True)
        if error is not None:
            raise HTTPException(502, f"The accounts cannot be checked now, so nothing was saved. {error}.")
        if faults := _faults(change.changed, live, one.route):
            raise MappingError(" ".join(faults))
        one.variable.save(
            change.text,
            change.changed,
            seen=wanted.seen,
            user_id=str(user.get_id()),
            by=visitor.name,
            team=team_of_variable(route),
        )
    rows = waiting_for(visitor.ledger, route, [each.article for each in change.changed])
    said = "; ".join(each.text for each in change.changed)
    visitor.ledger.note_held([row.id for row in rows], visitor.name, f"the mapping was changed: {said}"[:1000])
    return {**change_as_json(change), "seen": seen_as(change.text), "noted_on": len(rows)}


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be saved is told in its sentence: 409 where somebody else was first, else 400."""
    try:
        yield
    except MappingConflictError as error:
        raise HTTPException(409, str(error)) from error
    except MappingError as error:
        raise HTTPException(400, str(error)) from error


def _mapping(name: str, visitor: Visitor, user: Any) -> _Mapping:
    route = next((one for one in visitor.routes if one.route == name), None)
    if route is None or name not in visitor.sees.routes:
        raise HTTPException(404)
    variable = AccountCodesVariable(route.account_codes_variable, f"{DAG_OF_ROUTE}{name}")
    return _Mapping(route, variable, visitor, user)


def _checked(wanted: Wanted) -> Wanted:
    if not wanted.restore and not wanted.mapping:
        raise MappingError("Nothing was given to change.")
    if wanted.restore and wanted.mapping:
        raise MappingError("Either a mapping or restore may be given, not both.")
    if len(wanted.mapping) > MOST_CHANGES:
        raise MappingError(f"More than {MOST_CHANGES} articles are changed at once: change fewer.")
    return wanted


def _readable_overlay(route: Route, text: str | None) -> tuple[dict[str, str], str | None]:
    try:
        return overlay_of(route, text), None
    except MappingError as error:
        return {}, str(error)


def _asked(one: _Mapping, route: Route, *, is_fresh: bool = False) -> tuple[LiveLook | None, str | None]:
    """Both systems with this route, once finance has told its accounts; else why they cannot be asked."""
    try:
        live = live_look(route, one.visitor.ledger, is_fresh=is_fresh)
        _ = live.reference
    except LedgerError:
        raise
    except BridgeError as error:
        return None, str(error)
    return live, None


def _faults(changed: tuple[Changed, ...], live: LiveLook | None, route: Route) -> list[str]:
    return account_faults(changed, None if live is None else live.chart, route.finance.system_name)
