"""PostgreSQL by URL: the same tables, one writer at a time, every commit flushed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from anlan.refusal import Refusal
from anlan.store import schema

VARIABLE = "ANLAN_DATABASE_URL"
SHAPE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
# two advisory locks of the database: of the writer at work, and of the process that holds the desk
WRITER, HOLDER = 0x616E6C61, 0x616E6C62
# what a new connection is told: times in UTC, no endless waiting, no commit before it is flushed
SETTINGS = """
SELECT set_config('timezone', 'UTC', false), set_config('lock_timeout', '30s', false),
  CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
  THEN set_config('synchronous_commit', 'on', false) END
"""


def read_url(text: str) -> URL:
    """The address of a PostgreSQL database; `Refusal` for any other text, which is not repeated.

    The text may hold a password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in ("postgresql", "postgres") or not url.database:
        raise Refusal(
            f"{VARIABLE} is not the address of a PostgreSQL database; write it like {SHAPE}, "
            "or leave it unset for SQLite in the data folder",
            field=VARIABLE,
            remedy=SHAPE,
        )
    return url.set(drivername="postgresql+psycopg")


class Postgresql:
    """The database at ``url``, which must exist and be encoded in UTF-8."""

    def __init__(self, text: str) -> None:
        url = read_url(text)
        at = f"{url.host or 'local socket'}{f':{url.port}' if url.port else ''}/{url.database}"
        self.words = f"PostgreSQL, {at}"
        try:
            self.engine = create_engine(
                url,
                isolation_level="READ COMMITTED",
                # whether a conditional INSERT or UPDATE took effect is read from its row count
                execution_options={"preserve_rowcount": True},
                pool_pre_ping=True,
                pool_size=10,
                max_overflow=30,
                connect_args={
                    "connect_timeout": 10,
                    "application_name": "anlan",
                    "client_encoding": "utf8",
                },
            )
        except ModuleNotFoundError as problem:
            raise Refusal(
                "PostgreSQL needs the library psycopg, which is not installed; "
                "pip install 'anlan[postgres]'",
                field=VARIABLE,
                remedy="pip install 'anlan[postgres]'",
            ) from problem
        event.listen(self.engine, "connect", _configure)
        self._holding = False
        self._held: Connection | None = None
        self._check(at)

    def _check(self, at: str) -> None:
        try:
            encoding = self._show("server_encoding")
        except OperationalError as problem:
            said = re.sub(r"\s+", " ", str(problem.orig)).strip()
            raise Refusal(
                f"database {at} cannot be reached ({said}); start it, or correct {VARIABLE}",
                field=VARIABLE,
                value=at,
                remedy="a database that answers",
            ) from problem
        if encoding != "UTF8":
            self.close()
            raise Refusal(
                f"database {at} is encoded in {encoding}, which has no Chinese; make one with "
                "createdb --encoding UTF8 --template template0",
                field=VARIABLE,
                value=at,
                remedy="a database in UTF8",
            )

    def _show(self, name: str) -> str:
        with self.engine.connect() as connection:
            return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writer at a time, of all processes; everything inside happens, or nothing does."""
        connection = self._writer()
        try:
            yield connection
        except BaseException:
            self._end(connection, keep=False)
            raise
        self._end(connection, keep=True)

    def _writer(self) -> Connection:
        """A connection in a transaction that has the writer's lock.

        The lock is taken before anything is read, and each statement sees what was committed
        before it (READ COMMITTED): as if all writers had come one after the other.
        """
        connection = self._held or (self._take_hold() if self._holding else self.engine.connect())
        try:
            connection.execute(select(func.pg_advisory_xact_lock(WRITER)))
        except DBAPIError as problem:
            lost = self._held is not None and problem.connection_invalidated
            self._end(connection, keep=False)
            if lost:  # the server was away: take hold of it again, unless somebody else has
                return self._writer()
            raise
        return connection

    def _end(self, connection: Connection, *, keep: bool) -> None:
        try:
            if keep:
                connection.commit()
            else:
                connection.rollback()
        finally:
            if connection is not self._held or connection.invalidated:
                self._held = None if connection is self._held else self._held
                connection.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view that never waits for the writer."""
        with self.engine.connect() as connection:
            yield connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def hold(self) -> None:
        """Be the only process that moves the chain of this database, whatever its data folder.

        The lock lives as long as the connection that writes: who lost the one lost the other.
        """
        self._held = self._take_hold()
        self._holding = True

    def _take_hold(self) -> Connection:
        connection = self.engine.connect()
        got = connection.execute(select(func.pg_try_advisory_lock(HOLDER))).scalar_one()
        connection.commit()
        if not got:
            connection.close()
            raise Refusal(
                f"{self.words} is in use by another anlan process; stop that one, or name "
                f"another database in {VARIABLE}",
                field=VARIABLE,
                value=self.words,
                remedy="another database",
                kind="conflict",
            )
        self._held = connection
        return connection

    def put_aside(self, folder: Path) -> None:
        """Copy every table into a schema ``archive_<name of the folder>`` of the database."""
        name = f"archive_{re.sub('[^a-z0-9]', '_', folder.name.lower())}"
        with self.writing() as tx:
            tx.exec_driver_sql(f"CREATE SCHEMA {name}")
            for table in schema.metadata.sorted_tables:
                tx.exec_driver_sql(f'CREATE TABLE {name}."{table.name}" AS TABLE "{table.name}"')

    def weak(self) -> str | None:
        """Why a commit might not survive a power cut, or None."""
        for name in ("fsync", "full_page_writes"):
            if self._show(name) != "on":
                return f"{name} is off in postgresql.conf: a power cut may lose what was confirmed"
        return None

    def close(self) -> None:
        """Let go of the server."""
        if self._held is not None:
            # said, because the server sees a closed connection only a moment later
            with suppress(DBAPIError):
                self._held.execute(select(func.pg_advisory_unlock(HOLDER)))
                self._held.commit()
            # not into the pool: the lock goes with the connection
            self._held.invalidate()
            self._held.close()
            self._held, self._holding = None, False
        self.engine.dispose()


def _configure(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS)
    connection.commit()
