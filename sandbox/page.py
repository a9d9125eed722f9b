"""The page at `/sandbox/`: a bookkeeper's desk for somebody who plays with the sandbox in a browser."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.bookkeeping import BookkeepingError

if TYPE_CHECKING:
    from jinja2 import Template

    from sandbox.world import World

# Texts on the page come from the network: nothing but this page's own forms and styles may act.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes(world: "World") -> APIRouter:
    """The page and what its forms send to."""
    router = APIRouter()

    @router.get("/sandbox/")
    async def show(said: str = "", refused: str = "") -> Response:
        return HTMLResponse(_template().render(**_view(world), said=said, refused=refused), headers=_HEADERS)

    @router.post("/sandbox/desk/{system}/{verb}")
    async def act(system: str, verb: str, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        document = form.get("document", "")
        try:
            booked = world.bookkeeper(system).perform(verb, form)
        except BookkeepingError as refusal:
            return _back(f"{system}-{document}", refused=str(refusal))
        return _back(f"{system}-{booked.id}", said=f"{booked}: {verb.replace('_', ' ')} done, now {booked.status}.")

    return router


def _back(place: str, **message: str) -> Response:
    return RedirectResponse(f"/sandbox/?{urlencode(message)}#{quote(place)}", 303)


def _view(world: "World") -> dict[str, Any]:
    return {
        "now": world.clock.now(),
        "desks": [
            {
                "name": system.name,
                "documents": system.bookkeeper.documents(),
                "takes_foreign": "pay_foreign" in system.bookkeeper.verbs,
            }
            for system in world.systems
            if system.bookkeeper is not None
        ],
        "sources": [
            {"name": system.name, "told": system.told_back()} for system in world.systems if system.bookkeeper is None
        ],
    }


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html")
