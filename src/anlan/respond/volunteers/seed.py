"""The volunteers that a city brings along: ``volunteers.csv``, beside ``people.csv``.

Columns: ``id``, ``person`` (an id of people.csv whose row names an account), ``skills``
(``first_aid:2027-05-01 boat:`` — skill and end, an empty end: for good), ``times``
(``0-480-1080 5-0-1440``: weekday, from, to in minutes), ``asked``, ``yes``, ``promised``,
``came`` (answers known from before), ``synthetic``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from anlan.city import City, Fault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers import times as windows
from anlan.respond.volunteers.records import S, V, add_months
from anlan.respond.volunteers.register import OWN, erase_later
from anlan.respond.volunteers.rules import FILE as RULES
from anlan.respond.volunteers.rules import Rules, load
from anlan.store import insert

FILE = "volunteers.csv"
COLUMNS = (
    "id", "person", "skills", "times", "asked", "yes", "promised", "came", "synthetic",
)  # fmt: skip
COUNTS = ("asked", "yes", "promised", "came")


def seed_volunteers(act: Act, city: City) -> int:
    """Bring the file's volunteers into the store, approved; those there stay as they are."""
    path = city.folder / FILE
    if not path.is_file() or not (city.folder / RULES).is_file():
        return 0
    rules = load(city.folder)
    found, faults = read(path, rules, {each.id: each.account for each in city.people})
    if faults:
        raise Refusal(
            f"{faults[0]}; anlan city check lists all",
            field=faults[0].field,
            value=faults[0].value,
            remedy=faults[0].remedy,
        )
    homes = {each.id: each for each in city.people}
    known = set(act.tx.execute(select(V.c.id)).scalars())
    new = [one for one in found if one["id"] not in known]
    until = add_months(act.now, rules.data.keep_months)
    people, skills = [], []
    for one in new:
        person = homes[str(one["person"])]
        people.append(
            {
                "id": one["id"], "account": person.account, "person": person.id,
                "territory": person.territory, "state": "approved", "times": one["times"],
                "past": one["past"], "applied_at": act.now, "decided_at": act.now,
                "decided_by": "system", "away_until": None, "erase_at": until,
                "synthetic": one["synthetic"],
            }
        )  # fmt: skip
        proved = one["skills"]
        assert isinstance(proved, Mapping)
        skills += [
            {
                "volunteer": one["id"], "skill": name, "learned_at": act.now, "expires_at": end,
                "proof": None, "verified_by": "system", "verified_at": act.now,
            }
            for name, end in proved.items()
        ]  # fmt: skip
    if people:
        act.tx.execute(V.insert(), people)
    if skills:
        act.tx.execute(insert(act.tx, S).on_conflict_do_nothing(), skills)
    for one in new:
        erase_later(act, str(one["id"]), until)
    if new:
        act.record("volunteers.loaded", city.id, content=[one["id"] for one in new])
    return len(new)


def read(
    path: Path, rules: Rules, accounts: Mapping[str, str]
) -> tuple[list[dict[str, object]], list[Fault]]:
    """The rows of the file and its faults; ``accounts``: person id -> account."""
    rows: list[dict[str, object]] = []
    faults: list[Fault] = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        table = csv.DictReader(lines)
        if tuple(table.fieldnames or ()) != COLUMNS:
            head = ",".join(COLUMNS)
            return [], [Fault(FILE, 1, "", "", f"the first row is not {head}", head)]
        ids: set[str] = set()
        for number, row in enumerate(table, start=2):
            try:
                rows.append(_row(row, rules, accounts, ids))
            except (ValueError, Refusal) as problem:
                column, _, what = str(problem).partition("|")
                faults.append(Fault(FILE, number, column, str(row.get(column)), what, COLUMNS_SAY))
    return rows, faults


COLUMNS_SAY = "see the head of src/anlan/respond/volunteers/seed.py or docs/volunteers.md"


def _row(
    row: Mapping[str, str], rules: Rules, accounts: Mapping[str, str], ids: set[str]
) -> dict[str, object]:
    name = row["id"]
    if not name or name in ids or name.startswith(OWN):
        raise ValueError(f"id|is empty, stands twice, or begins with {OWN}")
    ids.add(name)
    if not accounts.get(row["person"]):
        raise ValueError("person|is not a person of people.csv with an account")
    skills: dict[str, datetime | None] = {}
    for part in row["skills"].split():
        skill, _, end = part.partition(":")
        if skill not in rules.skills:
            raise ValueError(f"skills|names '{skill}', which volunteers.toml does not know")
        try:
            skills[skill] = datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None
        except ValueError as problem:
            raise ValueError(f"skills|'{end}' is no date") from problem
    try:
        times = windows.windows(
            [[int(x) for x in part.split("-")] for part in row["times"].split()]
        )
        past = {column: int(row[column]) for column in COUNTS}
    except (ValueError, Refusal) as problem:
        raise ValueError("times|times or counts are not whole numbers in range") from problem
    fits = 0 <= past["yes"] <= past["asked"] and 0 <= past["came"] <= past["promised"]
    if not fits:
        raise ValueError("yes|more yeses than asked, or more came than promised")
    return {
        "id": name, "person": row["person"], "skills": skills, "times": times, "past": past,
        "synthetic": row["synthetic"] == "true",
    }  # fmt: skip
