"""The people and the network of a replay: what they do, through which door, and when not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from anlan import respond, warn
from anlan.access import seed_accounts
from anlan.access.vault import Vault, seed_people
from anlan.city import City, load
from anlan.journal import Act, verify
from anlan.observe import Reading
from anlan.observe import actions as observe
from anlan.replay import crews
from anlan.replay.actors import Acted, Actors
from anlan.replay.world import World
from anlan.store import Store, schema

CITY = Path("cities/pinghu")
TICK = timedelta(minutes=10)
START = datetime.fromisoformat("2021-07-26T12:00+08:00")
A, D, C, T, H, J = (
    schema.alert,
    schema.delivery,
    schema.case_item,
    schema.task,
    schema.history,
    schema.journal,
)


@pytest.fixture(scope="module")
def city() -> City:
    return load(CITY)


@pytest.fixture(scope="module")
def world(city: City, tmp_path_factory: pytest.TempPathFactory) -> World:
    event = city.event("infa-2021")
    return World.load(city, event, "worse", 1).build(tmp_path_factory.mktemp("world"), 400.0)


def people_store(folder: Path, city: City) -> Store:
    """A store with the city's accounts and people."""
    store = Store(folder)
    vault = Vault.of(store)
    with store.transaction() as tx:
        seed_accounts(tx, city)
        seed_people(Act(tx, START, "system"), city, vault)
    return store


class Desk:
    """A chain without forecasts: deadlines, hand-offs, and the actors after them."""

    def __init__(self, store: Store, city: City, actors: Actors, folder: Path) -> None:
        self.store, self.city, self.actors = store, city, actors
        self.outlets = warn.exercise_outlets(city, folder)
        self.now = START

    def run(self, hours: float) -> None:
        """Tick on for some hours of event time."""
        for _ in range(round(hours * 6)):
            self.now += TICK
            with self.store.transaction() as tx:
                act = Act(tx, self.now, "system")
                warn.actions.fire_timers(act, self.city)
                respond.actions.fire_timers(act, self.city)
            warn.actions.deliver(self.store, self.now, self.outlets)
            self.actors.act(self.store, self.now)

    def draft_a_red_tide_warning(self) -> str:
        """Two readings far above red at the tide gauge make a draft."""
        readings = [
            Reading("zhapu.tide", self.now - TICK * k, 6.0, None, "reconstructed", "test")
            for k in (2, 1, 0)
        ]
        with self.store.transaction() as tx:
            act = Act(tx, self.now, "system")
            observe.record(act, self.city, readings)
            (draft,) = warn.actions.evaluate(act, self.city, [])
        return draft

    def open_cases(self, count: int) -> None:
        """Reports of water at different places, taken down by a duty officer."""
        with self.store.transaction() as tx:
            for place in list(self.city.places)[:count]:
                act = Act(tx, self.now, "duty-1")
                respond.actions.open_case(act, self.city, "resident_report", place=place)


@pytest.fixture
def desk(city: City, world: World, tmp_path: Path) -> Iterator[Desk]:
    """Accounts, and nobody to be warned: quick to tick."""
    store = Store(tmp_path / "var")
    with store.transaction() as tx:
        seed_accounts(tx, city)
    yield Desk(store, city, Actors(city, 1, world), tmp_path / "outbox")
    store.close()


