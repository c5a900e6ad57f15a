"""Many who claim at the same moment, through two desks on one store: never more than places."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from anlan.access import seed_accounts
from anlan.access.vault import Vault, seed_people
from anlan.city import City
from anlan.journal import Act, verify
from anlan.refusal import Refusal
from anlan.respond.volunteers import work
from anlan.respond.volunteers.seed import seed_volunteers
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines
NOW = datetime(2021, 7, 26, 1, 0, tzinfo=UTC)
V, W, CL = schema.volunteer, schema.volunteer_work, schema.volunteer_claim
PLACES, TRIES = 5, 40


def test_places_are_never_given_twice(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        seed_accounts(tx, pinghu)
        seed_people(act, pinghu, Vault.of(store))
        seed_volunteers(act, pinghu)
        given = {
            "title": "搬运沙袋",
            "territory": pinghu.territory.root.code,
            "starts_at": (NOW + timedelta(hours=1)).isoformat(),
            "ends_at": (NOW + timedelta(hours=5)).isoformat(),
            "needed": PLACES,
        }
        name = work.offer(act, pinghu, given, "Exercise")
        people = list(tx.execute(select(V.c.id).order_by(V.c.id).limit(20)).scalars())
    other = Store(store.data_dir)

    def claim(number: int) -> str:
        desk = (store, other)[number % 2]
        for _ in range(TRIES):
            try:
                with desk.transaction() as tx:
                    return work.claim(
                        Act(tx, NOW, "system"), pinghu, name, people[number % len(people)]
                    )
            except Refusal as refusal:
                if refusal.remedy != "try again":
                    return "refused"
        raise AssertionError("never came through")

    with ThreadPoolExecutor(8) as pool:
        came = Counter(pool.map(claim, range(2 * len(people))))
    assert came == {"claimed": PLACES, "waiting": len(people) - PLACES, "refused": len(people)}
    with store.read() as conn:
        states = Counter(conn.execute(select(CL.c.state).where(CL.c.work == name)).scalars())
        taken = conn.execute(select(W.c.taken).where(W.c.id == name)).scalar_one()
        assert verify(conn).verified
    other.close()
    assert states == {"claimed": PLACES, "waiting": len(people) - PLACES}
    assert taken == PLACES
