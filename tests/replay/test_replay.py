"""A replay: the same twice, whole after a kill, and scored on a world nobody could see."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from anlan import forecast
from anlan.city import City
from anlan.refusal import Refusal
from anlan.replay import Replay, summary
from anlan.store import Store, schema
from tests.replay.short import PLAN, ready, short_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return short_city(tmp_path_factory.mktemp("city") / "pinghu")


@pytest.fixture(scope="module")
def done(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    replay = ready(city, tmp_path_factory.mktemp("replay") / "var")
    replay.run()
    yield replay
    replay.chain.close()


def _without_wall_times(result: dict[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(result, default=str))
    for run in plain["runs"]:
        del run["wall_s"]
    return dict(plain)


def test_it_carries_the_event_from_readings_to_closed_tasks(done: Replay) -> None:
    result = summary(done, PLAN)
    assert [run["members"] for run in result["runs"]] == [2, 2]
    assert result["journal"]["verified"]
    assert any(alert["event"] == "storm_tide" for alert in result["alerts"])
    assert result["tasks"]["done"] > 0
    deliveries = dict(result["deliveries"])
    assert deliveries.pop("planned") == sum(deliveries.values()) > 0
    assert result["synthetic"]


def test_two_replays_with_one_seed_give_the_same_but_for_wall_times(
    done: Replay, city: City, tmp_path: Path
) -> None:
    again = ready(city, tmp_path / "var")
    again.run()
    again.chain.close()
    assert _without_wall_times(summary(again, PLAN)) == _without_wall_times(summary(done, PLAN))
    with done.chain.store.read() as first, again.chain.store.read() as second:
        query = select(schema.journal.c.hash).order_by(schema.journal.c.seq)
        assert first.execute(query).scalars().all() == second.execute(query).scalars().all()


CHILD = """
import sys
from pathlib import Path
from anlan.city import load
from tests.replay.short import ready
replay = ready(load(Path(sys.argv[1])), Path(sys.argv[2]))
print("ready", flush=True)
replay.run()
print("done", flush=True)
"""


def _child(city: City, data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(city.folder), str(data)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )


def _await_computing(data: Path) -> None:
    """Until a run is entered and not computed: the moment to be killed in its midst."""
    store = Store(data)
    R = schema.run
    try:
        for _ in range(4000):
            with store.read() as conn:
                if conn.execute(select(R.c.id).where(R.c.state == "computing")).first():
                    return
            time.sleep(0.005)
    finally:
        store.close()
    raise AssertionError("no run was ever computing")


def test_killed_again_and_again_it_loses_nothing_and_decides_nothing_twice(
    done: Replay, city: City, tmp_path: Path
) -> None:
    data = tmp_path / "var"
    for pause in (None, 0.3, 2.3):
        child = _child(city, data)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        if pause is None:
            _await_computing(data)
        else:
            time.sleep(pause)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    child = _child(city, data)
    assert child.communicate(timeout=400)[0].splitlines()[-1] == "done"

    store = Store(data)
    with done.chain.store.read() as whole, store.read() as killed:
        for table in (schema.observation, schema.run, schema.alert, schema.case_item, schema.task):
            count = select(func.count()).select_from(table)
            assert killed.execute(count).scalar_one() == whole.execute(count).scalar_one(), table
        ids = select(schema.alert.c.id, schema.alert.c.state).order_by(schema.alert.c.id)
        assert killed.execute(ids).all() == whole.execute(ids).all()
        for row in killed.execute(select(schema.run)):
            assert row.state == "published"
            assert forecast.summary_of(data / "runs" / row.path) is not None
    assert not list((data / "runs").glob("*.part"))
    lines = (data / "outbox" / "exercise.jsonl").read_text("utf-8").splitlines()
    handed_over = [json.loads(line) for line in lines]
    repeats = [line for line in handed_over if line["repeat"]]
    assert len({line["key"] for line in handed_over}) == len(handed_over) - len(repeats)
    store.close()


def test_a_data_folder_of_another_world_is_refused(done: Replay, city: City) -> None:
    with pytest.raises(Refusal, match="holds a replay with world=near, not miss"):
        ready(city, done.chain.store.data_dir, replace(PLAN, world="miss"))


def test_without_actors_nothing_is_approved_and_what_nobody_does_escalates(
    city: City, tmp_path: Path
) -> None:
    plan = replace(PLAN, actors="none")
    replay = ready(city, tmp_path / "var", plan)
    replay.run()
    replay.chain.close()
    with replay.chain.store.read() as conn:
        J = schema.journal
        kinds = set(conn.execute(select(J.c.kind)).scalars())
        own = select(schema.alert.c.state).where(schema.alert.c.official.is_(False))
        states = set(conn.execute(own).scalars())
    assert "alert.unapproved" in kinds
    assert "alert.approved" not in kinds
    assert states <= {"draft", "expired"}
