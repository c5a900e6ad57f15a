"""The database engine: SQLite in WAL mode, every commit on disk before it is acknowledged."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event, select
from sqlalchemy.dialects import sqlite

from anlan.refusal import Refusal
from anlan.store import schema

MIGRATIONS = Path(__file__).parent / "migrations"
KIND = "store.kind"


class Store:
    """One data folder: ``anlan.db`` (records, readings, journal) beside ``runs/`` and ``outbox/``.

    Opening a store creates the folder and brings its tables up to date.
    Raises `Refusal` when the folder cannot be written.
    """

    def __init__(self, data_dir: Path | str) -> None:
        self.data_dir = Path(data_dir).resolve()
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            for name in ("runs", "outbox"):
                (self.data_dir / name).mkdir(exist_ok=True)
        except OSError as problem:
            raise Refusal(
                f"data folder {self.data_dir} cannot be written ({problem.strerror}); "
                "choose another with --data-dir or ANLAN_DATA_DIR",
                field="data-dir",
                value=self.data_dir,
                remedy="a folder that this account may write",
            ) from problem
        self._writer = threading.RLock()
        self._held: TextIO | None = None
        self.engine = create_engine(
            f"sqlite:///{self.data_dir / 'anlan.db'}",
            connect_args={"timeout": 30, "check_same_thread": False},
        )
        event.listen(self.engine, "connect", _configure)
        with self._writer:
            _migrate(self.engine.url.render_as_string(hide_password=False))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One writer at a time; everything inside happens, or nothing does."""
        with self._writer, self.engine.connect() as connection:
            # take the write lock at once: reading first and upgrading later can deadlock
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view that never waits for the writer."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def hold(self) -> None:
        """Be the only process that moves this store's chain, until closed or ended.

        Raises `Refusal` when another process does already: two of them would send twice.
        """
        path = self.data_dir / "lock"
        held = path.open("a")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            held.close()
            raise Refusal(
                f"data folder {self.data_dir} is in use by another anlan process; "
                "stop that one, or give another --data-dir",
                field="data-dir",
                value=self.data_dir,
                remedy="another --data-dir",
                kind="conflict",
            ) from problem
        self._held = held

    def dedicate(self, tx: Connection, kind: Literal["live", "replay"]) -> None:
        """Keep this store for one kind of use for good: what is real and what is not never mix.

        Raises `Refusal` when it was used for the other kind.
        """
        known = get_meta(tx, KIND)
        if known not in (None, kind):
            raise Refusal(
                f"data folder {self.data_dir} holds a {known} desk, not a {kind} one; "
                "give another --data-dir",
                field="data-dir",
                value=self.data_dir,
                remedy="another --data-dir",
                kind="conflict",
            )
        set_meta(tx, KIND, kind)

    def close(self) -> None:
        """Let go of the database file and of the folder."""
        self.engine.dispose()
        if self._held is not None:
            self._held.close()
            self._held = None


def _configure(connection: Any, _record: object) -> None:
    # None: SQLAlchemy and sqlite3 leave BEGIN to us, see Store.transaction
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _migrate(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def get_meta(conn: Connection, key: str) -> Any:
    """The value kept under ``key``, or None."""
    return conn.execute(
        select(schema.meta.c.value).where(schema.meta.c.key == key)
    ).scalar_one_or_none()


def set_meta(tx: Connection, key: str, value: object) -> None:
    """Keep a JSON value under ``key``."""
    tx.execute(
        sqlite.insert(schema.meta)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )
