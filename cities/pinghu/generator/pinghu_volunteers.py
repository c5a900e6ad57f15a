"""volunteers.csv of Pinghu: about 60 volunteers with accounts. Every one is invented.

Skills, ends of training, times and past answers are drawn; ends lie between 2020 and 2031, so that
in any of those years some trainings hold and some have run out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from making import chance, write_table
from pinghu_people import Register
from pinghu_territory import Village

# skill -> share of volunteers who have it, and whether its training ends
_SKILLS = {
    "first_aid": (0.45, True),
    "boat": (0.15, True),
    "water_rescue": (0.12, True),
    "driver": (0.4, True),
    "dialect": (0.6, False),
    "care": (0.3, True),
    "logistics": (0.55, False),
    "radio": (0.2, True),
}
_EVENINGS = " ".join(f"{day}-1080-1320" for day in range(5))
_WEEKENDS = "5-480-1320 6-480-1320"
_TIMES = (
    "",
    "",
    f"{_EVENINGS} {_WEEKENDS}",
    _WEEKENDS,
    " ".join(f"{d}-480-1080" for d in range(7)),
)


def make(units: Sequence[Village], register: Register) -> list[dict[str, object]]:
    """The leaders of the towns' teams, and one villager in about every third village."""
    rows: list[dict[str, object]] = []
    for person in register.people:
        if person["role"] == "volunteer" and person["account"]:
            rows.append(_row(len(rows) + 1, str(person["id"])))
    for unit in units:
        if chance("volunteer", unit.code) >= 0.38:
            continue
        number = len(rows) + 1
        account = register.account(
            f"vol-{number:03d}", "volunteer", unit.code, f"Volunteer {number:03d}"
        )
        person_id = register.person("volunteer", "grid", unit.code, unit.x, unit.y, account)
        rows.append(_row(number, person_id))
    return rows


def _row(number: int, person: str) -> dict[str, object]:
    skills = []
    for skill, (share, ends) in _SKILLS.items():
        if chance("has", person, skill) < share:
            year, month = 2020 + int(11 * chance("year", person, skill)), 1 + number % 12
            skills.append(f"{skill}:{year}-{month:02d}-01" if ends else f"{skill}:")
    asked = int(14 * chance("asked", person))
    yes = round(asked * (0.25 + 0.6 * chance("yes", person)))
    came = round(yes * (0.6 + 0.4 * chance("came", person)))
    return {
        "id": f"V{number:04d}", "person": person, "skills": " ".join(skills),
        "times": _TIMES[int(len(_TIMES) * chance("times", person))],
        "asked": asked, "yes": yes, "promised": yes, "came": came, "synthetic": True,
    }  # fmt: skip


def write(folder: Path, rows: Sequence[dict[str, object]]) -> None:
    """volunteers.csv."""
    write_table(
        folder / "volunteers.csv", "id,person,skills,times,asked,yes,promised,came,synthetic", rows
    )
