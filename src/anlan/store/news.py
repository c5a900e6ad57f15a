"""What a transaction has stored, for those in this process who wait for it: told after the commit.

Nobody may rely on it alone. Another process may share the database, and a process may end
between its commit and the telling: whoever listens looks for itself as well, only less often.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

Key = tuple[str, datetime]
Listener = Callable[[Sequence[Key]], None]
_NEW = "new readings"
log = logging.getLogger(__name__)


def note(tx: Connection, keys: Iterable[Key]) -> None:
    """These readings (series, valid time) are new, or have a new version, once ``tx`` commits."""
    tx.info.setdefault(_NEW, []).extend(keys)


def noted(tx: Connection) -> int:
    """How many were noted so far."""
    return len(tx.info.get(_NEW, ()))


def forget(tx: Connection, but: int = 0) -> None:
    """Forget all but the first ``but``: what followed was undone."""
    if _NEW in tx.info:
        del tx.info[_NEW][but:]


def taken(tx: Connection) -> list[Key]:
    """All that was noted, and forget it."""
    found: list[Key] = tx.info.pop(_NEW, [])
    return found


def tell(listeners: Iterable[Listener], keys: Sequence[Key]) -> None:
    """Tell all; one that fails keeps it from no other, nor from who committed."""
    for listener in listeners:
        try:
            listener(keys)
        except Exception:
            log.exception("a listener for new readings failed")
