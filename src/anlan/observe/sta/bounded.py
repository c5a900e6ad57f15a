"""A bound on how long the database may work for one request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from anlan.refusal import Refusal

SECONDS = 5.0
STEPS = 20_000  # of SQLite's machine between two looks at the watch


@contextmanager
def bounded(conn: Connection) -> Iterator[None]:
    """Queries within: `Refusal` when they take longer than `SECONDS`, or cannot be worked out.

    However a question from outside is put, it costs no more than this.
    """
    sqlite = conn.dialect.name == "sqlite"
    driver = conn.connection.driver_connection
    assert driver is not None
    if sqlite:
        end = time.monotonic() + SECONDS
        driver.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    else:
        conn.exec_driver_sql(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}")
    try:
        yield
    except DBAPIError as problem:
        said = str(problem.orig).lower()
        if "interrupted" in said or "statement timeout" in said:
            raise Refusal(
                f"this question takes the database longer than {SECONDS:g} s; ask one Datastream "
                "for its Observations, or bound phenomenonTime",
                field="$filter",
                remedy="a question about less",
            ) from problem
        if "connection" in said or "lock" in said or "disk" in said:
            raise
        raise Refusal(
            "the database cannot work this condition out; compare numbers that are in range",
            field="$filter",
            remedy="a simpler condition",
        ) from problem
    finally:
        if sqlite:
            driver.set_progress_handler(None, 0)
