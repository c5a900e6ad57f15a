"""Who sees which case, and how it is dressed for reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from anlan.access import CITY_WIDE, Caller
from anlan.access.desk import Desk
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import joint, views
from anlan.respond.pack import Pack
from anlan.respond.records import get_task

FIELD_ROLES = ("resident", "firm", "volunteer", "partner")


class Command(BaseModel):
    """What goes with a command: reason, text, photos, assignee, owner, into…"""

    model_config = ConfigDict(extra="allow")


def names_of(desk: Desk) -> Mapping[str, str]:
    return {account.id: account.name for account in desk.city.accounts.values()}


def dressed(desk: Desk, view: dict[str, Any]) -> dict[str, Any]:
    """``view`` with the names that people read: territory, town, place, persons."""
    unit = desk.city.territory.unit(view["territory"])
    names = names_of(desk)
    place = desk.city.places.get(view.get("place") or "")
    view["territory_name"] = unit.name
    view["town_name"] = next(
        (u.name for u in [unit, *desk.city.territory.ancestors(unit.code)] if u.level == "town"), ""
    )
    view["place_name"] = place.name if place else None
    for key in ("assignee", "owner", "reporter"):
        if view.get(key):
            view[f"{key}_name"] = names.get(view[key], view[key])
    return view


def within(desk: Desk, caller: Caller) -> list[str] | None:
    """Codes of the caller's part of the city; None for the whole of it."""
    if caller.role in CITY_WIDE:
        return None
    known = desk.city.territory
    return [u.code for u in known.units() if known.is_within(u.code, caller.territory)]


def may_see_case(desk: Desk, caller: Caller, conn: Connection, view: Mapping[str, Any]) -> bool:
    if view["reporter"] == caller.id or view["owner"] == caller.id:
        return True
    if any(task["assignee"] == caller.id for task in view["tasks"]):
        return True
    if caller.role == joint.PARTNER:
        return joint.takes_part(conn, view["id"], caller.territory)
    return caller.role not in FIELD_ROLES and caller.sees(desk.city, view["territory"])


def no_such(what: str, name: str) -> Refusal:
    """One answer for what is foreign and for what does not exist: neither is told apart."""
    return Refusal(
        f"there is no {what} {name} in your part of the city",
        field=what,
        value=name,
        remedy=f"a {what} of /api/v1/{what}s",
        kind="not_found",
    )


def seen_case(desk: Desk, caller: Caller, conn: Connection, case_id: str) -> dict[str, Any]:
    """The case with tasks and history; `Refusal` (not_found) unless the caller may see it."""
    try:
        view = views.case(conn, case_id)
    except Refusal as refusal:
        raise no_such("case", case_id) from refusal
    if not may_see_case(desk, caller, conn, view):
        raise no_such("case", case_id)
    return view


def seen_territory(desk: Desk, caller: Caller, code: str) -> None:
    """Raise `Refusal` (not_found) for a place outside the caller's part of the city."""
    if not caller.sees(desk.city, code):
        raise Refusal(
            f"territory {code} is not in your part of the city",
            field="territory",
            value=code,
            remedy="a place in your own part of the city",
            kind="not_found",
        )


def vault_for(desk: Desk, pack: Pack, form: object) -> Vault | None:
    """What seals personal answers, where a form may hold some."""
    asked = {field.key for field in pack.field if field.personal}
    given = form if isinstance(form, Mapping) else {}
    return Vault.of(desk.store) if asked & set(given) else None


def require_task(desk: Desk, caller: Caller, conn: Connection, task_id: str) -> None:
    """Raise `Refusal` (not_found) unless the task is the caller's, on offer to it, or to be seen.

    On offer: nobody has it yet, it asks for the caller's role, in the caller's part of the city.
    """
    try:
        task = get_task(conn, task_id)
        offered = task.state == "offered" and task.role == caller.role
        if task.assignee == caller.id or (offered and caller.sees(desk.city, task.territory)):
            return
        seen_case(desk, caller, conn, task.case_id)
    except Refusal as refusal:
        raise no_such("task", task_id) from refusal


def with_buttons(act: Act, desk: Desk, tasks: list[dict[str, Any]]) -> None:
    """Put the commands that the actor may give beside each task."""
    allowed = views.buttons_of_tasks(act, desk.city, [task["id"] for task in tasks])
    for task in tasks:
        task["allowed"] = allowed.get(task["id"], [])
