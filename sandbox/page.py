"""The page at `/sandbox/`: a bookkeeper's desk for somebody who plays with the sandbox in a browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.bookkeeping import BookkeepingError

if TYPE_CHECKING:
    from jinja2 import Template

    from sandbox.bookkeeping import Booked, Bookkeeper
    from sandbox.world import World

# Texts on the page come from the network: nothing but this page's own forms and styles may act.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


_SHOWN = 25
"""Rows of one table at a time: they fit a screen."""
_LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Place:
    """What of the page somebody looks at.

    :param text: words that a row has to have, in any order.
    :param pages: from 1, by the table's name; the first where it is left out.
    """

    text: str = ""
    pages: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address; what cannot be read is left out."""
        pages = {
            name.removeprefix("page_"): int(value)
            for name, value in query.items()
            if name.startswith("page_") and len(value) < 6 and value.isascii() and value.isdigit() and int(value) > 0
        }
        return cls(query.get("q", "")[:_LONGEST_SEARCH].strip(), pages)

    def at(self, table: str, page: int) -> "Place":
        """The same with another page of one table."""
        return replace(self, pages={**self.pages, table: page})

    @property
    def query(self) -> str:
        """As an address holds it."""
        parts = {"q": self.text} if self.text else {}
        return urlencode(parts | {f"page_{name}": page for name, page in self.pages.items() if page > 1})

    def has(self, *texts: object) -> bool:
        """Whether a row with these texts is looked for."""
        whole = " ".join(str(text) for text in texts).casefold()
        return all(word in whole for word in self.text.casefold().split())

    def part(self, table: str, rows: list[Any]) -> "Part":
        """The rows of a table that are shown."""
        pages = max(1, -(-len(rows) // _SHOWN))
        page = min(self.pages.get(table, 1), pages)
        return Part(rows[(page - 1) * _SHOWN : page * _SHOWN], len(rows), page, pages)


@dataclass(frozen=True)
class Part:
    """One page of a table's rows."""

    rows: list[Any]
    count: int
    page: int
    pages: int


def page_routes(world: "World") -> APIRouter:
    """The page and what its forms send to."""
    router = APIRouter()

    @router.get("/sandbox/")
    async def show(request: Request, said: str = "", refused: str = "") -> Response:
        place = Place.read(request.query_params)
        text = _template().render(**_view(world, place), place=place, said=said, refused=refused)
        return HTMLResponse(text, headers=_HEADERS)

    @router.post("/sandbox/desk/{system}/{verb}")
    async def act(system: str, verb: str, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        document = form.get("document", "")
        place = Place.read(dict(parse_qsl(form.pop("place", ""))))
        try:
            booked = world.bookkeeper(system).perform(verb, form)
        except BookkeepingError as refusal:
            return _back(place, f"{system}-{document}", refused=str(refusal))
        said = f"{booked}: {verb.replace('_', ' ')} done, now {booked.status}."
        return _back(_place_of(world, place, system, booked.id), f"{system}-{booked.id}", said=said)

    return router


def _place_of(world: "World", place: Place, system: str, document: str) -> Place:
    """Where the document stands: it may be new, or have left what was looked for."""
    found = [booked.id for booked in _documents(world.bookkeeper(system), place)]
    if document not in found:
        place = replace(place, text="")
        found = [booked.id for booked in _documents(world.bookkeeper(system), place)]
    return place.at(system, found.index(document) // _SHOWN + 1) if document in found else place


def _back(place: Place, row: str, **message: str) -> Response:
    query = "&".join(part for part in (urlencode(message), place.query) if part)
    return RedirectResponse(f"/sandbox/?{query}#{quote(row)}", 303)


def _documents(bookkeeper: "Bookkeeper", place: Place) -> list["Booked"]:
    return [
        booked
        for booked in bookkeeper.documents()
        if place.has(booked.number, booked.kind, booked.contact, booked.status, booked.date, f"{booked.total:.2f}")
    ]


def _view(world: "World", place: Place) -> dict[str, Any]:
    told = {system.name: system.told_back() for system in world.systems if system.bookkeeper is None}
    return {
        "now": world.clock.now(),
        "desks": [
            {
                "name": system.name,
                "part": place.part(system.name, _documents(system.bookkeeper, place)),
                "takes_foreign": "pay_foreign" in system.bookkeeper.verbs,
            }
            for system in world.systems
            if system.bookkeeper is not None
        ],
        "sources": [
            {
                "name": name,
                "part": place.part(name, [one for one in rows if place.has(one.document, one.status, one.details)]),
            }
            for name, rows in told.items()
        ],
    }


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html")
