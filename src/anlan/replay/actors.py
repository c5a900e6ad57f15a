"""The people and the network of a replay, moved once per tick.

Nothing is remembered between ticks: who does what follows from what stands in the store and
from chance named by ids. A tick is one transaction; killed inside it, it is done anew.
Within it every act stands alone (`attempt`): who is refused does not hold up the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.city import City
from anlan.replay import crews, officers, receipts, residents
from anlan.replay.chance import Chance
from anlan.replay.world import World
from anlan.store import Store, ids


@dataclass(frozen=True)
class Acted:
    """What a tick's actors did, in numbers."""

    receipts: int = 0
    answers: int = 0
    approvals: int = 0
    tasks: int = 0
    cases: int = 0
    reports: int = 0


class Actors:
    """The cast of one replay. With ``people=False`` only the network goes on."""

    def __init__(self, city: City, seed: int, world: World, people: bool = True) -> None:
        self.city = city
        self.world = world
        self.people = people
        self.chance = Chance(ids.seed("actors", city.id, world.id, seed))

    def act(self, store: Store, now: datetime) -> Acted:
        """Everything that somebody does by ``now`` (UTC), in one transaction."""
        habits, chance, city = self.world.given.people, self.chance, self.city
        with store.transaction() as tx:
            reported = receipts.network(tx, now, habits, chance)
            if not self.people:
                return Acted(receipts=reported)
            approved = officers.approve_drafts(tx, now, city, habits, chance)
            officers.set_level(tx, now, city, habits, chance)
            reports = residents.report_water(tx, now, city, self.world, habits, chance)
            tasks = crews.work_on_tasks(tx, now, city, habits.crews, chance)
            cases = crews.settle_cases(tx, now, city, habits.crews, chance)
            cases += crews.stuck_cases(tx, now, city, habits.crews)
            officers.close_incident(tx, now, city)
            return Acted(
                receipts=reported,
                answers=receipts.readers(tx, now, habits, chance),
                approvals=len(approved),
                tasks=len(tasks),
                cases=len(cases),
                reports=len(reports),
            )
