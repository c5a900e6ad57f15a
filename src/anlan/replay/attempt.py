"""Acts that may be refused: a replayed person takes no for an answer, and the replay goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from anlan.refusal import Refusal
from anlan.store import savepoint

log = logging.getLogger(__name__)


@contextmanager
def attempt(tx: Connection, who: str, subject: str) -> Iterator[None]:
    """One act of ``who`` on ``subject``; where it is refused, what it wrote is undone.

    The block ends at the refusal: what follows from the act having been done belongs inside it.
    A person at the desk who is refused something reads why and does something else; nobody
    else's work waits for it.
    """
    try:
        with savepoint(tx):
            yield
    except Refusal as refusal:
        log.warning("%s was refused on %s: %s", who, subject, refusal.message)
