"""The control plane under `/sandbox/`: what is expected of each document, what was called, which faults are on."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI
from starlette.responses import Response

from sandbox.bookkeeper_routes import bookkeeper_routes
from sandbox.exact_json import write_json
from sandbox.faults import Fault
from sandbox.page import page_routes

if TYPE_CHECKING:
    from sandbox.world import World


def control_app(world: "World") -> FastAPI:
    """The app that reads and steers one sandbox."""
    app = FastAPI(title="Sandbox control", openapi_url=None)
    _add_observations(app, world)
    _add_faults(app, world)
    app.include_router(page_routes(world))
    for system in world.systems:
        if system.control is not None:
            app.include_router(system.control, prefix=f"/sandbox/{system.name}")
        if system.bookkeeper is not None:
            app.include_router(bookkeeper_routes(system.bookkeeper), prefix=f"/sandbox/{system.name}")
    return app


def _add_observations(app: FastAPI, world: "World") -> None:
    @app.get("/sandbox/expectations")
    async def expectations() -> Response:
        return _answer({"documents": world.expectations})

    @app.get("/sandbox/told")
    async def told() -> Response:
        """What the sources were told about their documents."""
        sources = [system for system in world.systems if system.bookkeeper is None]
        return _answer({system.name: [asdict(one) for one in system.told_back()] for system in sources})

    @app.get("/sandbox/calls")
    async def calls() -> Response:
        return _answer(world.calls())

    @app.post("/sandbox/calls/reset")
    async def reset_calls() -> Response:
        world.traffic.reset()
        return _answer({"reset": True})

    @app.post("/sandbox/reset")
    async def reset(seed: int = 7, documents: int = 140, data: Literal["mixed", "plain"] = "mixed") -> Response:
        world.reset(seed, documents, data)
        return _answer({"documents": len(world.expectations)})

    @app.get("/sandbox/log")
    async def log(last: int = 100, system: str | None = None) -> Response:
        return _answer({"calls": [asdict(entry) for entry in world.traffic.log(last, system)]})


def _add_faults(app: FastAPI, world: "World") -> None:
    @app.get("/sandbox/faults")
    async def list_faults() -> Response:
        return _answer({"faults": [_described(fault) for fault in world.faults.all()]})

    @app.post("/sandbox/faults")
    async def set_faults(faults: list[Fault]) -> Response:
        for fault in faults:
            world.faults.add(fault)
        return _answer({"faults": [_described(fault) for fault in world.faults.all()]})

    @app.delete("/sandbox/faults")
    async def clear_faults() -> Response:
        world.faults.clear()
        return _answer({"faults": []})

    @app.post("/sandbox/clock/advance")
    async def advance(seconds: float) -> Response:
        world.clock.advance(seconds)
        return _answer({"now": world.clock.now().isoformat()})


def _described(fault: Fault) -> dict[str, Any]:
    return {**fault.model_dump(), "hits": fault.hits}


def _answer(body: Any) -> Response:
    return Response(write_json(body), media_type="application/json")
