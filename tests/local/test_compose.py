"""The compose file, as far as it can be checked without a container engine."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from local.settings import PROJECT

TEXT = (PROJECT / "docker-compose.yaml").read_text("utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
AIRFLOW = ["api-server", "scheduler", "dag-processor", "triggerer", "worker"]


@pytest.mark.parametrize("name", AIRFLOW)
def test_every_part_of_airflow_agrees_and_is_watched(name: str) -> None:
    service = SERVICES[name]
    shared = {key: value for key, value in service["environment"].items() if key != "DUMB_INIT_SETSID"}
    assert shared == SERVICES["api-server"]["environment"]
    assert service["depends_on"]["airflow-init"] == {"condition": "service_completed_successfully"}
    assert service["healthcheck"]["test"]
    assert service["environment"]["PYTHONPATH"] == "/opt/airflow/include:/opt/airflow/plugins"


@pytest.mark.parametrize(
    "name",
    ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY"],
)
def test_a_secret_that_is_missing_stops_it_with_a_message(name: str) -> None:
    assert f"${{{name}:?" in TEXT
    assert f"${{{name}:-" not in TEXT


def test_images_are_pinned() -> None:
    base = (PROJECT / "Dockerfile").read_text("utf-8").splitlines()[1]
    lock = (PROJECT / "requirements.lock").read_text("utf-8")
    assert base.removeprefix("FROM apache/airflow:").partition("-")[0] in lock.partition("apache-airflow==")[2][:8]
    for service in SERVICES.values():
        assert service["image"].rpartition(":")[2][0].isdigit()


def test_every_named_service_exists_and_every_profile_is_the_sandbox() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert service.get("profiles", ["sandbox"]) == ["sandbox"]


def test_nothing_is_open_to_other_machines() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", AIRFLOW)
def test_every_part_of_airflow_sees_the_folder_of_routes_that_was_named(name: str) -> None:
    inside = SERVICES[name]["environment"]["INVOICE_BRIDGE_ROUTES_DIR"]
    assert "$" not in inside, "a path of this machine means nothing inside"
    [mount] = [volume for volume in SERVICES[name]["volumes"] if "INVOICE_BRIDGE_ROUTES_DIR" in volume]
    outside, _, where = mount.removesuffix(":ro").rpartition(":")
    assert where == inside
    assert outside == "${INVOICE_BRIDGE_ROUTES_DIR:-./include/routes}"
    assert list((PROJECT / "include" / "routes").glob("*.yaml"))


def test_the_api_server_shows_the_reports_that_the_workers_write() -> None:
    for name in ("api-server", "worker"):
        folder = SERVICES[name]["environment"]["INVOICE_BRIDGE_REPORTS_DIR"]
        assert f"reports:{folder}" in SERVICES[name]["volumes"]
    assert "/opt/airflow/reports" in SERVICES["airflow-init"]["command"][0], "a new volume belongs to root"
