"""What people do with documents: every act of the desk, on one document or on many."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from invoice_bridge.pages.access import CurrentUser
from invoice_bridge.pages.desk.acting_session import acting_session
from invoice_bridge.pages.desk.dependencies import AnyVisitor, Visitor
from invoice_bridge.pages.desk.parked import answer_parked
from invoice_bridge.pages.desk.starting import RunStarter
from invoice_bridge_core.desk.acts.acting import Acting
from invoice_bridge_core.desk.acts.registry import act_named
from invoice_bridge_core.desk.parked import ANSWERING
from invoice_bridge_core.errors import ConfigurationError, UnknownNameError
from invoice_bridge_core.ledger import DocumentRow
from invoice_bridge_core.transfer.chosen_contact import ContactChoice, waits_for_contact
from invoice_bridge_core.transfer.route_session import RouteSession

MOST_AT_ONCE = 200
"""Documents of one request: a page of the list."""
NOT_YOURS = "There is no such document, or it is not yours."
MAY_NOT_ACT = "You may look at this document, and not act on it: ask for the right to start the runs of its route."

router = APIRouter()


class ActRequest(BaseModel):
    """What the page sends.

    :param documents: ids of the ledger's own.
    :param seen: how each was seen, by its id.
    """

    model_config = ConfigDict(extra="forbid")

    documents: Annotated[list[StrictInt], Field(min_length=1, max_length=MOST_AT_ONCE)]
    inputs: dict[str, StrictStr | StrictBool | None] = Field(default_factory=dict)
    seen: dict[str, StrictStr] = Field(default_factory=dict)


@router.post("/api/acts/{name}")
def act(name: str, wanted: ActRequest, visitor: AnyVisitor, user: CurrentUser) -> dict[str, Any]:
    """Do it with each of the documents by itself, and say of each what became of it."""
    try:
        act_named(name)
    except UnknownNameError as error:
        raise HTTPException(404, f"{error}.") from error
    ids = list(dict.fromkeys(wanted.documents))
    rows, others = _own_rows(visitor, ids)
    if not rows:
        is_seen = MAY_NOT_ACT in others.values()
        raise HTTPException(403 if is_seen else 404, MAY_NOT_ACT if is_seen else NOT_YOURS)
    acting = Acting(
        visitor.ledger,
        visitor.name,
        open_session=lambda row: _session(visitor, row),
        start=RunStarter(user.get_name()),
    )
    seen = {int(key): value for key, value in wanted.seen.items() if key.isascii() and key.isdigit()}
    ends = acting.act(name, rows, wanted.inputs, seen)
    done = {one.id: one.as_json() for one in ends}
    with_success = {one.id for one in ends if one.is_done}
    if name in ANSWERING and with_success:
        answer_parked(name, wanted.inputs, [row for row in rows if row.id in with_success], user)
    refused = {key: {"id": key, "done": False, "text": text} for key, text in others.items()}
    return {"results": [(done | refused)[key] for key in ids]}


@router.get("/api/documents/{document_id}/contacts")
def contacts(document_id: int, visitor: AnyVisitor) -> dict[str, Any]:
    """The contacts that may be the document's customer; both systems are asked."""
    row = visitor.row(document_id)
    if not visitor.may_act(row):
        raise HTTPException(403, MAY_NOT_ACT)
    if not waits_for_contact(row):
        return {"contacts": []}
    with _session(visitor, row) as session:
        found = ContactChoice(session).candidates(row)
    return {
        "contacts": [
            {"value": one.contact_id, "label": " · ".join((one.name, *one.details)), "name": one.name} for one in found
        ]
    }


def _own_rows(visitor: Visitor, ids: list[int]) -> tuple[list[DocumentRow], dict[int, str]]:
    """The documents that the visitor may act on, and why not the others."""
    rows, others = [], {}
    for document_id in ids:
        try:
            row = visitor.row(document_id)
        except HTTPException:
            others[document_id] = NOT_YOURS
            continue
        if visitor.may_act(row):
            rows.append(row)
        else:
            others[document_id] = MAY_NOT_ACT
    return rows, others


def _session(visitor: Visitor, row: DocumentRow) -> AbstractContextManager[RouteSession]:
    route = visitor.route_of(row)
    if route is None:
        raise ConfigurationError(f"{row.label} belongs to the route {row.route}, which is not among the enabled routes")
    return acting_session(route, visitor.ledger)
