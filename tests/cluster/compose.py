"""`docker-compose.yaml` as a container engine reads it: variables put in, profiles chosen, each service in full.

A key that is not understood here is refused, so that nothing in the file can go unproven without anybody noticing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMPLETED, HEALTHY, STARTED = "service_completed_successfully", "service_healthy", "service_started"
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?:(?P<how>:-|:\?)(?P<text>[^}]*))?\})")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_KEYS = {
    "build", "command", "depends_on", "entrypoint", "env_file", "environment", "healthcheck", "image", "network_mode",
    "ports", "profiles", "restart", "stop_grace_period", "user", "volumes",
}  # fmt: skip
_CHECK_KEYS = {"test", "interval", "timeout", "retries", "start_period"}


class ComposeError(Exception):
    """The file says something that does not work, or that this reader does not know."""


@dataclass(frozen=True)
class HealthCheck:
    """How a service is asked whether it is well; times in seconds."""

    command: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0


@dataclass(frozen=True)
class Mount:
    """A folder of the project (it begins with `/` or `.`) or a named volume, and where the service sees it."""

    source: str
    target: str
    read_only: bool = False

    @property
    def is_volume(self) -> bool:
        """Whether the engine makes the folder."""
        return not self.source.startswith(("/", "."))


@dataclass(frozen=True)
class Service:
    """One service.

    :param target: the stage of the Dockerfile that its image is; `None`: an image of others.
    :param command: `None` leaves it to the image; so does `entrypoint`.
    :param after: what each service that this one waits for must have come to.
    :param network_of: the service whose network it shares.
    """

    name: str
    image: str
    target: str | None = None
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    after: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    network_of: str | None = None
    restarts: bool = False
    check: HealthCheck | None = None
    grace: float = 10.0


def read_compose(file: Path, variables: Mapping[str, str], profiles: set[str]) -> dict[str, Service]:
    """The services of the chosen profiles, by name.

    :param variables: what `.env` holds.
    :raises ComposeError: a variable is missing, or a key is not understood.
    """
    whole = yaml.safe_load(file.read_text("utf-8"))
    if unknown := {key for key in whole if not key.startswith("x-")} - {"name", "services", "volumes"}:
        raise ComposeError(f"{file.name}: {sorted(unknown)} is not understood")
    volumes = set(whole["volumes"])
    services = {
        name: _service(name, _filled(raw, variables), variables)
        for name, raw in whole["services"].items()
        if set(raw.get("profiles", profiles)) & profiles or "profiles" not in raw
    }
    for service in services.values():
        missing = {mount.source for mount in service.mounts if mount.is_volume} - volumes
        missing |= set(service.after) - set(services)
        if missing:
            raise ComposeError(f"{service.name} names {sorted(missing)}, which the file does not have")
    return services


def _service(name: str, raw: Mapping[str, Any], variables: Mapping[str, str]) -> Service:
    if unknown := set(raw) - _KEYS:
        raise ComposeError(f"{name}: {sorted(unknown)} is not understood")
    mode = raw.get("network_mode")
    if mode is not None and not mode.startswith("service:"):
        raise ComposeError(f"{name}: network_mode {mode} is not understood")
    environment = dict(variables) if raw.get("env_file") else {}
    environment |= {key: str(value) for key, value in raw.get("environment", {}).items()}
    return Service(
        name=name,
        image=raw["image"],
        target=raw["build"]["target"] if "build" in raw else None,
        entrypoint=_words(raw.get("entrypoint")),
        command=_words(raw.get("command")),
        environment=environment,
        mounts=tuple(_mount(text) for text in raw.get("volumes", ())),
        after={other: how["condition"] for other, how in raw.get("depends_on", {}).items()},
        user=raw.get("user"),
        network_of=None if mode is None else mode.removeprefix("service:"),
        restarts=raw.get("restart") == "unless-stopped",
        check=_check(name, raw["healthcheck"]) if "healthcheck" in raw else None,
        grace=_seconds(raw.get("stop_grace_period", "10s")),
    )


def _check(name: str, raw: Mapping[str, Any]) -> HealthCheck:
    if unknown := set(raw) - _CHECK_KEYS:
        raise ComposeError(f"{name}: {sorted(unknown)} of its health check is not understood")
    kind, *rest = raw["test"]
    if kind not in ("CMD", "CMD-SHELL"):
        raise ComposeError(f"{name}: a health check begins with CMD or CMD-SHELL")
    return HealthCheck(
        command=tuple(rest) if kind == "CMD" else ("/bin/sh", "-c", *rest),
        interval=_seconds(raw.get("interval", "30s")),
        timeout=_seconds(raw.get("timeout", "30s")),
        retries=int(raw.get("retries", 3)),
        start_period=_seconds(raw.get("start_period", "0s")),
    )


def _words(value: str | list[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(value.split()) if isinstance(value, str) else tuple(map(str, value))


def _mount(text: str) -> Mount:
    read_only = text.endswith(":ro")
    source, target = text.removesuffix(":ro").rsplit(":", 1)
    return Mount(source, target, read_only)


def _seconds(text: str) -> float:
    return float(text[:-1]) * _UNITS[text[-1]]


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    """The same with the variables put in."""
    if isinstance(value, dict):
        return {key: _filled(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, variables) for each in value]
    return _VARIABLE.sub(lambda found: _variable(found, variables), value) if isinstance(value, str) else value


def _variable(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    value = variables.get(found["name"], "")
    if not value and found["how"] == ":?":
        raise ComposeError(f"{found['name']}: {found['text']}")
    return value or (found["text"] if found["how"] == ":-" else "")
