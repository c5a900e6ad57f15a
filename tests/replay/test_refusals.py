"""A replayed person who is refused something: that act is undone, everybody else goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from anlan import respond, warn
from anlan.access import seed_accounts
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.replay.actors import Actors
from anlan.replay.attempt import attempt
from anlan.replay.world import World
from anlan.store import Store, get_meta, schema, set_meta
from tests.replay.test_actors import Desk

T = schema.task


def refused(*_given: Any, **_named: Any) -> None:
    raise Refusal("not now", field="state", remedy="later", kind="conflict")


def test_a_refused_act_is_undone_and_what_came_before_stays(store: Store) -> None:
    with store.transaction() as tx:
        set_meta(tx, "before", 1)
        with attempt(tx, "crew-1", "T0001"):
            set_meta(tx, "half done", 1)
            refused()
        assert (get_meta(tx, "before"), get_meta(tx, "half done")) == (1, None)


def test_a_fault_that_is_no_refusal_is_not_hidden(store: Store) -> None:
    with store.transaction() as tx, pytest.raises(ZeroDivisionError), attempt(tx, "crew-1", "T1"):
        _ = 1 / 0


def test_officers_who_are_refused_do_not_hold_up_the_crews(
    pinghu: City, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
    world = World.load(pinghu, pinghu.event("infa-2021"), "near", 1)
    monkeypatch.setattr(World, "wet_since", lambda *_: None)  # no resident reports anything
    desk = Desk(store, pinghu, Actors(pinghu, 1, world), tmp_path / "outbox")
    desk.draft_a_red_tide_warning()
    desk.open_cases(3)
    monkeypatch.setattr(warn.actions, "approve", refused)
    original = respond.actions.task_command

    def not_the_first(act: Act, city: City, task: str, *rest: Any) -> Any:
        return refused() if task == "T0001" else original(act, city, task, *rest)

    monkeypatch.setattr(respond.actions, "task_command", not_the_first)
    desk.run(3)
    with store.read() as conn:
        states = {row.id: row.state for row in conn.execute(select(T.c.id, T.c.state))}
        approvals = conn.execute(select(func.count()).select_from(schema.approval)).scalar_one()
    assert approvals == 0
    assert states.pop("T0001") not in ("acknowledged", "done")
    assert any(
        state in ("acknowledged", "en_route", "on_site", "done") for state in states.values()
    )
