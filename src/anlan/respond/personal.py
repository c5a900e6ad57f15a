"""Personal answers of a form: sealed when kept, opened one by one, each time for a purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.records import get_case, tasks_of, who_for_case
from anlan.store import schema

_MAY = frozenset({"owner", "supervisor", "checker", "reporter"})


def open_answer(
    act: Act, city: City, case_id: str, key: str, purpose: str, vault: Vault
) -> str | dict[str, Any] | None:
    """A personal answer in clear; None once erased. The journal says who opened it, and a note why.

    Raises `Refusal`: forbidden for who has no part in the case, conflict for a key that is not
    a personal answer of it.
    """
    case = get_case(act.tx, case_id)
    doing = act.actor in {task.assignee for task in tasks_of(act.tx, case_id)}
    if not doing and not who_for_case(act, city, case).relations & _MAY:
        raise Refusal(
            f"{act.actor} has no part in case {case_id} and may not open its personal answers",
            field="actor",
            value=act.actor,
            remedy="ask who works on the case",
            kind="forbidden",
        )
    kept = case.data.get("form", {}).get(key)
    if not isinstance(kept, Mapping) or not _sealed(kept):
        raise Refusal(
            f"case {case_id} has no personal answer '{key[:40]}'",
            field="key",
            value=key[:40],
            remedy="a key whose answer is shown as sealed",
            kind="conflict",
        )
    content = {"key": key, "purpose_note": keep_note(act, "personal.purpose", purpose)}
    act.record("personal.opened", case_id, content=content)
    if "sealed" in kept:
        return _clear(act, str(kept["sealed"]), vault)
    return {one: _clear(act, str(each["sealed"]), vault) for one, each in kept.items()}


def _sealed(kept: Mapping[str, Any]) -> bool:
    return "sealed" in kept or any(
        isinstance(each, Mapping) and "sealed" in each for each in kept.values()
    )


def _clear(act: Act, digest: str, vault: Vault) -> str | None:
    N = schema.note
    body = act.tx.execute(select(N.c.body).where(N.c.digest == digest)).scalar()
    return None if body is None else vault.open(body)
