"""Page and table in their folder: whole, in place of the last ones, and never in place of a real one."""

from __future__ import annotations

import base64
import datetime as dt
import os
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.reconciliation.sides import Systems
from invoice_bridge_core.reports.reconciliation import reconciliation_of, reconciliation_text
from invoice_bridge_core.reports.reconciliation_files import write_reconciliation
from invoice_bridge_core.reports.reconciliation_page import page_of
from invoice_bridge_core.reports.reports_folder import RouteReports, name_of, reports_folder
from tests.builders import route
from tests.reports.rows import DAY, HELD, WRONG_TOTAL, report, row

if TYPE_CHECKING:
    from pathlib import Path

SYSTEMS = Systems(route=route(), source="Qondor", finance="Xero", shows_reported=True, tells_payments=True)


@pytest.fixture
def reports(tmp_path: Path) -> RouteReports:
    return RouteReports("qondor_xero", tmp_path / "reports")


def test_a_report_is_two_files_that_others_may_read(reports: RouteReports) -> None:
    assert write_reconciliation(report(row()), reports) == "2026-11-10.html"
    assert sorted(path.name for path in reports.folder.iterdir()) == ["2026-11-10.csv", "2026-11-10.html"]
    assert {path.stat().st_mode & 0o777 for path in reports.folder.iterdir()} == {0o644}
    assert reports.names() == ["2026-11-10"]
    assert reports.path("2026-11-10.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_repeated_run_replaces_its_report_and_a_dry_run_does_not(reports: RouteReports) -> None:
    write_reconciliation(report(row(1), row(2)), reports)
    write_reconciliation(report(row(1)), reports)
    write_reconciliation(report(dry_run=True), reports)
    assert b"Q-2" not in (reports.read("2026-11-10.html") or b"")
    assert b"Q-1" in (reports.read("2026-11-10.html") or b"")
    assert b"Dry run" in (reports.read("2026-11-10_dry_run.html") or b"")
    assert b"Dry run" not in (reports.read("2026-11-10.html") or b"")


def test_a_write_that_fails_leaves_the_last_report(reports: RouteReports, monkeypatch: pytest.MonkeyPatch) -> None:
    write_reconciliation(report(row(1)), reports)
    before = reports.read("2026-11-10.html")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left on device; INVOICE_BRIDGE_REPORTS_DIR names another"):
        write_reconciliation(report(row(2)), reports)
    assert reports.read("2026-11-10.html") == before
    assert sorted(path.name for path in reports.folder.iterdir()) == ["2026-11-10.csv", "2026-11-10.html"]


def test_a_folder_that_is_a_file_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        write_reconciliation(report(row()), RouteReports("qondor_xero", tmp_path / "reports"))


def test_what_an_earlier_report_has_shown_is_not_new(reports: RouteReports) -> None:
    def made(run: str) -> list[str]:
        found = reconciliation_of(
            [row(1, WRONG_TOTAL)], SYSTEMS, since=DAY, until=DAY + dt.timedelta(days=1),
            made_at=dt.datetime.now(dt.UTC), run_key=run, reports=reports,
        )  # fmt: skip
        write_reconciliation(found, reports)
        return [one.number for one in found.news]

    assert [made("run_1"), made("run_2")] == [["Q-1"], []]
    reports.path("2026-11-10.csv").write_text("somebody has sorted it by hand\n")
    assert made("run_3") == ["Q-1"]


@pytest.mark.parametrize(
    "name",
    [
        "../x.html",
        "2026-11-10.svg",
        "2026-11-10",
        "..",
        "",
        "a/2026-11-10.html",
        "2026-11-10.html\n",
        "٢٠٢٦-11-10.html",
    ],
)
def test_only_names_of_reports_lead_to_a_file(reports: RouteReports, name: str) -> None:
    with pytest.raises(ValueError, match="not a report's name"):
        reports.read(name)


@pytest.mark.parametrize("name", ["..", "", "a/b", "a" * 101, "a\n", "røute"])
def test_only_names_of_routes_lead_to_a_folder(name: str) -> None:
    with pytest.raises(ValueError, match="not a route's name"):
        RouteReports(name)


def test_names_say_the_first_and_the_last_day() -> None:
    assert name_of(dt.date(2026, 11, 10), dt.date(2026, 11, 11)) == "2026-11-10"
    assert name_of(dt.date(2026, 11, 1), dt.date(2026, 12, 1)) == "2026-11-01_2026-11-30"
    assert name_of(dt.date(2026, 11, 1), dt.date(2026, 12, 1), dry_run=True) == "2026-11-01_2026-11-30_dry_run"


@pytest.mark.parametrize(
    ("reported", "left_out"),
    [
        ((), []),
        (("2026-11-09",), []),
        (("2026-11-07",), [8, 9]),
        (("2026-11-02", "2026-11-07"), [8, 9]),
        (("2026-11-01_2026-11-07",), [8, 9]),
        (("2026-11-01_2026-11-30",), []),
        (("2026-11-07", "2026-11-10", "2026-11-11"), [8, 9]),
        (("2026-11-07", "2026-11-08_dry_run"), [8, 9]),
        (("2026-11-07", "2026-11-99"), [8, 9]),
        (("2026-11-11",), []),
        (("2026-01-01",), [5, 6, 7, 8, 9]),
    ],
)
def test_days_without_a_report_are_those_after_the_last_one(
    reports: RouteReports, reported: tuple[str, ...], left_out: list[int]
) -> None:
    for name in reported:
        reports.write(f"{name}.html", b"")
    assert reports.days_without(DAY, at_most=5) == [dt.date(2026, 11, number) for number in left_out]


def test_the_folder_is_named_by_the_deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("INVOICE_BRIDGE_REPORTS_DIR", raising=False)
    assert reports_folder() == tmp_path / "invoice_bridge_reports"
    monkeypatch.setenv("INVOICE_BRIDGE_REPORTS_DIR", str(tmp_path / "elsewhere"))
    assert reports_folder() == tmp_path / "elsewhere"


def test_nothing_from_the_network_is_markup() -> None:
    bad = "<img src=x onerror=alert(1)>\"'{{ 1/0 }}"
    rows = [
        row(
            1,
            customer=bad,
            number=bad,
            currency=bad,
            finance_number=bad,
            finance_link=f"javascript:{bad}",
            source_link=f"javascript:{bad}",
        ),
        row(
            2,
            WRONG_TOTAL,
            customer=bad,
            finance_link=f"https://go.xero.example/{bad}",
            source_link=f"https://q.example/{bad}",
        ),
    ]
    page = page_of(report(*rows), csv_name="2026-11-10.csv")
    assert "<img src=x" not in page
    assert "javascript:" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 4
    assert "<script" not in page


def test_the_page_needs_nothing_besides_itself() -> None:
    page = page_of(report(row(1), row(2, HELD, outcome="held", currency="SEK")), csv_name=None)
    assert set(re.findall(r'(?:src|href)="(https?|data)', page)) == {"data", "https"}
    assert not re.findall(r'src="http', page)
    assert "<link" not in page


def test_each_currency_has_a_chart_of_its_own() -> None:
    rows = [row(1), row(2, currency="SEK", total=Decimal("-20.50")), row(3, currency="$x^{2}$"), row(4, total=None)]
    page = page_of(report(*rows), csv_name=None)
    titles = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert titles == ["Documents", "Sums in $x^{2}$", "Sums in NOK", "Sums in SEK"]
    assert 'alt="Sums in SEK: transferred -20.50"' in page
    for picture in re.findall(r"base64,([A-Za-z0-9+/=]+)", page):
        assert ET.fromstring(base64.b64decode(picture)).tag.endswith("svg")


def test_a_day_without_documents_says_so() -> None:
    page = page_of(report(), csv_name=None)
    assert "No document is dated here." in page
    assert "<figure" not in page
    assert "0 documents" in reconciliation_text(report())


def test_the_log_names_what_does_not_agree_and_not_all_of_a_bad_month() -> None:
    text = reconciliation_text(report(*(row(number, WRONG_TOTAL) for number in range(1, 101))))
    assert "Q-1 · Acme Events AS · 10 000.00 NOK: total differs: Qondor says 2, Xero says 1. Next: Compare them" in text
    assert "and 50 more, which the page lists" in text
    assert "transferred     100     1 000 000.00 NOK" in text
    assert "agree" in reconciliation_text(report(row()))
