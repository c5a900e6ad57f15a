"""Silences set at the desk: rules that an officer holds back for a while, beside those of the file.

Red is never silenced from the desk, and no silence lasts longer than `LONGEST`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.store import get_meta, ids, set_meta
from anlan.warn.colour import Colour
from anlan.warn.rule import Silence
from anlan.warn.rules import load_rules

KEPT = "warn.silences"
LONGEST = timedelta(hours=72)
MOST = 50
COLOURS = {each.word: each for each in (Colour.BLUE, Colour.YELLOW, Colour.ORANGE)}


def standing(conn: Connection, now: datetime) -> list[dict[str, Any]]:
    """Silences of the desk that hold at ``now``, newest first; times ISO 8601, UTC."""
    kept: list[dict[str, Any]] = get_meta(conn, KEPT) or []
    return [each for each in kept if datetime.fromisoformat(each["until"]) > now]


def of_desk(conn: Connection, now: datetime) -> tuple[Silence, ...]:
    """The same as the rules take them."""
    return tuple(
        Silence(
            datetime.fromisoformat(each["from"]),
            datetime.fromisoformat(each["until"]),
            COLOURS[each["up_to"]],
            each["id"],
            tuple(each["rules"]),
            tuple(each["areas"]),
        )
        for each in standing(conn, now)
    )


def silence(
    act: Act,
    city: City,
    *,
    hours: float,
    up_to: str,
    reason: str,
    rules: Sequence[str] = (),
    areas: Sequence[str] = (),
) -> str:
    """Hold back new and rising warnings up to a colour; returns the silence's id.

    Args:
        hours: from now, more than 0 and at most 72.
        up_to: blue, yellow or orange.
        reason: why; kept as a note, for everybody who asks why nothing was sent.
        rules: ids of rules; none: all of them.
        areas: territory codes; none: the whole city.

    Raises:
        Refusal: naming the field and the remedy.
    """
    known = [rule.id for rule in load_rules(city).rules]
    if up_to not in COLOURS:
        raise _refused("up_to", up_to, "blue, yellow or orange; red is never silenced here")
    if not 0 < hours <= LONGEST.total_seconds() / 3600:
        raise _refused("hours", hours, "more than 0 and at most 72")
    if not reason.strip():
        raise _refused("reason", reason, "a sentence that says why")
    for rule in rules:
        if rule not in known:
            raise _refused("rules", rule, ", ".join(known))
    for area in areas:
        city.territory.unit(area)
    held = standing(act.tx, act.now)
    if len(held) >= MOST:
        raise _refused("silences", len(held), f"lift some first: {MOST} are the most")
    name = ids.next_id(act.tx, "SI")
    new = {
        "id": name,
        "by": act.actor,
        "from": act.now.isoformat(),
        "until": (act.now + timedelta(hours=hours)).isoformat(),
        "up_to": up_to,
        "rules": list(dict.fromkeys(rules)),
        "areas": list(dict.fromkeys(areas)),
        "note": keep_note(act, "silence", reason.strip()),
    }
    set_meta(act.tx, KEPT, [new, *held])
    act.record("silence.set", name, content=new)
    return name


def lift(act: Act, name: str) -> None:
    """End a silence now. Raises `Refusal` ``not_found`` for one that does not hold."""
    held = standing(act.tx, act.now)
    left = [each for each in held if each["id"] != name]
    if len(left) == len(held):
        raise Refusal(
            f"silence '{name}' does not hold; the desk lists those that do",
            field="silence",
            value=name,
            remedy="a silence that holds",
            kind="not_found",
        )
    set_meta(act.tx, KEPT, left)
    act.record("silence.lifted", name)


def _refused(field: str, value: object, remedy: str) -> Refusal:
    return Refusal(f"{field} {value!r} cannot be used; give {remedy}", field=field, remedy=remedy)
