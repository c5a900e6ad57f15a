"""How a city helps its firms: ``enterprise.toml``, read and checked.

Shape of the file (an unknown key is a fault)::

    [task_force]    name, name_en, department: who coordinates freight passes
    [[team]]        town (code), name, name_en, accounts: one service team for each town
    [colour]        danger_probability, attention_probability (shares of members), near_m,
                    visit_days, visit_days_in_response
    [passes]        longest_h, list_old_h (from when a list of revoked passes is called old)
    [live]          ice_servers: STUN or TURN addresses, where phones and desk share no network

A city without the file helps no firms: its lists are empty.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.city import Fault
from anlan.city import load as load_city
from anlan.refusal import Refusal

FILE = "enterprise.toml"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskForce(_Row):
    """The one group 专班 that coordinates; its passes are decided by one department."""

    name: str
    name_en: str
    department: str


class ServiceTeam(_Row):
    """The team that visits and answers the firms of one town."""

    town: str
    name: str
    name_en: str
    accounts: tuple[str, ...] = Field(min_length=1)


class Colours(_Row):
    """From when a firm counts as yellow or red; see `standing`.

    Probabilities are shares of members, ``near_m`` metres around the firm, days since the last
    visit, the second while a response level is set.
    """

    danger_probability: float = Field(gt=0, le=1)
    attention_probability: float = Field(gt=0, le=1)
    near_m: float = Field(gt=0, le=5000)
    visit_days: float = Field(gt=0)
    visit_days_in_response: float = Field(gt=0)


class Passes(_Row):
    """How long a pass may hold, and from what age a list of revoked passes is old, hours."""

    longest_h: float = Field(gt=0, le=24 * 31)
    list_old_h: float = Field(gt=0, le=24 * 7)


class Live(_Row):
    """What helps two browsers to find each other; nothing inside one network (RFC 8445)."""

    ice_servers: tuple[str, ...] = ()


class Enterprise(_Row):
    """The whole file."""

    task_force: TaskForce
    team: tuple[ServiceTeam, ...]
    colour: Colours
    passes: Passes
    live: Live = Live()

    def team_of(self, town: str) -> ServiceTeam | None:
        """The service team of a town, by its code."""
        return next((team for team in self.team if team.town == town), None)


def load(folder: Path) -> Enterprise:
    """The settings of a city folder; raises `Refusal` naming the first faults."""
    path = folder / FILE
    if not path.is_file():
        raise Refusal(
            f"city folder {folder.name} has no {FILE}; write one to help firms",
            field=FILE,
            value=folder.name,
            remedy="see the shape in anlan.respond.firms.settings",
            kind="not_found",
        )
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _parsed(path: Path, _changed: int) -> Enterprise:
    found = faults(path)
    if found:
        raise Refusal(
            "; ".join(str(fault) for fault in found[:5]),
            field=found[0].field or FILE,
            value=found[0].value,
            remedy=found[0].remedy,
        )
    return Enterprise.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def faults(path: Path) -> list[Fault]:
    """What is wrong with the file by itself."""
    remedy = "see the shape in anlan.respond.firms.settings"
    try:
        Enterprise.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        return [Fault(FILE, None, "", "", f"is not TOML: {problem}", "correct the line named")]
    except ValidationError as problem:
        return [
            Fault(FILE, None, ".".join(str(p) for p in e["loc"]), "", str(e["msg"]), remedy)
            for e in problem.errors()
        ]
    return []


def check(folder: Path) -> list[Fault]:
    """Faults of ``enterprise.toml`` by itself and beside the city; none where neither is.

    A city that cannot be loaded has faults of its own, which its own check names.
    """
    try:
        city = load_city(folder)
    except Refusal:
        return []
    path = folder / FILE
    if not path.is_file():
        if not city.firms:
            return []
        return [Fault(FILE, None, "", "", "is missing, though firms.csv is not empty", "add it")]
    found = faults(path)
    if found:
        return found
    known = load(folder)
    towns = {town.code for town in city.territory.towns()}
    named = [team.town for team in known.team]
    found += [
        Fault(FILE, None, "team.town", code, "is not a town of territory.csv", "give a town's code")
        for code in named
        if code not in towns
    ]
    found += [
        Fault(FILE, None, "team.town", code, "has two teams", "leave one team for each town")
        for code in sorted({code for code in named if named.count(code) > 1})
    ]
    located = (city.territory.town_of(firm.territory) for firm in city.firms.values())
    with_firms = {town.code for town in located if town is not None}
    found += [
        Fault(FILE, None, "team.town", code, "has firms but no team", "add its [[team]]")
        for code in sorted(with_firms - set(named))
    ]
    found += [
        Fault(FILE, None, "team.accounts", name, "is not an account", "give ids of accounts.csv")
        for team in known.team
        for name in team.accounts
        if name not in city.accounts
    ]
    return found
