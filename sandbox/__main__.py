"""`python -m sandbox`: the sandbox as a process of its own, and its bookkeeper from another terminal."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox.bookkeeper_command import NoSandboxError, RefusedError, add_bookkeeper, bookkeep
from sandbox.sandbox import Sandbox


def main(arguments: list[str] | None = None) -> None:
    """Run one command."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "serve":
        _serve(chosen)
        return
    try:
        print(bookkeep(chosen))
    except (NoSandboxError, RefusedError) as error:
        sys.exit(str(error))


def _serve(chosen: argparse.Namespace) -> None:
    """Serve, say where in the ready file, and stop on SIGINT or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    sandbox = Sandbox(
        seed=chosen.seed,
        documents=chosen.documents,
        limits=chosen.limits,
        data=chosen.data,
        state=chosen.state,
        port=chosen.port,
        host=chosen.host,
    )
    with sandbox:
        print(f"Sandbox at {sandbox.url}", flush=True)
        if chosen.ready_file is not None:
            _announce(sandbox, chosen.ready_file)
        stopped.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    add_bookkeeper(commands)
    serve = commands.add_parser("serve", help="serve until stopped")
    serve.add_argument("--state", type=Path, help="folder that keeps the state; none: nothing is kept")
    serve.add_argument("--port", type=int, default=0, help="0 takes a free one")
    serve.add_argument("--host", help="the name by which other machines reach it; none: this machine alone does")
    serve.add_argument("--ready-file", type=Path, help="where to write URL and connections as JSON once ready")
    serve.add_argument("--seed", type=int, default=7)
    serve.add_argument("--documents", type=int, default=140)
    serve.add_argument("--limits", choices=("contract", "relaxed"), default="relaxed")
    serve.add_argument("--data", choices=("mixed", "plain"), default="mixed")
    return parser


def _announce(sandbox: Sandbox, path: Path) -> None:
    """Write the ready file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"url": sandbox.url, "connections": sandbox.connections}, indent=2), encoding="utf-8")
    draft.replace(path)


if __name__ == "__main__":
    main()
