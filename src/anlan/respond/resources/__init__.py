"""Resources 应急保障: stock, teams, vehicles, pumps, boats and shelters, and who asked for them.

Deciding: `stock`. Doing: `asking`, `supply`, `assets` (things sent whole), `shelters`.
Showing: `views`.
"""

from anlan.respond.resources.seeding import seed

__all__ = ["seed"]
