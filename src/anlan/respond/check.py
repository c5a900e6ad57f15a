"""What is wrong with the response plan of a city folder."""

from __future__ import annotations

from pathlib import Path

from anlan.city import ROLES, Fault
from anlan.respond.plan import Plan, faults, load

FILE = "plan.toml"


def check(folder: Path) -> list[Fault]:
    """Every fault of ``plan.toml``; a city without a plan has one."""
    path = folder / FILE
    if not path.is_file():
        return [Fault(FILE, None, "", "", "is not there", "write the city's response plan")]
    found = [
        Fault(FILE, None, where, "", what, "see the shape in anlan.respond.plan")
        for where, what in faults(path.read_text(encoding="utf-8"))
    ]
    return found or _unknown_roles(load(folder))


def _unknown_roles(plan: Plan) -> list[Fault]:
    asked = {f"kinds.{name}.roles": set(kind.roles) for name, kind in plan.kinds.items()} | {
        f"step.{step.id}.roles": set(step.roles) for step in plan.step
    }
    ladders = plan.escalation.ladders
    asked |= {f"escalation.ladders.{role}": {role, *above} for role, above in ladders.items()}
    return [
        Fault(FILE, None, where, role, "is not a role", f"one of {', '.join(ROLES)}")
        for where, roles in asked.items()
        for role in sorted(roles - set(ROLES))
    ]
