"""The store: a data folder and its database, on either engine."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, TextIO

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Executable, bindparam, select

from anlan.refusal import Refusal
from anlan.store import news, schema
from anlan.store.inserting import insert
from anlan.store.postgresql import VARIABLE, Postgresql
from anlan.store.sqlite import Sqlite

MIGRATIONS = Path(__file__).parent / "migrations"
KIND = "store.kind"
# built once: the journal's head is kept with every entry
_KEPT = select(schema.meta.c.value).where(schema.meta.c.key == bindparam("name"))


@cache
def _keeping(dialect: str) -> Executable:
    new = insert(dialect, schema.meta)
    return new.on_conflict_do_update(index_elements=["key"], set_={"value": new.excluded.value})


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def _newest() -> str | None:
    """The last revision; a running program does not get new ones."""
    return ScriptDirectory.from_config(_migrations()).get_current_head()


class Store:
    """One data folder (``runs/``, ``outbox/``) and one database: records, readings, journal.

    The database is PostgreSQL at ``url``, by default at that of the variable
    ANLAN_DATABASE_URL; without either it is SQLite, ``anlan.db`` in the folder. Opening a store
    creates the folder and brings its tables up to date. A ``private`` store is SQLite in its folder
    whatever the variable says: what is tried out must not reach the records of a desk.

    Raises `Refusal` when the folder cannot be written or the database cannot be reached.
    """

    def __init__(
        self, data_dir: Path | str, url: str | None = None, *, private: bool = False
    ) -> None:
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
        self._listeners: list[news.Listener] = []
        self._writer = threading.RLock()
        self._held: TextIO | None = None
        url = None if private else url or os.environ.get(VARIABLE)
        self.database = Postgresql(url) if url else Sqlite(self.data_dir)
        self.engine = self.database.engine
        self._migrate()

    def _migrate(self) -> None:
        with self.read() as conn:
            if MigrationContext.configure(conn).get_current_revision() == _newest():
                return
        config = _migrations()
        with self.transaction() as tx:
            config.attributes["connection"] = tx
            command.upgrade(config, "head")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One writer at a time; everything inside happens, or nothing does."""
        keys: list[news.Key] = []
        with self._writer, self.database.writing() as connection:
            news.forget(connection)  # of a transaction that did not come to its end
            yield connection
            keys = news.taken(connection)
        if keys:
            news.tell(tuple(self._listeners), keys)

    def on_readings(self, listener: news.Listener) -> None:
        """Have ``listener`` told, in the thread that committed, which readings are new; see `news`.

        It must not take long: it holds up the sender of the readings.
        """
        self._listeners.append(listener)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view that never waits for the writer."""
        with self.database.reading() as connection:
            yield connection

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
        try:
            self.database.hold()
        except BaseException:
            held.close()
            raise
        self._held = held

    def dedicate(self, tx: Connection, kind: Literal["live", "replay", "drill"]) -> None:
        """Keep this store for one kind of use for good: what is real and what is not never mix.

        Raises `Refusal` when it was used for the other kind.
        """
        known = get_meta(tx, KIND)
        if known not in (None, kind):
            other = "--data-dir" if isinstance(self.database, Sqlite) else f"--data-dir, {VARIABLE}"
            raise Refusal(
                f"data folder {self.data_dir} ({self.database.words}) holds a {known} desk, "
                f"not a {kind} one; give another {other}",
                field="data-dir",
                value=self.data_dir,
                remedy=f"another {other}",
                kind="conflict",
            )
        set_meta(tx, KIND, kind)

    def put_aside(self, folder: Path) -> None:
        """Copy every table to where ``folder`` says; the folder must exist."""
        self.database.put_aside(folder)

    def close(self) -> None:
        """Let go of the database and of the folder."""
        self.database.close()
        if self._held is not None:
            self._held.close()
            self._held = None


def get_meta(conn: Connection, key: str) -> Any:
    """The value kept under ``key``, or None."""
    return conn.execute(_KEPT, {"name": key}).scalar_one_or_none()


def get_metas(conn: Connection, keys: Collection[str]) -> dict[str, Any]:
    """The values kept under ``keys``; those under which nothing is kept are left out."""
    if not keys:
        return {}
    m = schema.meta.c
    found = conn.execute(select(m.key, m.value).where(m.key.in_(sorted(keys)))).all()
    return {key: value for key, value in found if value is not None}


def set_metas(tx: Connection, values: Mapping[str, object]) -> None:
    """Keep JSON values under their keys."""
    if values:
        rows = [{"key": key, "value": value} for key, value in values.items()]
        tx.execute(_keeping(tx.dialect.name), rows)


def set_meta(tx: Connection, key: str, value: object) -> None:
    """Keep a JSON value under ``key``."""
    tx.execute(_keeping(tx.dialect.name), {"key": key, "value": value})