@pytest.fixture(scope="module")
def played(city: City, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A red tide warning and thirty cases at noon of 26 July, six hours on."""
    folder = tmp_path_factory.mktemp("played")
    store = people_store(folder / "var", city)
    desk = Desk(store, city, Actors(city, 1, world), folder / "outbox")
    desk.draft_a_red_tide_warning()
    desk.open_cases(30)
    desk.run(6)
    yield desk
    store.close()


# Six hours of a red warning -------------------------------------------------------------------


def test_a_red_warning_is_issued_by_two_different_officers(played: Desk) -> None:
    with played.store.read() as conn:
        alert = conn.execute(select(A).where(A.c.colour == "red").order_by(A.c.id)).first()
        assert alert is not None
        approvals = conn.execute(
            select(schema.approval).where(schema.approval.c.alert == alert.id)
        ).all()
    assert len({row.officer for row in approvals}) == 2
    assert all(row.at >= alert.drafted_at for row in approvals)
    assert alert.sent_at == max(row.at for row in approvals)


def test_every_act_of_the_replays_people_is_marked_and_under_a_named_account(
    played: Desk,
) -> None:
    with played.store.read() as conn:
        rows = conn.execute(select(J.c.kind, J.c.actor, J.c.on_behalf)).all()
        assert verify(conn).verified
    human = {"alert.approved", "task.acknowledged", "task.done", "case.verified"}
    assert {row.kind for row in rows} >= human
    assert {row.on_behalf for row in rows if row.kind in human} == {"replay"}
    assert {row.actor for row in rows if row.on_behalf == "replay"} <= set(played.city.accounts)


def test_the_network_reports_and_some_people_answer(played: Desk) -> None:
    with played.store.read() as conn:
        states = list(conn.execute(select(D.c.state)).scalars())
    assert len(states) > 100
    assert 0 < states.count("failed") < 0.1 * len(states)
    assert states.count("answered") > 20
    assert states.count("delivered") + states.count("read") > 0
    assert states.count("sent") == 0


def test_work_is_done_with_evidence_and_verified_by_somebody_who_did_none_of_it(
    played: Desk,
) -> None:
    with played.store.read() as conn:
        assert all(
            row.evidence["text_note"] for row in conn.execute(select(T).where(T.c.state == "done"))
        )
        closed = list(conn.execute(select(C.c.id).where(C.c.state == "closed")).scalars())
        assert len(closed) > 15
        for case in closed:
            history = conn.execute(select(H).where(H.c.case_id == case)).all()
            done = {row.actor for row in history if row.type == "task.done"}
            checked = {row.actor for row in history if row.type == "case.verified"}
            assert done
            assert checked
            assert not done & checked


def test_who_never_answers_is_escalated_and_somebody_above_steps_in(played: Desk) -> None:
    habits, silent = played.actors.world.given.people.crews, []
    with played.store.read() as conn:
        tasks = conn.execute(select(T).order_by(T.c.id).limit(30)).all()
        for task in tasks:
            first = conn.execute(
                select(H.c.payload).where(H.c.task_id == task.id, H.c.type == "task.assigned")
            ).scalars()
            person = next(iter(first))["assignee"]
            if crews.habit(habits, played.actors.chance, task.id, person).silent:
                silent.append(task)
    assert 1 <= len(silent) < len(tasks) / 2
    assert all(task.escalation > 0 and task.late for task in silent)
    assert sum(task.late for task in tasks) < len(tasks) / 2
    assert any(task.state == "done" for task in silent)


def test_residents_in_the_water_report_it_once_each_from_their_own_account(
    played: Desk,
) -> None:
    with played.store.read() as conn:
        rows = conn.execute(select(C).where(C.c.source == "phone")).all()
    people = {p.account: p for p in played.city.people if p.account}
    assert rows
    for row in rows:
        person = people[row.reporter]
        since = played.actors.world.wet_since(person, 0.15, row.opened_at)
        assert person.role == "resident"
        assert since is not None
        assert since < row.opened_at
    assert len({row.reporter for row in rows}) == len(rows)


# Small desks ------------------------------------------------------------------------------------


def test_nobody_does_anything_on_a_dry_day_without_warnings(desk: Desk) -> None:
    desk.now = datetime.fromisoformat("2021-07-22T08:00+08:00")
    assert desk.actors.act(desk.store, desk.now) == Acted()


def test_acting_again_at_the_same_moment_does_nothing_twice(desk: Desk) -> None:
    desk.draft_a_red_tide_warning()
    desk.open_cases(6)
    for _ in range(12):
        desk.run(1 / 6)
        desk.actors.act(desk.store, desk.now)
    with desk.store.read() as conn:
        moves = [
            (row.task_id, row.type)
            for row in conn.execute(select(H.c.task_id, H.c.type))
            if row.type in ("task.acknowledged", "task.departed", "task.arrived", "task.done")
        ]
        approvals = conn.execute(select(schema.approval)).all()
    assert len(moves) > 12
    assert len(set(moves)) == len(moves)
    assert len({(row.alert, row.officer) for row in approvals}) == len(approvals) >= 2


def test_new_actors_with_the_same_seed_go_on_as_if_nothing_had_happened(
    city: City, world: World, tmp_path: Path
) -> None:
    """Killed and started again after every tick, or never: the same journal."""
    heads = []
    for restarted in (False, True):
        store = Store(tmp_path / str(restarted))
        with store.transaction() as tx:
            seed_accounts(tx, city)
        desk = Desk(store, city, Actors(city, 1, world), tmp_path / f"outbox-{restarted}")
        desk.draft_a_red_tide_warning()
        desk.open_cases(6)
        for _ in range(12):
            if restarted:
                desk.actors = Actors(city, 1, world)
            desk.run(1 / 6)
        with store.read() as conn:
            heads.append(conn.execute(select(func.max(J.c.seq), func.max(J.c.hash))).one())
        store.close()
    assert heads[0] == heads[1]


def test_with_the_people_switched_off_the_network_goes_on_and_nobody_decides(
    city: City, world: World, tmp_path: Path
) -> None:
    store = people_store(tmp_path / "var", city)
    desk = Desk(store, city, Actors(city, 1, world, people=False), tmp_path / "outbox")
    draft = desk.draft_a_red_tide_warning()
    desk.open_cases(3)
    with store.transaction() as tx:
        for officer in ("duty-1", "commander-1"):
            warn.actions.approve(Act(tx, desk.now, officer), city, draft)
    desk.run(1)
    with store.read() as conn:
        states = set(conn.execute(select(D.c.state)).scalars())
        assert "delivered" in states
        assert not states & {"read", "answered"}
        tasks = conn.execute(select(T)).all()
        assert {task.state for task in tasks} == {"assigned"}
        assert all(task.escalation > 0 for task in tasks)
        assert conn.execute(select(J.c.seq).where(J.c.on_behalf == "replay")).first() is None
    store.close()
