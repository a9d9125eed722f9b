"""What the image `postgres` does at its start: it makes the database the first time, then serves.

Meanwhile a server runs that only its socket reaches, as in the image. Knows the standard library alone.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path("/var/lib/postgresql/data")
SOCKETS = Path("/var/run/postgresql")


def main(arguments: list[str]) -> None:
    """Serve, or run another command that was asked for."""
    if arguments[0] != "postgres":
        os.execvp(arguments[0], arguments)
    account = pwd.getpwnam(os.environ["SERVER_ACCOUNT"])
    for folder in (DATA, SOCKETS):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, account.pw_uid, account.pw_gid)
    DATA.chmod(0o700)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    where = ["-c", f"unix_socket_directories={SOCKETS},/tmp"]
    if not (DATA / "PG_VERSION").exists():
        _make(where)
    os.execvp("postgres", [*arguments, "-D", str(DATA), "-c", "listen_addresses=*", *where])


def _make(where: list[str]) -> None:
    user, database = os.environ["POSTGRES_USER"], os.environ["POSTGRES_DB"]
    with tempfile.NamedTemporaryFile("w") as password:
        password.write(os.environ["POSTGRES_PASSWORD"])
        password.flush()
        _run("initdb", "-D", str(DATA), "-U", user, f"--pwfile={password.name}", "--auth-local=trust",
             "--auth-host=scram-sha-256", "--encoding=UTF8", "--no-sync")  # fmt: skip
    with (DATA / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")
    options = " ".join(["-c", "listen_addresses=''", *where])
    _run("pg_ctl", "-D", str(DATA), "-w", "-o", options, "start")
    _run("createdb", "-h", str(SOCKETS), "-U", user, database)
    _run("pg_ctl", "-D", str(DATA), "-w", "-m", "fast", "stop")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
