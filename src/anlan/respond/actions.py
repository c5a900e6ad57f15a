"""All that may be done in response, in one place: what service, chain and replay call."""

from anlan.respond.commands import case_command, give_task, open_case, task_command
from anlan.respond.deadlines import fire_timers
from anlan.respond.incidents import (
    LevelSet,
    close_incident,
    current,
    extend,
    on_alert,
    on_assessments,
    open_incident,
    proposal,
    propose_level,
    set_level,
)

__all__ = [
    "LevelSet",
    "case_command",
    "close_incident",
    "current",
    "extend",
    "fire_timers",
    "give_task",
    "on_alert",
    "on_assessments",
    "open_case",
    "open_incident",
    "proposal",
    "propose_level",
    "set_level",
    "task_command",
]
