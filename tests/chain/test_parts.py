"""A step of the chain: one bad part fails alone, and what is computed is computed whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from anlan import forecast, respond, warn
from anlan.chain import Arrivals, Chain
from anlan.city import City, OfficialWarning
from anlan.clock import SteppedClock
from anlan.journal import Act, verify
from anlan.observe import Reading
from anlan.observe import actions as observe
from anlan.store import Store, savepoint, schema, set_meta

pytestmark = pytest.mark.both_engines

# a cycle of Pinghu is issued at 18:00 local time
ISSUE = datetime(2021, 7, 25, 10, tzinfo=UTC)
LATER = ISSUE + timedelta(hours=1)
R, A, J = schema.run, schema.alert, schema.journal


def begin(city: City, store: Store) -> Chain:
    settings = forecast.read_settings(
        city.settings, resolution_m=800.0, members=1, lead_hours=1, spinup_hours=1
    )
    return Chain(city, store, SteppedClock(ISSUE), {}, settings)


@pytest.fixture
def chain(pinghu: City, store: Store) -> Iterator[Chain]:
    begun = begin(pinghu, store)
    yield begun
    begun.close()


def compute(chain: Chain) -> str:
    """Step over an issue time and wait for its run, which becomes visible later; its id."""
    chain.step(ISSUE)
    future = chain.blocking(LATER)
    assert future is not None
    future.result(timeout=60)
    with chain.store.read() as conn:
        run = conn.execute(select(R)).one()
    assert run.state == "done"
    return str(run.id)


def high_tide(now: datetime) -> Arrivals:
    """Readings far above every threshold of the tide gauge."""
    minutes = [timedelta(minutes=10 * k) for k in (2, 1, 0)]
    return Arrivals([Reading("zhapu.tide", now - back, 6.0) for back in minutes])


def state(chain: Chain, run: str) -> str:
    with chain.store.read() as conn:
        return str(conn.execute(select(R.c.state).where(R.c.id == run)).scalar_one())


def entries(chain: Chain, kind: str) -> list[str]:
    with chain.store.read() as conn:
        assert verify(conn).verified
        return list(conn.execute(select(J.c.subject).where(J.c.kind == kind)).scalars())


def refuse(*_given: Any, **_named: Any) -> None:
    raise RuntimeError("a fault in a part")


def test_a_run_whose_folder_is_gone_is_lost_and_gauges_warn_all_the_same(chain: Chain) -> None:
    run = compute(chain)
    shutil.rmtree(chain.run_folder(run))
    step = chain.step(LATER, high_tide(LATER))
    assert step.published == []
    assert len(step.alerts) == 1
    assert state(chain, run) == "lost"
    assert entries(chain, "run.failed") == [run]


def test_a_run_that_cannot_be_assessed_is_lost_and_gauges_warn_all_the_same(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = compute(chain)
    monkeypatch.setattr("anlan.chain.chain.assess.publish", refuse)
    step = chain.step(LATER, high_tide(LATER))
    assert (step.published, len(step.alerts)) == ([], 1)
    assert state(chain, run) == "lost"
    # undone with the part: what was entered of it before it failed
    assert entries(chain, "run.published") == []
    assert entries(chain, "chain.part_failed") == [run]
    monkeypatch.undo()
    chain.step(LATER + timedelta(minutes=1))


def test_a_cycle_that_cannot_be_frozen_is_missed_and_gauges_warn_all_the_same(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "freeze", refuse)
    assert len(chain.step(ISSUE, high_tide(ISSUE)).alerts) == 1
    assert entries(chain, "chain.part_failed") == ["cycle:2021-07-25T10:00Z"]


def test_one_relay_and_one_answer_to_an_alert_fail_alone(
    pinghu: City, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(pinghu, store, SteppedClock(ISSUE), {}, None)
    whole_city = (pinghu.territory.root.code,)
    bad = OfficialWarning("W1", "气象台", ISSUE, "台风", "mauve", "全市", "…", whole_city, "test")
    good = OfficialWarning("W2", "气象台", ISSUE, "台风", "orange", "全市", "…", whole_city, "test")
    monkeypatch.setattr(respond.actions, "on_alert", refuse)
    original = warn.actions.relay

    def relay(act: Any, city: City, official: OfficialWarning, **named: Any) -> str:
        if official is bad:
            raise RuntimeError("a fault in a part")
        return original(act, city, official, **named)

    monkeypatch.setattr(warn.actions, "relay", relay)
    chain.step(ISSUE, Arrivals(official=[bad, good]))
    with store.read() as conn:
        (relayed,) = conn.execute(select(A.c.id).where(A.c.official)).scalars()
    assert set(entries(chain, "chain.part_failed")) == {"W1", relayed}


def test_closed_in_the_middle_a_run_is_computed_by_the_next_start(
    pinghu: City, store: Store
) -> None:
    first = begin(pinghu, store)
    first.step(ISSUE)
    first.close()  # waits: nothing writes any more
    assert not list((store.data_dir / "runs").glob("*.part"))
    second = begin(pinghu, store)
    with store.read() as conn:
        run = conn.execute(select(R.c.id)).scalar_one()
    future = second.blocking(LATER)
    if future is not None:  # else the first had just ended it
        future.result(timeout=60)
    assert second.step(LATER).published == [run]
    assert forecast.summary_of(second.run_folder(run)) is not None
    second.close()


def test_a_start_clears_away_what_a_killed_computation_left(pinghu: City, store: Store) -> None:
    left = store.data_dir / "runs" / "some.part"
    left.mkdir()
    begin(pinghu, store).close()
    assert not left.exists()


def test_a_savepoint_undoes_its_own_part_alone(store: Store) -> None:
    with store.transaction() as tx:
        set_meta(tx, "before", 1)
        with pytest.raises(RuntimeError), savepoint(tx):
            set_meta(tx, "outer", 1)
            with savepoint(tx):
                set_meta(tx, "inner", 1)
            refuse()
        set_meta(tx, "after", 1)
    with store.read() as conn:
        kept = set(conn.execute(select(schema.meta.c.key)).scalars())
    assert {"before", "after"} <= kept
    assert not {"outer", "inner"} & kept


def test_the_rules_read_the_gauges_before_the_one_writer_is_kept_from_others(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chain.store.transaction() as tx:
        observe.record(Act(tx, ISSUE, "system"), chain.city, high_tide(ISSUE).readings)
    asked: list[datetime] = []

    def look(conn: Connection, city: City, now: datetime, kept: warn.Kept) -> warn.Gauges:
        asked.append(now)
        with chain.store.transaction() as tx:  # would wait for ever inside the step's own
            set_meta(tx, "asked", True)
        return real(conn, city, now, kept)

    real = warn.actions.look
    monkeypatch.setattr(warn.actions, "look", look)

    step = chain.step(ISSUE)

    assert asked == [ISSUE]
    assert step.alerts
