"""A request sent twice is done once: its answer is kept under the sender's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from sqlalchemy import Connection

from anlan.access.desk import Desk
from anlan.access.rights import Caller
from anlan.journal import Act
from anlan.store import get_meta, ids, set_meta


def request_key(
    request: Request,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str | None:
    """The sender's key together with what is asked; None without a key.

    A key that a client uses again for another deed must not bring back the first one's answer.
    """
    return f"{request.method} {request.url.path} {key}" if key else None


Key = Annotated[str | None, Depends(request_key)]
"""The ``Idempotency-Key`` header of a route, told apart by method and path."""


def once(
    desk: Desk,
    caller: Caller,
    key: str | None,
    do: Callable[[Act], dict[str, Any]],
    *,
    what: str = "",
) -> dict[str, Any]:
    """The answer of ``do``, carried out at most once for this caller, key and ``what``.

    Args:
        key: as from `Key`, which tells routes and subjects apart; None: never repeated.
        what: the deed, for a key that does not tell it.

    The answer is kept in the transaction of the deed, so a lost line can be tried again.
    """
    name = repeat_name(caller, key, what)
    with desk.act(caller) as act:
        if name is not None:
            kept = answer_of(act.tx, name)
            if kept is not None:
                return kept
        result = do(act)
        if name is not None:
            keep_answer(act.tx, name, result)
        return result


def repeat_name(caller: Caller, key: str | None, what: str = "") -> str | None:
    """Under which name the answer to a caller's key and deed is kept; None without a key."""
    return "repeat:" + ids.digest([caller.id, key, what]) if key else None


def answer_of(tx: Connection, name: str) -> dict[str, Any] | None:
    """The answer that was given under a name, None before the first."""
    kept = get_meta(tx, name)
    return None if kept is None else dict(kept)


def keep_answer(tx: Connection, name: str, answer: Mapping[str, Any]) -> None:
    """Keep an answer under a name, in the transaction of its deed."""
    set_meta(tx, name, answer)
