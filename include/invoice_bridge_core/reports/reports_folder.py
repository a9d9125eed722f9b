"""Where reports lie: `<folder>/<route>/<days>.csv` and `.html`.

Names are made of the route's name and of dates alone, or are `customers`; nothing that came over the network is ever
part of a path.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from pathlib import Path

from invoice_bridge_core.errors import ConfigurationError

FOLDER_VARIABLE = "INVOICE_BRIDGE_REPORTS_DIR"
DEFAULT_NAME = "invoice_bridge_reports"
SUFFIXES = (".html", ".csv")
CUSTOMER_REPORTS = ("customers", "customers_dry_run")

_ROUTE = re.compile(r"[A-Za-z0-9_]{1,100}", re.ASCII)
_DAYS = re.compile(r"\d{4}-\d{2}-\d{2}(_\d{4}-\d{2}-\d{2})?(_dry_run)?", re.ASCII)
_CUSTOMERS = re.compile(r"customers(_dry_run)?", re.ASCII)
"""The reconciliation of customers is of no day: the last one counts."""


def reports_folder() -> Path:
    """The folder that `INVOICE_BRIDGE_REPORTS_DIR` names, or else `invoice_bridge_reports` under Airflow's home."""
    named = os.environ.get(FOLDER_VARIABLE, "").strip()
    if named:
        return Path(named).expanduser()
    home = os.environ.get("AIRFLOW_HOME", "").strip() or "~/airflow"
    return Path(home).expanduser() / DEFAULT_NAME


def routes_with_reports(folder: Path | None = None) -> list[str]:
    """The routes that have a folder of reports, by name."""
    folder = folder or reports_folder()
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and _ROUTE.fullmatch(path.name))


def name_of(since: dt.date, until: dt.date, *, dry_run: bool = False) -> str:
    """The days of a report as its file is named: `2026-11-02`, or first and last of several: `2026-11-01_2026-11-30`.

    :param until: the day after the last one.
    :param dry_run: a report that must not take the place of a real one.
    """
    last = until - until.resolution
    days = since.isoformat() if last <= since else f"{since.isoformat()}_{last.isoformat()}"
    return f"{days}_dry_run" if dry_run else days


class RouteReports:
    """The reports of one route.

    :raises ValueError: the name is none of a route's.
    """

    def __init__(self, route: str, folder: Path | None = None) -> None:
        if not _ROUTE.fullmatch(route):
            raise ValueError(f"{route!r} is not a route's name")
        self.route = route
        self.folder = (folder or reports_folder()) / route

    def path(self, file_name: str) -> Path:
        """Where a report of this file name lies.

        :raises ValueError: the name is none of a report's.
        """
        stem, dot, suffix = file_name.rpartition(".")
        if f"{dot}{suffix}" not in SUFFIXES or not (_DAYS.fullmatch(stem) or _CUSTOMERS.fullmatch(stem)):
            raise ValueError(f"{file_name!r} is not a report's name")
        return self.folder / file_name

    def names(self) -> list[str]:
        """The days of all reports, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((path.stem for path in self.folder.glob("*.html") if _DAYS.fullmatch(path.stem)), reverse=True)

    def has_customers(self) -> bool:
        """Whether there is a page about customers, dry or not."""
        return any(self.path(f"{name}.html").is_file() for name in CUSTOMER_REPORTS)

    def days_without(self, before: dt.date, *, at_most: int) -> list[dt.date]:
        """The days between the last one with a report and this one; none where no report is older than this day.

        :param at_most: how many days to look back.
        """
        reported = [days for name in self.names() if (days := _days_named(name)) is not None and days[0] < before]
        if not reported:
            return []
        one = dt.timedelta(days=1)
        first = max(min(max(last for _, last in reported), before - one) + one, before - at_most * one)
        return [first + number * one for number in range((before - first).days)]

    def read(self, file_name: str) -> bytes | None:
        """A report; `None` when there is none.

        :raises ConfigurationError: the folder cannot be read.
        """
        try:
            return self.path(file_name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(self.folder, error) from error

    def write(self, file_name: str, content: bytes) -> Path:
        """Put a report into its place, whole or not at all; one of the same days is replaced.

        :raises ConfigurationError: the folder cannot be written.
        """
        path = self.path(file_name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
        except OSError as error:
            raise _unusable(self.folder, error) from error
        return path


def _days_named(name: str) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a report by its name; nothing for a dry run, or where a day is none."""
    first, _, last = name.partition("_")
    try:
        return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError:
        return None


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # The API server that shows it may run as another user than the worker that wrote it.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _unusable(folder: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The reports folder {folder} cannot be used: {error.strerror or error}; {FOLDER_VARIABLE} names another one"
    )
