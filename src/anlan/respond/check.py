"""What is wrong with the response plan and the packs of a city folder."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from anlan.city import ROLES, Fault
from anlan.respond import hours, packs
from anlan.respond.dispatch import needs
from anlan.respond.firms import settings as enterprise
from anlan.respond.pack import Pack
from anlan.respond.plan import Plan, faults, load
from anlan.respond.volunteers import check as volunteers

FILE = "plan.toml"


def check(folder: Path) -> list[Fault]:
    """Every fault of plan, packs, volunteers' and firms' files; a city without a plan has one."""
    read = [(path, *packs.read(path)) for path in packs.files(folder)]
    known = {pack.kind: pack for _, pack, _ in read if pack is not None}
    found = [fault for _, _, wrong in read for fault in wrong]
    found += [fault for pack in known.values() for fault in _unknown_units(folder, pack)]
    found += hours.check(folder) + volunteers.check(folder) + enterprise.check(folder)
    found += needs.check(folder, sorted(path.stem for path, _, _ in read))
    path = folder / FILE
    if not path.is_file():
        return [*found, Fault(FILE, None, "", "", "is not there", "write the city's response plan")]
    wrong = [
        Fault(FILE, None, where, "", what, "see the shape in anlan.respond.plan")
        for where, what in faults(path.read_text(encoding="utf-8"))
    ]
    if wrong:
        return found + wrong
    plan = load(folder)
    # a pack with a fault is there all the same: its own fault is enough
    kinds = {path.stem for path, _, _ in read}
    return found + _unknown_roles(plan) + _unknown_kinds(plan, kinds) + _no_ladder(plan, known)


def _unknown_roles(plan: Plan) -> list[Fault]:
    asked = {f"step.{step.id}.roles": set(step.roles) for step in plan.step}
    asked |= {f"post.{post.id}.roles": set(post.roles) for post in plan.post}
    ladders = plan.escalation.ladders
    asked |= {f"escalation.ladders.{role}": {role, *above} for role, above in ladders.items()}
    return [
        Fault(FILE, None, where, role, "is not a role", f"one of {', '.join(ROLES)}")
        for where, roles in asked.items()
        for role in sorted(roles - set(ROLES))
    ]


def _unknown_kinds(plan: Plan, kinds: set[str]) -> list[Fault]:
    listed = f"one of {', '.join(sorted(kinds))}" if kinds else "a file of the folder packs"
    return [
        Fault(FILE, None, f"step.{step.id}.kind", step.kind, "has no pack", listed)
        for step in plan.step
        if step.kind not in kinds
    ]


def _no_ladder(plan: Plan, known: Mapping[str, Pack]) -> list[Fault]:
    """Roles asked for by a pack whose silence would reach nobody."""
    ladders = plan.escalation.ladders
    return [
        Fault(
            f"{packs.FOLDER}/{kind}.toml",
            None,
            "owner.roles",
            role,
            "has no ladder in plan.toml",
            f"add escalation.ladders.{role} there, or [escalation] to the pack",
        )
        for kind, pack in known.items()
        if pack.escalation is None
        for role in pack.owner.roles
        if role not in ladders
    ]


def _unknown_units(folder: Path, pack: Pack) -> list[Fault]:
    """Venues in territories that the city does not have."""
    venues = pack.booking.venues if pack.booking else ()
    table = folder / "territory.csv"
    if not venues or not table.is_file():
        return []
    with table.open(encoding="utf-8-sig", newline="") as lines:
        codes = {row.get("code") for row in csv.DictReader(lines)}
    return [
        Fault(
            f"{packs.FOLDER}/{pack.kind}.toml",
            None,
            f"booking.venues.{venue.id}.territory",
            venue.territory,
            "is not a code of territory.csv",
            "a code of territory.csv",
        )
        for venue in venues
        if venue.territory not in codes
    ]
