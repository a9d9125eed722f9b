"""The first process of a container: makes its file tree, then runs its command as `dumb-init` would.

Started in namespaces of its own, with the path of a file that says what to do; knows the standard library alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18


def main() -> int:
    """Make the tree, run the command, and end as it does."""
    spec: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    socket.sethostname(spec["hostname"])
    _make_tree(Path(spec["root"]), spec["places"], spec["hidden"], spec["files"])
    os.chroot(spec["root"])
    os.chdir(spec["folder"])
    child = os.fork()
    if not child:
        _become(spec)
    alone = spec["environment"].get("DUMB_INIT_SETSID") == "0"
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, lambda got, _: os.kill(child, got) if alone else os.killpg(child, got))
    while True:
        ended, status = os.wait()
        # Orphans of the container are reaped on the way.
        if ended == child:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _become(spec: dict[str, Any]) -> None:
    os.setsid()
    os.setgroups([])
    os.setgid(spec["group"])
    os.setuid(spec["user"])
    os.execvpe(spec["command"][0], spec["command"], spec["environment"])


def _make_tree(root: Path, places: list[list[Any]], hidden: list[str], files: list[list[str]]) -> None:
    """The machine's own tree, without what is hidden, with the places bound into it; the machine itself stays as it is.

    :param places: source, where it is seen, and whether it is read-only; a source of `""` is an empty folder.
    """
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)
    _mount("tmpfs", str(root), "tmpfs", 0)
    root.chmod(0o755)
    wanted = {target: (source, read_only) for source, target, read_only in places} | {
        each: ("", False) for each in hidden
    }
    _fill(root, Path("/"), wanted, set(hidden))
    _mount("proc", f"{root}/proc", "proc", 0)
    for source, target in files:
        _mount(source, f"{root}{target}", "", _BIND)


def _fill(root: Path, folder: Path, wanted: dict[str, tuple[str, bool]], hidden: set[str]) -> None:
    within = _below(folder)
    names = {target.removeprefix(within).partition("/")[0] for target in wanted if target.startswith(within)}
    if folder.is_dir() and str(folder) not in hidden:
        for each in sorted(folder.iterdir()):
            if each.name not in names and str(each) != "/proc":
                _show(each, root)
    (root / "proc").mkdir(exist_ok=True)
    for name in sorted(names):
        path = folder / name
        (made := Path(f"{root}{path}")).mkdir(exist_ok=True)
        if str(path) not in wanted or str(path) in hidden:
            if str(path) in hidden:
                made.chmod(0o1777)
            _fill(root, path, wanted, hidden)
        else:
            _bind(root, path, wanted)


def _bind(root: Path, path: Path, wanted: dict[str, tuple[str, bool]]) -> None:
    """A place, and the places inside it, for which there is room in its source."""
    source, read_only = wanted[str(path)]
    made = f"{root}{path}"
    Path(made).mkdir(parents=True, exist_ok=True)
    if source:
        _mount(source, made, "", _BIND | _RECURSIVE)
        if read_only:
            _mount("none", made, "", _BIND | _REMOUNT | _READ_ONLY)
    for target in sorted(wanted):
        inner = target.startswith(_below(path))
        if inner and not any(target.startswith(_below(Path(other))) for other in wanted if len(other) > len(str(path))):
            _bind(root, Path(target), wanted)


def _show(path: Path, root: Path) -> None:
    made = Path(f"{root}{path}")
    if path.is_symlink():
        made.symlink_to(path.readlink())
    elif path.is_dir():
        made.mkdir()
        _mount(str(path), str(made), "", _BIND | _RECURSIVE)
    elif path.is_file():
        made.touch()
        _mount(str(path), str(made), "", _BIND)


def _below(folder: Path) -> str:
    return f"{folder}".rstrip("/") + "/"


def _mount(source: str, target: str, kind: str, flags: int) -> None:
    if _LIBC.mount(source.encode(), target.encode(), kind.encode() or None, flags, None):
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)}: mount {source} at {target}")


if __name__ == "__main__":
    sys.exit(main())
