"""What every played system has in common: an app, tables, connections, access rules and limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.responses import PlainTextResponse
from starlette.routing import Match

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import APIRouter, FastAPI
    from starlette.responses import Response

    from sandbox.answer import Answer
    from sandbox.bookkeeping import Bookkeeper
    from sandbox.clock import Clock
    from sandbox.limits import Limits
    from sandbox.scene import Scene
    from sandbox.store import Store
    from sandbox.traffic import Call


@dataclass(frozen=True)
class Settings:
    """How strict the sandbox is: `limits` is `contract`, or `relaxed` for rate limits a hundred times as high."""

    limits: str = "relaxed"
    token_seconds: int = 1800

    def rate(self, calls: int) -> int:
        """The number of calls that a documented rate becomes under these settings."""
        from sandbox.limits import RELAXED_FACTOR

        return calls * RELAXED_FACTOR if self.limits == "relaxed" else calls


@dataclass(frozen=True)
class ToldBack:
    """What a source was told about one of its documents."""

    document: str
    status: str
    details: str


class System(ABC):
    """One system on the sandbox's server, under its own path.

    A subclass builds `self.app` with routes below `base_path` and keeps its state in tables of the store. All its
    handlers are coroutines: they run while the server's thread holds the store's lock.
    """

    name: ClassVar[str]
    base_path: ClassVar[str]
    app: FastAPI
    limits: Limits
    control: APIRouter | None = None
    bookkeeper: Bookkeeper | None = None

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self.store, self.clock, self.settings = store, clock, settings

    @abstractmethod
    def plant(self, scene: Scene) -> None:
        """Fill empty tables with the scene's data and whatever the system always has."""

    @abstractmethod
    def connections(self, url: str) -> dict[str, dict[str, Any]]:
        """Airflow connections (id → connection JSON) that lead here."""

    @abstractmethod
    def admit(self, call: Call) -> Response | None:
        """Check access and limits; an answer means that the call goes no further."""

    @abstractmethod
    def throttled(self, limit: str, retry_after: int | None) -> Response:
        """The system's 429 for a limit (`minute`, `day`, `concurrent`)."""

    @abstractmethod
    def unauthorised(self) -> Response:
        """The system's 401."""

    def told_back(self) -> list[ToldBack]:
        """The documents of a source that wait no longer; a finance system has none."""
        return []

    def enter(self, call: Call) -> None:  # noqa: B027 - most count no calls in flight
        """A call begins (for limits on calls in flight)."""

    def leave(self, call: Call) -> None:  # noqa: B027
        """A call is over, its answer sent."""

    def failed(self, call: Call, answer: Answer, *, in_part: bool = False) -> None:  # noqa: B027 - most forget it
        """The system answered a call with an error of its own and did not carry it out, or not all of it."""

    @contextmanager
    def breaking_off(self) -> Iterator[None]:
        """What is called within the block is carried out in part only, where it is several things."""
        yield

    def bad_request(self, call: Call) -> Response:
        """The system's 400 to such a call."""
        return PlainTextResponse("Bad request", 400)

    def refused_elements(self, answer: Answer) -> tuple[str, ...]:
        """What an answer 200 to a write says was not done, by the names of these things."""
        return ()

    def extra_headers(self, call: Call) -> Mapping[str, str]:
        """Headers that every answer to such a call carries."""
        return {}

    def is_token_call(self, path: str) -> bool:
        """Whether the path belongs to identity rather than to the API."""
        return False

    def template(self, method: str, path: str) -> str:
        """The pattern of the endpoint that a call goes to, or its path where there is none."""
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
        for route in self.app.router.routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return str(getattr(route, "path", path))
        return path
