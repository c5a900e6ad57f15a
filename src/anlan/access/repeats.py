"""A request sent twice is done once: its answer is kept under the sender's key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anlan.access.desk import Desk
from anlan.access.rights import Caller
from anlan.journal import Act
from anlan.store import get_meta, ids, set_meta


def once(
    desk: Desk, caller: Caller, key: str | None, do: Callable[[Act], dict[str, Any]]
) -> dict[str, Any]:
    """The answer of ``do``, carried out at most once for this caller and key.

    The answer is kept in the transaction of the deed, so a lost line can be tried again.
    """
    name = "repeat:" + ids.digest([caller.id, key]) if key else None
    with desk.act(caller) as act:
        if name is not None:
            kept = get_meta(act.tx, name)
            if kept is not None:
                return dict(kept)
        result = do(act)
        if name is not None:
            set_meta(act.tx, name, result)
        return result
