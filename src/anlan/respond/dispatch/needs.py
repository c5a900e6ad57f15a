"""What a case needs: ``dispatch.toml`` of a city folder, read, checked and asked.

Shape of the file (an unknown key is a fault; without the file nothing is proposed)::

    [evacuation]   vehicle, probability, margin_min, boarding_min, kind, steps: see `Evacuation`
    [[need]]       id, title, title_en; kinds = kinds of case; places = kinds of hazard place
                   (left out: any); assets = kinds of team or equipment, the better first;
                   count = how many of them. The first need that fits a case is its need.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.city import Fault
from anlan.city.stores import EQUIPMENT_KINDS
from anlan.city.toml_file import read_toml
from anlan.city.works import TEAM_KINDS
from anlan.respond.roads.vehicle import VEHICLES

FILE = "dispatch.toml"
ASSETS = (*TEAM_KINDS, *EQUIPMENT_KINDS)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evacuation(_Row):
    """How people are moved.

    Attributes:
        vehicle: class of vehicle of `anlan.respond.roads.vehicle`.
        probability: of reaching the depth of attention, from which people are moved.
        margin_min: how long before the water they should have arrived.
        boarding_min: from the order to leaving.
        kind: of the cases that an accepted plan opens.
        steps: plan steps whose open case at a place takes the task instead of a new case.
    """

    vehicle: str = "bus"
    probability: float = Field(default=0.3, gt=0, le=1)
    margin_min: float = Field(default=30, ge=0, le=1440)
    boarding_min: float = Field(default=20, ge=0, le=1440)
    kind: str = "plan_step"
    steps: tuple[str, ...] = ()


class Need(_Row):
    """One sort of need."""

    id: str
    title: str
    title_en: str
    kinds: tuple[str, ...] = Field(min_length=1)
    places: tuple[str, ...] = ()
    assets: tuple[str, ...] = Field(min_length=1)
    count: int = Field(default=1, ge=1, le=20)


class Rules(_Row):
    """The whole file."""

    evacuation: Evacuation = Evacuation()
    need: tuple[Need, ...] = ()

    def of(self, kind: str, place_kind: str | None) -> Need | None:
        """The need of a case of this kind, at a place of this kind (None: at none)."""
        for need in self.need:
            if kind in need.kinds and (not need.places or place_kind in need.places):
                return need
        return None


def load(folder: Path) -> Rules:
    """The rules of a city folder; without the file no needs."""
    path = folder / FILE
    return _load(path, path.stat().st_mtime_ns) if path.is_file() else Rules()


@lru_cache(maxsize=8)
def _load(path: Path, changed_at: int) -> Rules:
    return Rules.model_validate(tomllib.loads(path.read_text("utf-8")))


def check(folder: Path, kinds: Sequence[str]) -> list[Fault]:
    """Every fault of the file, and of the vehicles named elsewhere; ``kinds`` of case known."""
    path = folder / FILE
    found = _unknown_vehicles(folder)
    if not path.is_file():
        return found
    try:
        rules = Rules.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as problem:
        return [*found, Fault(FILE, None, "", "", f"is not TOML: {problem}", "correct it")]
    except ValidationError as problem:
        return found + [
            Fault(
                FILE,
                None,
                ".".join(map(str, each["loc"])),
                str(each.get("input"))[:80],
                each["msg"],
                "see the shape in anlan.respond.dispatch.needs",
            )
            for each in problem.errors()
        ]
    for need in rules.need:
        for name, given, known in (("kinds", need.kinds, kinds), ("assets", need.assets, ASSETS)):
            found += [
                Fault(
                    FILE,
                    None,
                    f"need.{need.id}.{name}",
                    each,
                    "is not known in this city",
                    f"one of {', '.join(known)}",
                )
                for each in given
                if each not in known
            ]
    if rules.evacuation.kind not in kinds:
        found.append(
            Fault(
                FILE,
                None,
                "evacuation.kind",
                rules.evacuation.kind,
                "is no kind of case",
                f"one of {', '.join(kinds)}",
            )
        )
    if rules.evacuation.vehicle not in VEHICLES:
        found.append(_vehicle(FILE, None, "evacuation.vehicle", rules.evacuation.vehicle))
    return found


def _vehicle(file: str, row: int | None, field: str, value: str) -> Fault:
    what = "is no class of vehicle known here"
    return Fault(file, row, field, value[:80], what, f"one of {', '.join(VEHICLES)}")


def _unknown_vehicles(folder: Path) -> list[Fault]:
    """Classes of vehicle in equipment.csv and city.toml that nothing knows, and their limits."""
    found = []
    things = folder / "equipment.csv"
    if things.is_file():
        rows = csv.DictReader(io.StringIO(things.read_text("utf-8-sig", errors="replace")))
        for line, row in enumerate(rows, start=2):
            if (row.get("vehicle") or "").strip() not in VEHICLES:
                found.append(_vehicle(things.name, line, "vehicle", row.get("vehicle") or ""))
    # city.toml itself is checked by the stage that reads it
    own = (read_toml(folder, "city.toml", []) or {}).get("vehicles", {})
    for name, table in own.items() if isinstance(own, dict) else ():
        where = f"vehicles.{name}"
        if name not in VEHICLES:
            found.append(_vehicle("city.toml", None, where, name))
            continue
        limit = table.get("limit_m") if isinstance(table, dict) else None
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit <= 3:
            remedy = "write limit_m = its wading depth in m, over 0 and at most 3"
            found.append(
                Fault("city.toml", None, f"{where}.limit_m", str(limit), "is no depth", remedy)
            )
    return found
