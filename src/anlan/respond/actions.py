"""All that may be done in response, in one place: what service, chain and replay call."""

from typing import Any

from anlan.city import City
from anlan.journal import Act
from anlan.respond import deadlines
from anlan.respond.closing import close_incident
from anlan.respond.commands import case_command, give_task, task_command
from anlan.respond.duplicates import keep_apart
from anlan.respond.incidents import current, open_incident
from anlan.respond.levels import LevelSet, extend, foresee, set_level
from anlan.respond.proposals import on_alert, on_assessments, proposal, propose_level
from anlan.respond.reporting import open_case
from anlan.respond.volunteers import due as volunteers_due

__all__ = [
    "LevelSet",
    "case_command",
    "close_incident",
    "current",
    "extend",
    "fire_timers",
    "foresee",
    "give_task",
    "keep_apart",
    "on_alert",
    "on_assessments",
    "open_case",
    "open_incident",
    "proposal",
    "propose_level",
    "set_level",
    "task_command",
]


def fire_timers(act: Act, city: City) -> list[dict[str, Any]]:
    """Everything in response that has fallen due, each once; returns what came of each."""
    return [*deadlines.fire_timers(act, city), *volunteers_due.fire_timers(act, city)]
