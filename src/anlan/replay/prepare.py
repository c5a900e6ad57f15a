"""Making a replay ready: store, people, world, chain, actors, driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from anlan import forecast, warn
from anlan.access import load_accounts
from anlan.access.vault import Vault, seed_people
from anlan.chain import Chain
from anlan.city import City
from anlan.clock import ReplayClock, SteppedClock
from anlan.journal import Act
from anlan.replay.actors import Actors
from anlan.replay.driver import Replay
from anlan.replay.world import World
from anlan.respond.resources import seed as seed_resources
from anlan.respond.volunteers.seed import seed_volunteers
from anlan.store import Store

Progress = Callable[[str, float], None]


def _silent(what: str, share: float) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class Plan:
    """What is replayed: which event, in which world, with whose hands, how finely.

    ``actors`` is ``all`` or ``none``; ``resolution_m`` and ``members`` override the city's
    forecast settings when given.
    """

    event: str
    world: str = "near"
    seed: int = 1
    actors: str = "all"
    resolution_m: float | None = None
    members: int | None = None

    def settings(self, city: City) -> forecast.Settings:
        """Forecast settings of the city with this plan's overrides."""
        return forecast.read_settings(
            city.settings,
            seed=self.seed,
            resolution_m=self.resolution_m,
            members=self.members,
        )

    def identity(self, city: City, settings: forecast.Settings) -> dict[str, object]:
        """What must be equal for a data folder to be gone on with."""
        return {
            "city": city.id,
            "event": self.event,
            "world": self.world,
            "seed": self.seed,
            "actors": self.actors,
            "resolution_m": settings.resolution_m,
            "members": settings.members,
        }


def load_people(
    store: Store, city: City, at: datetime, kind: Literal["replay", "drill"] = "replay"
) -> None:
    """Accounts, people and resources into the store, as of a moment; it is kept for this kind."""
    vault = Vault.of(store)
    with store.transaction() as tx:
        store.dedicate(tx, kind)
        act = Act(tx, at, "system")
        load_accounts(act, city)
        seed_people(act, city, vault)
        seed_resources(act, city)
        seed_volunteers(act, city)


def prepare(
    plan: Plan,
    city: City,
    store: Store,
    clock: ReplayClock | SteppedClock,
    progress: Progress = _silent,
) -> Replay:
    """A replay ready to be driven, fresh or where it was left.

    The world is computed first (or found in the data folder's cache).
    """
    given = city.event(plan.event)
    settings = plan.settings(city)
    load_people(store, city, given.start)
    world = World.load(city, given, plan.world, plan.seed)
    # in a world where the storm goes elsewhere, what is known of it goes there too
    event = world.event
    world.build(store.data_dir / "world", settings.resolution_m, progress)
    outlets = warn.exercise_outlets(city, store.data_dir / "outbox")
    chain = Chain(city, store, clock, outlets, settings, event)
    actors = Actors(city, plan.seed, world, people=plan.actors != "none")
    return Replay(chain, event, world, actors, clock, plan.identity(city, settings))
