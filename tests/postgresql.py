"""A PostgreSQL server of the tests' own: started once, a fresh database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from anlan.store import Store

OWNERS = ("postgres", "nobody")
# a test's database need not outlive the machine
SPEED = ("fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=32MB")


def programs() -> Path | None:
    """The folder of the server's programs, or None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).resolve().parent if beside else None


class Server:
    """A cluster in a folder of its own, reached by a socket there and by nothing else."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # short, for a socket's path has a bound; outside pytest's folders, which are root's alone
        self._folder = Path(tempfile.mkdtemp(prefix="anlan-pg-", dir=_fast()))
        self._as: tuple[str, ...] = ()
        if os.geteuid() == 0:  # the server refuses to run as root
            owner = next(name for name in OWNERS if _exists(name))
            shutil.chown(self._folder, owner)
            self._as = ("runuser", "-u", owner, "--")
        self._made = 0
        self._run(
            *("initdb", "--pgdata", str(self._folder / "data"), "--username", "anlan"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "trust", "--no-sync"),
        )
        self.start()
        template = self._url("template_anlan")
        self._tell("CREATE DATABASE template_anlan")
        with tempfile.TemporaryDirectory() as folder:
            Store(folder, template).close()

    def _run(self, program: str, *given: str) -> None:
        subprocess.run(
            [*self._as, str(self._programs / program), *given],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def _control(self, *given: str) -> None:
        log = str(self._folder / "log")
        self._run("pg_ctl", "--pgdata", str(self._folder / "data"), "--log", log, "--wait", *given)

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = " ".join(f"-c {each}" for each in SPEED)
        where = f"-c listen_addresses= -c unix_socket_directories={self._folder}"
        self._control("start", "--options", f"{where} {settings}")

    def stop(self) -> None:
        """Stop at once, as a server does that crashes: connections break, nothing is tidied up."""
        self._control("stop", "--mode", "immediate")

    def _url(self, name: str) -> str:
        return f"postgresql://anlan@/{name}?host={self._folder}"

    def _tell(self, order: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(order.encode())

    def fresh(self) -> str:
        """The address of a new database with empty tables."""
        self._made += 1
        self._tell(f"CREATE DATABASE test_{self._made} TEMPLATE template_anlan")
        return self._url(f"test_{self._made}")

    def empty(self, encoding: str = "UTF8") -> str:
        """The address of a new database without tables."""
        self._made += 1
        made = f"CREATE DATABASE bare_{self._made} TEMPLATE template0 LOCALE 'C'"
        self._tell(f"{made} ENCODING '{encoding}'")
        return self._url(f"bare_{self._made}")

    def drop(self, url: str) -> None:
        """Delete a database that `fresh` made, whoever is still connected to it."""
        self._tell(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def remove(self) -> None:
        """Stop and delete everything."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _fast() -> str | None:
    """A folder in memory, where there is room for some databases."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > 2e9 else None


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
