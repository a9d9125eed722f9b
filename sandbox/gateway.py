"""The sandbox's front door: finds the system, applies access, limits and faults, logs the call, saves what changed."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse, PlainTextResponse

from sandbox.answer import Answer, ask
from sandbox.exact_json import read_json, write_json
from sandbox.traffic import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from sandbox.clock import Clock
    from sandbox.connection import OpenConnections
    from sandbox.faults import Fault, Faults
    from sandbox.store import Store
    from sandbox.system import System
    from sandbox.traffic import Traffic

_SAFE_FORM_FIELDS = {"grant_type", "scope"}
_KEPT = ("error", "bad_request")


class _ConnectionClosesError(Exception):
    """A fault ends this call without an answer."""


class Gateway:
    """The ASGI app that the server runs."""

    def __init__(
        self,
        systems: Sequence[System],
        control: ASGIApp,
        store: Store,
        clock: Clock,
        traffic: Traffic,
        faults: Faults,
        connections: OpenConnections,
    ) -> None:
        self._systems = systems
        self._control, self._store, self._clock = control, store, clock
        self._traffic, self._faults, self._connections = traffic, faults, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/sandbox" or path.startswith("/sandbox/"):
            await self._control(scope, receive, send)
            self._store.flush()
            return
        body = await _whole_body(receive)
        system = next((each for each in self._systems if path.startswith(f"{each.base_path}/")), None)
        if system is None:
            await _send(Answer.of(PlainTextResponse("No such system in this sandbox.", 404)), send)
            return
        await self._serve(system, scope, body, receive, send)

    async def _serve(self, system: System, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        call = _call(system, scope, body)
        faults = self._faults.striking(system.name, call.method, call.path, body)
        system.enter(call)
        try:
            answer = await self._answer(system, call, scope, faults)
        except _ConnectionClosesError:
            answer = None
        finally:
            system.leave(call)
        # Recorded before the client can know that the call is over: it may ask for the counters at once.
        names = ", ".join(f"{fault.kind} {fault.when}" for fault in faults) or None
        status = 0 if answer is None else answer.status
        refused = () if answer is None or call.is_read else system.refused_elements(answer)
        self._traffic.record(call, _readable(call), status, names, self._clock.now().isoformat(), refused)
        cut_short = any(fault.kind == "cut_short" for fault in faults)
        if answer is not None:
            await _send(answer, send, cut_short=cut_short)
        if answer is None or cut_short:
            self._connections.abort(scope)
            await _wait_for_the_end(receive)

    async def _answer(self, system: System, call: Call, scope: Scope, faults: list[Fault]) -> Answer:
        answer: Answer | None = None
        for fault in faults:
            if fault.when == "before" and answer is None:
                answer = await _suffer(fault, system, call, None)
                if answer is not None and fault.kind in _KEPT:
                    with self._store.lock:
                        system.failed(call, answer)
                        self._store.flush()
        if answer is None:
            refusal = system.admit(call)
            if refusal is not None:
                answer = Answer.of(refusal)
        if answer is None:
            inner = {**scope, "path": call.path, "raw_path": call.path.encode(), "root_path": ""}
            # A bookkeeper at work in another thread neither sees half of a call nor shows half of its own.
            breaks_off = any(fault.when == "within" for fault in faults)
            with self._store.lock, system.breaking_off() if breaks_off else nullcontext():
                answer = await ask(system.app, inner, call.body)
                self._store.flush()
        answer = answer.with_headers(system.extra_headers(call))
        for fault in faults:
            if fault.when != "before":
                answer = await _suffer(fault, system, call, answer) or answer
            if fault.when == "within":
                with self._store.lock:
                    system.failed(call, answer, in_part=True)
                    self._store.flush()
        return answer


def _call(system: System, scope: Scope, body: bytes) -> Call:
    path = scope["path"].removeprefix(system.base_path)
    return Call(
        system=system.name,
        method=scope["method"],
        path=path,
        template=system.template(scope["method"], path),
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        is_token=system.is_token_call(path),
    )


def _readable(call: Call) -> Any:
    """The body for the log: JSON parsed, of a token request only what is no secret."""
    text = call.body.decode("utf-8", "replace")
    if call.is_token:
        return {name: value for name, value in parse_qsl(text) if name in _SAFE_FORM_FIELDS}
    try:
        return read_json(text) if text else None
    except ValueError:
        return text


async def _suffer(fault: Fault, system: System, call: Call, answer: Answer | None) -> Answer | None:
    """What a fault makes of a call (`answer` is `None` before processing)."""
    if fault.kind == "close":
        raise _ConnectionClosesError
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return None
    if answer is not None and fault.kind in ("half_json", "wrong_type", "empty", "shuffled"):
        return _mangled(fault.kind, answer)
    if fault.kind == "bad_request":
        return Answer.of(system.bad_request(call))
    if fault.kind == "too_many_requests":
        return Answer.of(system.throttled(fault.limit, fault.retry_after))
    if fault.kind == "unauthorised":
        return Answer.of(system.unauthorised())
    return _broken(fault)


def _mangled(kind: str, answer: Answer) -> Answer:
    if kind == "wrong_type":
        return answer.with_headers({"content-type": "text/html; charset=utf-8"})
    if kind == "shuffled":
        return Answer(answer.status, answer.headers, _shuffled(answer.body))
    body = b"" if kind == "empty" else answer.body[: len(answer.body) // 2]
    return Answer(answer.status, answer.headers, body)


def _shuffled(body: bytes) -> bytes:
    """The same elements, none of them at its place."""
    try:
        read = read_json(body)
    except ValueError:
        return body
    if not isinstance(read, dict):
        return body
    moved = {name: [*value[1:], *value[:1]] if isinstance(value, list) else value for name, value in read.items()}
    return write_json(moved).encode()


def _broken(fault: Fault) -> Answer | None:
    if fault.kind == "html":
        page = (
            "<!DOCTYPE html><html><head><title>Just a moment</title></head><body><h1>Just a moment</h1></body></html>"
        )
        return Answer.of(HTMLResponse(page))
    if fault.kind == "empty":
        return Answer(200, {"content-type": "application/json"}, b"")
    if fault.kind == "forbidden":
        return Answer.of(PlainTextResponse("Forbidden", 403))
    if fault.kind == "error":
        return Answer.of(PlainTextResponse("An error occurred while processing your request.", 500))
    if fault.kind == "refuse":
        return Answer.of(PlainTextResponse("This cannot be done now.", 422))
    if fault.kind == "unavailable":
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return Answer.of(PlainTextResponse("The service is offline for maintenance.", 503, headers))
    return None


async def _whole_body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _send(answer: Answer, send: Send, *, cut_short: bool = False) -> None:
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.raw_headers(len(answer.body))}
    await send(start)
    if cut_short:
        await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        await asyncio.sleep(0.05)  # lets the first half reach the wire before the connection goes
    else:
        await send({"type": "http.response.body", "body": b"" if answer.status == 204 else answer.body})


async def _wait_for_the_end(receive: Receive) -> None:
    """Until the server has noticed that the connection is gone: else it would try to send a 500 into it."""
    while (await receive())["type"] != "http.disconnect":
        pass
