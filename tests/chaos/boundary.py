"""Every place where an attempt can break: its HTTP calls, as requests sends them, and its commits, as SQLAlchemy does.

A `Plan` is asked before each of them and told after it; what it answers is done to the call or the commit for real:
an address where nobody listens, a socket that is shut down, a connection closed behind a commit.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

import psycopg2
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.engine.default import DefaultDialect

from invoice_bridge.hooks.auth import tokens
from invoice_bridge.hooks.http.retry import CallRetry
from invoice_bridge.systems.ixpole import source
from invoice_bridge.systems.xero import booking_status
from tests.chaos.clock import STILL, TIME
from tests.chaos.played import ACTOR_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GO, REFUSE, TIME_OUT, LOSE_BEFORE, LOSE_AFTER, KILL = "go", "refuse", "time out", "lose before", "lose after", "kill"
"""What a plan may answer; `KILL` is done by the plan's owner or by the process itself, always with SIGKILL."""
CALL, COMMIT, LOOK = "call", "commit", "look"
"""Kinds of boundaries; a look is a transaction that wrote nothing."""

_BASES = {"/qondor/Test": "qondor", "/ixpole": "ixpole", "/xero": "xero", "/quiddly": "quiddly"}
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[IV]\.\d+|(?<=/)\d+(?=/|$)")
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(?:invoice_bridge\"?\.\"?)?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Boundary:
    """One call or commit of an attempt.

    :param name: such as `xero PUT /api.xro/2.0/Invoices` or `commit documents, history`.
    :param nth: which one of that name, from 1.
    :param key: the idempotency key of a call.
    :param is_ahead: whether the task that books ahead meets it.
    """

    kind: str
    name: str
    nth: int
    system: str = ""
    method: str = ""
    path: str = ""
    query: str = ""
    body: bytes = b""
    key: str = ""
    is_ahead: bool = False

    @property
    def elements(self) -> list[dict[str, Any]]:
        """What is made in Xero by one call, as it is sent."""
        if self.kind != CALL or (self.system, self.method) != ("xero", "PUT"):
            return []
        body: dict[str, list[dict[str, Any]]] = json.loads(self.body or b"{}")
        return body.get(self.path.rpartition("/")[2], [])

    @property
    def is_batch(self) -> bool:
        """Whether it is one call that makes several things."""
        return len(self.elements) > 1

    @property
    def is_write(self) -> bool:
        """Whether it is meant to change something outside; a request for a token changes nothing."""
        return self.kind == CALL and self.method != "GET" and "token" not in self.path and "authent" not in self.path

    def __str__(self) -> str:
        return f"{self.name} #{self.nth}"


class Plan(Protocol):
    """What is to happen at the boundaries."""

    def before(self, boundary: Boundary) -> str:
        """What to do to it."""

    def after(self, boundary: Boundary) -> str:
        """`GO`, or `KILL`."""

    def slept(self, seconds: float) -> None:
        """The attempt wanted to wait in place."""


class Stage:
    """This process' way to the network and to the database. Boundaries are met only while a plan is on."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.actor = "main"
        self.is_ahead = False
        self._met: Counter[str] = Counter()
        self._written: dict[int, dict[str, None]] = {}

    @contextmanager
    def under(self, plan: Plan | None) -> Iterator[None]:
        """The block runs under a plan; counting begins anew."""
        self.plan, self._met = plan, Counter()
        try:
            yield
        finally:
            self.plan = None

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """The block books ahead."""
        self.is_ahead = True
        try:
            yield
        finally:
            self.is_ahead = False

    @contextmanager
    def installed(self) -> Iterator[Stage]:
        """Stand between this process and its sockets."""
        send, patient = HTTPAdapter.send, CallRetry.call
        commit: Callable[[Any, Any], None] = DefaultDialect.do_commit
        stand_ins: list[tuple[Any, str, Any]] = [
            (HTTPAdapter, "send", lambda adapter, request, **how: self._call(
                request, lambda: send(adapter, request, **how)
            )),
            (DefaultDialect, "do_commit", lambda dialect, connection: self._commit(
                connection, lambda: commit(dialect, connection)
            )),
            (DefaultDialect, "do_execute", self._noted(DefaultDialect.do_execute)),
            (PGDialect_psycopg2, "do_executemany", self._noted(PGDialect_psycopg2.do_executemany)),
            (CallRetry, "call", lambda retry, attempt, sleep: patient(
                retry, attempt, lambda seconds: self._sleep(seconds, sleep)
            )),
            (booking_status, "dt", TIME),
            (source, "time", STILL),
            # Airflow compiles all masks anew for each token; one process sees thousands here and one in a task.
            (tokens, "mask_secret", lambda *_: None),
        ]  # fmt: skip
        kept = [(owner, name, getattr(owner, name)) for owner, name, _ in stand_ins]
        for owner, name, stand_in in stand_ins:
            setattr(owner, name, stand_in)
        try:
            yield self
        finally:
            for owner, name, original in kept:
                setattr(owner, name, original)

    def _call(self, request: requests.PreparedRequest, send: Callable[[], requests.Response]) -> requests.Response:
        if self.plan is None:
            return send()
        boundary = self._of_call(request)
        request.headers[ACTOR_HEADER] = self.actor
        order = self._kept_alive(self.plan.before(boundary))
        if order == REFUSE:
            request.url = f"http://127.0.0.1:1{request.path_url}"
        response = send()
        self._kept_alive(self.plan.after(boundary))
        if order == TIME_OUT:
            response.close()
            raise requests.exceptions.ReadTimeout("the answer came too late", request=request)
        return response

    def _commit(self, connection: Any, commit: Callable[[], None]) -> None:
        raw = getattr(connection, "dbapi_connection", connection)
        written = self._written.pop(id(raw), {})
        if self.plan is None:
            commit()
            return
        kind, name = (COMMIT, f"commit {', '.join(written)}") if written else (LOOK, "commit of a look")
        boundary = self._numbered(Boundary(kind, name, 0))
        order = self._kept_alive(self.plan.before(boundary))
        if order == LOSE_BEFORE:
            with socket.socket(fileno=os.dup(raw.fileno())) as way:
                way.shutdown(socket.SHUT_RDWR)
        commit()
        if order == LOSE_AFTER:
            raw.close()
            raise psycopg2.OperationalError("server closed the connection unexpectedly")
        self._kept_alive(self.plan.after(boundary))

    def _noted(self, execute: Callable[..., None]) -> Callable[..., None]:
        def noted(dialect: Any, cursor: Any, statement: Any, *more: Any, **how: Any) -> None:
            found = _WRITES.match(str(statement))
            if found and self.plan is not None:
                self._written.setdefault(id(cursor.connection), {})[found.group(1)] = None
            execute(dialect, cursor, statement, *more, **how)

        return noted

    def _sleep(self, seconds: float, sleep: Callable[[float], None]) -> None:
        if self.plan is None:
            sleep(seconds)
        else:
            self.plan.slept(seconds)

    def _of_call(self, request: requests.PreparedRequest) -> Boundary:
        parts = urlsplit(request.url or "")
        base, system = next(((base, name) for base, name in _BASES.items() if parts.path.startswith(base)), ("", "?"))
        path = parts.path.removeprefix(base)
        body = request.body or b""
        return self._numbered(
            Boundary(
                kind=CALL,
                name=f"{system} {request.method} {_IDS.sub('{id}', path)}",
                nth=0,
                system=system,
                method=request.method or "",
                path=path,
                query=unquote(parts.query.replace("+", " ")),
                body=body.encode() if isinstance(body, str) else bytes(body),
                key=str(request.headers.get("Idempotency-Key", "")),
            )
        )

    def _numbered(self, boundary: Boundary) -> Boundary:
        self._met[boundary.name] += 1
        return replace(boundary, nth=self._met[boundary.name], is_ahead=self.is_ahead)

    @staticmethod
    def _kept_alive(order: str) -> str:
        if order == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        return order


STAGE = Stage()
