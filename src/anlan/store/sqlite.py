"""SQLite in WAL mode: one file, no server, every commit on disk before it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event

from anlan.store.savepoint import UNDONE

FILE = "anlan.db"


class Sqlite:
    """The database in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.words = f"SQLite, {folder / FILE}"
        self.engine = create_engine(
            f"sqlite:///{folder / FILE}",
            connect_args={"timeout": 30, "check_same_thread": False},
        )
        event.listen(self.engine, "connect", _configure)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writer at a time; everything inside happens, or nothing does."""
        with self.engine.connect() as connection:
            # take the write lock at once: reading first and upgrading later can deadlock
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                if connection.info.pop(UNDONE, False):
                    raise OSError("the transaction was undone by the database; is its disk full?")
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                connection.info.pop(UNDONE, None)
                # where the disk is full or fails, SQLite has rolled back by itself
                if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                    connection.exec_driver_sql("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view that never waits for the writer."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def hold(self) -> None:
        """Nothing beyond the lock on the folder, in which the database lies."""

    def put_aside(self, folder: Path) -> None:
        """Copy every table into a database file in ``folder``."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(folder / FILE),))

    def weak(self) -> str | None:
        """Why a commit might not survive a power cut, or None."""
        return None

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _configure(connection: Any, _record: object) -> None:
    # None: SQLAlchemy and sqlite3 leave BEGIN to us, see Sqlite.writing
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()
