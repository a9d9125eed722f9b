"""The image for production, as far as it can be checked without a container engine."""

from __future__ import annotations

from typing import Any

import yaml

from local.settings import PROJECT

SERVICES: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text("utf-8"))["services"]


def stages() -> dict[str, tuple[str, list[str]]]:
    """Each stage of the Dockerfile by its name: what it is based on, and its instructions."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in (PROJECT / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("FROM "):
            base, _, name = line.removeprefix("FROM ").partition(" AS ")
            found[name] = base, []
        elif line and not line.startswith("#"):
            found[name][1].append(line)
    return found


def instructions(stage: str) -> list[str]:
    """All instructions of a stage, with those of the stages that it is based on."""
    base, own = stages()[stage]
    return [*(instructions(base) if base in stages() else []), *own]


def copied(stage: str) -> set[str]:
    """What a stage copies from the project."""
    words = [line.split() for line in instructions(stage) if line.startswith("COPY ")]
    return {source for _, *arguments, _ in words for source in arguments if not source.startswith("--")}


def test_production_holds_dags_plugins_include_and_its_lock() -> None:
    assert copied("production") == {"requirements.lock", "dags", "plugins", "include"}


def test_a_build_without_a_target_makes_the_image_for_production() -> None:
    assert list(stages())[-1] == "production"


def test_the_sandbox_is_in_an_image_of_its_own() -> None:
    assert copied("sandbox") - copied("production") == {"sandbox"}
    built = {name: service["build"]["target"] for name, service in SERVICES.items() if "build" in service}
    assert {name for name, target in built.items() if target == "sandbox"} == {"sandbox"}
    assert set(built.values()) == {"production", "sandbox"}
    images = {(service["build"]["target"], service["image"]) for service in SERVICES.values() if "build" in service}
    assert len(images) == len(set(built.values()))


def test_the_sandbox_gets_no_secrets() -> None:
    assert not {"environment", "env_file"} & SERVICES["sandbox"].keys()


def test_nothing_else_is_sent_to_the_container_engine() -> None:
    lines = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied("sandbox")
