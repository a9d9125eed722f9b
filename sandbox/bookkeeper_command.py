"""`python -m sandbox bookkeeper`: a running sandbox's bookkeeper from the shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from sandbox.exact_json import read_json
from sandbox.quiddly.bookkeeper import QuiddlyBookkeeper
from sandbox.xero.bookkeeper import XeroBookkeeper

if TYPE_CHECKING:
    import argparse

    from sandbox.bookkeeping import Bookkeeper

_BOOKKEEPERS: dict[str, type[Bookkeeper]] = {"xero": XeroBookkeeper, "quiddly": QuiddlyBookkeeper}
_READY_FILE = Path(__file__).parents[1] / ".local" / "sandbox_ready.json"
"""Where `make up` notes the address of its sandbox."""
_LIST = "documents"
_SECONDS = 30.0


class NoSandboxError(Exception):
    """There is no sandbox to talk to."""


class RefusedError(Exception):
    """The bookkeeper did not do it."""


def add_bookkeeper(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Teach the command line the bookkeeper's verbs, system by system."""
    bookkeeper = commands.add_parser("bookkeeper", help="do what a bookkeeper does with booked documents")
    bookkeeper.add_argument("--url", help="address of the sandbox; the one of `make up` if it is left out")
    systems = bookkeeper.add_subparsers(dest="system", required=True, metavar="SYSTEM")
    for name, kind in _BOOKKEEPERS.items():
        verbs = systems.add_parser(name).add_subparsers(dest="verb", required=True, metavar="VERB")
        verbs.add_parser(_LIST, help="list all documents")
        for verb, what in kind.verbs.items():
            parser = verbs.add_parser(verb, help=(getattr(kind, verb).__doc__ or "").split(". ")[0])
            parser.add_argument("document", help="number or id")
            for field in what.fields:
                parser.add_argument(f"--{field}", required=field in what.needed)


def bookkeep(chosen: argparse.Namespace) -> str:
    """Have it done; the document's new state, or all documents, for people.

    :raises NoSandboxError: nobody answers there.
    :raises RefusedError: the bookkeeper's reason.
    """
    address = f"{chosen.url or _address()}/sandbox/{chosen.system}"
    if chosen.verb == _LIST:
        return "\n".join(_line(booked) for booked in _ask("GET", f"{address}/documents")["documents"])
    names = ("document", *_BOOKKEEPERS[chosen.system].verbs[chosen.verb].fields)
    body = {name: value for name in names if (value := getattr(chosen, name)) is not None}
    return _line(_ask("POST", f"{address}/bookkeeper/{chosen.verb}", body))


def _address() -> str:
    try:
        return str(json.loads(_READY_FILE.read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError) as error:
        raise NoSandboxError(f"{_READY_FILE} names no sandbox: is `make up` running? Else give --url.") from error


def _ask(method: str, url: str, body: dict[str, str] | None = None) -> Any:
    with requests.Session() as session:
        # It is on this machine: no proxy of the environment may stand between.
        session.trust_env = False
        try:
            answer = session.request(method, url, json=body, timeout=_SECONDS)
            said = read_json(answer.content)
        except requests.RequestException as error:
            raise NoSandboxError(f"No sandbox answers at {url}: is `make up` running?") from error
        except ValueError as error:
            raise NoSandboxError(f"What answers at {url} is no sandbox (status {answer.status_code}).") from error
    if not answer.ok:
        raise RefusedError(said["error"] if isinstance(said, dict) and "error" in said else f"Refused: {url}")
    return said


def _line(booked: dict[str, Any]) -> str:
    sums = ", ".join(f"{name} {booked[name]:.2f}" for name in ("total", "paid", "credited", "due"))
    return f"{booked['kind']} {booked['number']}: {booked['status']}, {sums} {booked['currency']} ({booked['contact']})"
