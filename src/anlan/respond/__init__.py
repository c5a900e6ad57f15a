"""From consequences to outcomes: incidents, cases, tasks, the plan's steps and their deadlines.

Deciding: `case`, `task`, `plan`, `expand`, `ladder`. Doing: `actions`. Showing: `views`.
"""

from anlan.respond import actions, incidents, plan, views
from anlan.respond.check import check

__all__ = ["actions", "check", "incidents", "plan", "views"]
