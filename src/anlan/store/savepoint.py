"""A part of a transaction that may fail without the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from anlan.store import news

UNDONE = "undone"  # mark of a connection whose transaction the database itself has undone


@contextmanager
def savepoint(tx: Connection) -> Iterator[None]:
    """Inside `Store.transaction`: what the block wrote is undone when it raises; it raises on.

    Savepoints nest; each undoes its own block alone.
    """
    # by hand, as the transaction of SQLite itself is: see Store.transaction
    tx.exec_driver_sql("SAVEPOINT part")
    before = news.noted(tx)
    try:
        yield
    except BaseException:
        news.forget(tx, before)
        try:
            tx.exec_driver_sql("ROLLBACK TO part")
            tx.exec_driver_sql("RELEASE part")
        except OperationalError:
            # on a full disk SQLite undoes the whole transaction: whoever goes on all the same
            # must not write outside of one, and what is written now must not be kept
            tx.info[UNDONE] = True
            tx.exec_driver_sql("BEGIN")
        raise
    tx.exec_driver_sql("RELEASE part")
