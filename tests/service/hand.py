"""A desk for tests: a real city, a stepped clock, real routes, nobody replayed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from anlan import forecast, warn
from anlan.access import issue, seed_accounts
from anlan.access.desk import WALL, Desk
from anlan.access.vault import Vault, seed_people
from anlan.chain import Arrivals, Chain, Step
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import Act
from anlan.respond.resources import seed as seed_resources
from anlan.respond.volunteers.seed import seed_volunteers
from anlan.service.app import create_app
from anlan.store import Store


@dataclass
class Hand:
    """The desk, its chain and its clock, moved by hand."""

    city: City
    store: Store
    clock: SteppedClock
    chain: Chain
    app: Any

    def step(self, minutes: float = 0.0) -> Step:
        """Let time pass, then carry the chain on."""
        self.clock.step_to(self.clock.now() + timedelta(minutes=minutes))
        return self.chain.step(self.clock.now(), Arrivals())

    def account(self, role: str, number: int = 0, within: str | None = None) -> str:
        """An account of a role, in a part of the city if given."""
        found = [
            account.id
            for account in self.city.accounts.values()
            if account.role == role
            and (within is None or self.city.territory.is_within(account.territory, within))
        ]
        return found[number]

    def link(self, account: str) -> str:
        """The path of a one-time sign-in link."""
        with self.store.transaction() as tx:
            token = issue(Act(tx, self.clock.now(), "system"), account, "link", WALL.now())
        return f"/signin/{token}"

    @contextmanager
    def signed_in(self, account: str) -> Iterator[TestClient]:
        """A browser of ``account``, signed in by a one-time link."""
        with TestClient(self.app, headers={"X-Anlan": "1"}, follow_redirects=False) as client:
            assert client.get(self.link(account)).status_code == 303
            yield client

    def post_tide(self, levels: list[float]) -> None:
        """Readings of the Zhapu gauge, m above its zero, ten minutes apart, the last one now."""
        rows = [
            {
                "series": "zhapu.tide",
                "valid_at": (self.clock.now() - timedelta(minutes=10 * back)).isoformat(),
                "value": level,
                "unit": "m",
                "datum": "gauge_zero_zhapu",
            }
            for back, level in enumerate(reversed(levels))
        ]
        headers = self.key(self.account("admin"), station="zhapu")
        with TestClient(self.app) as client:
            answer = client.post("/api/v1/readings", json={"readings": rows}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["new"] == len(levels)

    def key(self, account: str, station: str | None = None) -> dict[str, str]:
        """Headers with a Bearer key."""
        with self.store.transaction() as tx:
            act = Act(tx, self.clock.now(), "system")
            token = issue(act, account, "key", WALL.now(), station=station)
        return {"Authorization": f"Bearer {token}"}


def raise_hand(
    city: City,
    store: Store,
    start: datetime,
    web: Path | None = None,
    settings: forecast.Settings | None = None,
) -> Hand:
    """A desk ready at ``start``; without ``settings`` it forecasts nothing."""
    clock = SteppedClock(start)
    with store.transaction() as tx:
        seed_accounts(tx, city)
        act = Act(tx, start, "system")
        seed_people(act, city, Vault.of(store))
        seed_resources(act, city)
        seed_volunteers(act, city)
    outlets = warn.exercise_outlets(city, store.data_dir / "outbox")
    chain = Chain(city, store, clock, outlets, settings)
    return Hand(city, store, clock, chain, create_app(Desk(city, store, clock), web))
