"""The compose file is read as an engine reads it, and what is not understood is refused; nothing is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.settings import PROJECT
from tests.cluster.compose import COMPLETED, HEALTHY, ComposeError, read_compose
from tests.cluster.images import image_of
from tests.cluster.stage import secrets_of_env, services

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """
services:
  one:
    image: redis:7
    command: [sh, -c, 'echo "$$HOME ${{WORD:-none}}"']
    environment: {{WORD: "${{WORD:?say a word}}"}}
    volumes: ["kept:/data", "./include:/include:ro"]
    healthcheck: {{test: [CMD-SHELL, 'true'], interval: 2m, timeout: 5s, retries: 2, start_period: 1s}}
    {more}
volumes: {{kept:}}
"""


def small(folder: Path, more: str = "") -> Path:
    file = folder / "compose.yaml"
    file.write_text(SMALL.format(more=more), "utf-8")
    return file


def test_variables_are_put_in_as_an_engine_does(tmp_path: Path) -> None:
    one = read_compose(small(tmp_path), {"WORD": "hello"}, set())["one"]
    assert one.command == ("sh", "-c", 'echo "$HOME hello"')
    assert one.environment == {"WORD": "hello"}
    assert [(mount.source, mount.target, mount.read_only, mount.is_volume) for mount in one.mounts] == [
        ("kept", "/data", False, True),
        ("./include", "/include", True, False),
    ]
    assert one.check is not None
    assert (one.check.command, one.check.interval, one.check.timeout) == (("/bin/sh", "-c", "true"), 120, 5)


def test_a_variable_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match="WORD: say a word"):
        read_compose(small(tmp_path), {}, set())


@pytest.mark.parametrize("more", ["cap_add: [ALL]", "network_mode: host", "depends_on: {other: {condition: x}}"])
def test_what_is_not_understood_is_refused(tmp_path: Path, more: str) -> None:
    with pytest.raises(ComposeError):
        read_compose(small(tmp_path, more), {"WORD": "x"}, set())


def test_every_key_of_ours_is_understood_and_no_variable_is_left() -> None:
    for service in services(secrets_of_env()).values():
        words = (*(service.command or ()), *(service.entrypoint or ()), *service.environment.values())
        assert not [word for word in words if "${" in word], service.name


def test_without_the_profile_there_is_no_sandbox() -> None:
    plain = read_compose(PROJECT / "docker-compose.yaml", secrets_of_env(), set())
    assert set(services(secrets_of_env())) - set(plain) == {"sandbox", "sandbox-folder", "sandbox-connections"}


def test_what_waits_for_a_service_waits_for_one_that_can_come() -> None:
    ours = services(secrets_of_env())
    for service in ours.values():
        for other, how in service.after.items():
            assert how in (COMPLETED, HEALTHY)
            assert (how == HEALTHY) == (ours[other].check is not None), f"{service.name} waits for {other}"


def test_something_stands_for_every_image(tmp_path: Path) -> None:
    for target in ("production", "sandbox"):
        (tmp_path / "images" / target).mkdir(parents=True)
    for service in services(secrets_of_env()).values():
        if service.name != "redis":
            assert image_of(service, tmp_path).environment["PATH"]
