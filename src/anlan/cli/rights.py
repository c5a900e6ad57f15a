"""anlan rights: who may do what, as a page written from the tables that decide it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer

from anlan.access.policy import ROWS, Row
from anlan.access.rights import CITY_WIDE, EXERCISE_RIGHTS, ROLES, Right, needs_second_factor
from anlan.respond.case import CASE
from anlan.respond.machine import Machine
from anlan.respond.task import TASK

MARK = "<!-- written by: anlan rights --write docs/rights.md -->\n"
REACH = {
    "public": "strangers too",
    "token": "the secret in the address",
    "city": "the whole city",
    "territory": "own part of the city",
    "own": "own things",
}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines] + [""]


def cell(role: str, row: Row) -> str:
    """What a role gets of a route: ``●`` all of it, ``◐`` its own part, nothing."""
    if row.open:
        return "●" if row.reach == "public" else "·"
    if not row.signed_in and ROLES[role].isdisjoint(row.rights):
        return ""
    whole = row.reach == "city" or (row.reach == "territory" and role in CITY_WIDE)
    return "●" if whole else "◐"


def _asked(row: Row) -> str:
    if row.unfinished:
        return "any session"
    if row.signed_in:
        return "any account"
    return " or ".join(sorted(row.rights)) or "–"


def _methods() -> list[tuple[str, Row]]:
    """Rows that differ in nothing but the method are one line."""
    lines: dict[tuple[object, ...], tuple[list[str], Row]] = {}
    for row in ROWS:
        same = (row.path, row.rights, row.reach, row.signed_in, row.unfinished)
        lines.setdefault(same, ([], row))[0].append(row.method)
    return [(" ".join(methods), row) for methods, row in lines.values()]


def _moves(machine: Machine) -> list[str]:
    rows = [
        (
            f"`{move.command}`",
            ", ".join(sorted(move.by)),
            ", ".join(move.needs) or "–",
            "another person than who did it" if move.another else "–",
        )
        for move in machine.moves
    ]
    head = (f"command on a {machine.name}", "by", "with", "besides")
    return _table(head, list(dict.fromkeys(rows)))


def page() -> str:
    """The matrix as Markdown."""
    roles = [role for role in ROLES if role != "station"]
    lines = ["### Roles and their rights", ""]
    lines += _table(
        ("right", *(role.replace("_", " ") for role in ROLES)),
        [
            (
                right,
                *(
                    "●"
                    if right in has
                    else ("演" if right in EXERCISE_RIGHTS.get(role, ()) else "")
                    for role, has in ROLES.items()
                ),
            )
            for right in get_args(Right)
        ],
    )
    must = ", ".join(role for role in roles if needs_second_factor(role))
    wide = ", ".join(role for role in roles if role in CITY_WIDE)
    lines += [
        "演: in replays and drills only.",
        "",
        f"A second factor when the clock is real: {must}. The whole city: {wide}; all others see "
        "the territory of their account.",
        "",
        "### Routes",
        "",
        "● all of it, ◐ the own part of the city or the own things, · by the secret alone. Foreign "
        "ids answer 404.",
        "",
    ]
    lines += _table(
        ("method", "route", "right", "reach", *(role.replace("_", " ") for role in roles)),
        [
            (
                method,
                f"`{row.path}`",
                _asked(row),
                REACH[row.reach],
                *(cell(role, row) for role in roles),
            )
            for method, row in _methods()
        ],
    )
    lines += ["### Commands inside a case 事项内的操作", ""]
    lines += [
        "Whoever may see a case finds in `allowed` what they may do with it now; these tables "
        "decide.",
        "",
        *_moves(CASE),
        *_moves(TASK),
    ]
    return "\n".join(lines)


def rights(
    write: Annotated[
        Path | None, typer.Option(help="replace what stands after the mark in this page")
    ] = None,
) -> None:
    """Print who may do what: roles, routes, commands (Markdown)."""
    if write is None:
        typer.echo(page())
        return
    head = write.read_text(encoding="utf-8").partition(MARK)[0]
    write.write_text(head + MARK + "\n" + page(), encoding="utf-8")
