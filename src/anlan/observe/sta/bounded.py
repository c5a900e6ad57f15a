"""A bound on how long one request may take, in the database and beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from anlan.refusal import Refusal

SECONDS = 5.0
STEPS = 20_000  # of SQLite's machine between two looks at the watch


class Watch:
    """Tells when a request has taken its time, counted from when the watch was made."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self._end

    def __call__(self) -> None:
        """Raise `Refusal` when the time is up."""
        if self.over:
            raise too_long()


def too_long() -> Refusal:
    """The answer to a question about too much."""
    return Refusal(
        f"this question takes longer than {SECONDS:g} s; ask one Datastream for its Observations, "
        "or bound phenomenonTime",
        field="$filter",
        remedy="a question about less",
    )


@contextmanager
def bounded(conn: Connection) -> Iterator[None]:
    """Queries within: `Refusal` when they take longer than `SECONDS`, or cannot be worked out.

    However a question from outside is put, it costs no more than this.
    """
    sqlite = conn.dialect.name == "sqlite"
    driver = conn.connection.driver_connection
    assert driver is not None
    if sqlite:
        watch = Watch()
        driver.set_progress_handler(lambda: watch.over, STEPS)
    else:
        conn.exec_driver_sql(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}")
    try:
        yield
    except DBAPIError as problem:
        said = str(problem.orig).lower()
        if "interrupted" in said or "statement timeout" in said:
            raise too_long() from problem
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
