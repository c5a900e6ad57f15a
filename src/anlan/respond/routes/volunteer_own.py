"""HTTP for a volunteer's own phone: registration, offers, one-tap answers, check-in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from anlan.access.desk import Desk, DeskHere, PhoneUser
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers import (
    calling,
    feedback,
    learning,
    outside,
    privacy,
    register,
    skills,
    views,
    work,
)
from anlan.respond.volunteers.records import active, mine, no_such

router = APIRouter(tags=["volunteers"])


class Doing(BaseModel):
    """One command of a volunteer: ``do``, and what goes with it.

    ``apply`` name, phone, territory, consent, skills, times, language · ``skill`` skill,
    learned_at, proof · ``drop_skill`` skill · ``times`` times · ``away`` until · ``leave`` ·
    ``claim``, ``withdraw`` work · ``yes``, ``no`` call · ``check_in``, ``check_out`` work, age_s ·
    ``extend`` work, minutes · ``rate`` work, stars, text · ``read``, ``understood`` item
    """

    model_config = ConfigDict(extra="allow")

    do: str


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    return value if isinstance(value, str) else ""


def _number(given: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(f"{key} is no number", field=key, value=str(value)[:40], remedy="a number")
    return value


def _whole(given: Mapping[str, Any], key: str) -> int:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(
            f"{key} is no whole number", field=key, value=str(value)[:40], remedy="a whole number"
        )
    return value


def _apply(act: Act, desk: Desk, given: Mapping[str, Any]) -> object:
    return {"id": register.apply(act, desk.city, Vault.of(desk.store), given)}


def _own(act: Act) -> str:
    """The volunteer that the actor is, decided on or not."""
    row = mine(act.tx, act.actor)
    if row is None:
        raise no_such("registration", "of yours")
    return str(row.id)


def _active(act: Act) -> str:
    return str(active(act.tx, act.actor).id)


COMMANDS: Mapping[str, Callable[[Act, Desk, Mapping[str, Any]], object]] = {
    "apply": _apply,
    "skill": lambda act, desk, g: skills.add_skill(act, desk.city, _own(act), g),
    "drop_skill": lambda act, desk, g: skills.drop_skill(act, _own(act), _text(g, "skill")),
    "times": lambda act, desk, g: skills.set_times(act, _own(act), g.get("times")),
    "away": lambda act, desk, g: skills.set_away(act, _own(act), g.get("until")),
    "leave": lambda act, desk, g: privacy.leave(act, _own(act)),
    "claim": lambda act, desk, g: work.claim(act, desk.city, _text(g, "work"), _active(act)),
    "withdraw": lambda act, desk, g: work.withdraw(act, desk.city, _text(g, "work"), _active(act)),
    "yes": lambda act, desk, g: calling.answer(
        act, desk.city, _text(g, "call"), _active(act), "yes"
    ),
    "no": lambda act, desk, g: calling.answer(act, desk.city, _text(g, "call"), _active(act), "no"),
    "check_in": lambda act, desk, g: outside.check_in(
        act, desk.city, _text(g, "work"), _active(act), _number(g, "age_s", 0)
    ),
    "check_out": lambda act, desk, g: outside.check_out(
        act, desk.city, _text(g, "work"), _active(act), _number(g, "age_s", 0)
    ),
    "extend": lambda act, desk, g: outside.extend(
        act, desk.city, _text(g, "work"), _active(act), _whole(g, "minutes")
    ),
    "rate": lambda act, desk, g: feedback.rate(
        act, _text(g, "work"), _active(act), _whole(g, "stars"), _text(g, "text"), of_work=True
    ),
    "read": lambda act, desk, g: learning.mark(act, desk.city, _text(g, "item"), understood=False),
    "understood": lambda act, desk, g: learning.mark(
        act, desk.city, _text(g, "item"), understood=True
    ),
}


@router.get("/me/volunteer")
def my_volunteering(desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """My registration, skills, times, calls, offers, claims, hours and learning items."""
    with desk.store.read() as conn:
        return views.own(conn, desk.city, caller.id, desk.clock.now())


@router.post("/me/volunteer")
def volunteer_does(
    given: Doing, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, Any]:
    """Do one thing as a volunteer; who may do what is decided by the thing itself."""
    command = COMMANDS.get(given.do)
    if command is None:
        raise Refusal(
            f"'{given.do[:40]}' is none of {', '.join(COMMANDS)}",
            field="do",
            value=given.do[:40],
            remedy=", ".join(COMMANDS),
        )

    def do(act: Act) -> dict[str, Any]:
        result = command(act, desk, given.model_extra or {})
        return {"result": result.isoformat() if hasattr(result, "isoformat") else result}

    return once(desk, caller, key, do)
