"""The store: durable, migrated, and deterministic in its names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select

from anlan.clock import ReplayClock, SteppedClock
from anlan.refusal import Refusal
from anlan.store import Store, get_meta, ids, schema, set_meta, timers

NOON = datetime(2021, 7, 24, 4, tzinfo=UTC)
pytestmark = pytest.mark.both_engines


def test_a_new_store_has_every_table_of_the_schema(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert set(schema.metadata.tables) <= set(inspect(store.engine).get_table_names())


def test_the_migrations_make_what_the_schema_says(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.read() as conn:
        context = MigrationContext.configure(conn)
        assert compare_metadata(context, schema.metadata) == []
    store.close()


def test_what_fails_inside_a_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(RuntimeError), store.transaction() as tx:
        set_meta(tx, "cursor", 1)
        raise RuntimeError("power cut")
    with store.read() as conn:
        assert get_meta(conn, "cursor") is None


def test_times_come_back_aware_and_exact_to_the_millisecond(tmp_path: Path) -> None:
    store = Store(tmp_path)
    moment = datetime(1956, 8, 2, 5, 0, 0, 123000, tzinfo=UTC)
    with store.transaction() as tx:
        timers.start(tx, "test.due", "x", moment)
        assert tx.execute(select(schema.timer.c.due_at)).scalar_one() == moment


def test_a_folder_that_cannot_be_written_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match=r"--data-dir"):
        Store(tmp_path / "file" / "var")


def test_timers_due_during_an_outage_fire_once_and_oldest_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.transaction() as tx:
        for minutes, name in ((30, "late"), (10, "early"), (500, "later")):
            timers.start(tx, "task.ack", name, NOON + timedelta(minutes=minutes))
    with store.transaction() as tx:
        fired = timers.claim_due(tx, NOON + timedelta(hours=2), "task.")
        assert [timer.subject for timer in fired] == ["early", "late"]
    with store.transaction() as tx:
        assert timers.claim_due(tx, NOON + timedelta(hours=2), "task.") == []


def test_running_numbers_never_repeat(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.transaction() as tx:
        assert [ids.next_id(tx, "C") for _ in range(3)] == ["C0001", "C0002", "C0003"]
        assert ids.next_id(tx, "T") == "T0001"


def test_a_digest_does_not_depend_on_key_order() -> None:
    assert ids.digest({"a": 1, "b": [2]}) == ids.digest({"b": [2], "a": 1})
    assert ids.seed("x", 1) != ids.seed("x", 2)


def test_a_stepped_clock_never_runs_backwards() -> None:
    clock = SteppedClock(NOON)
    clock.step_to(NOON + timedelta(hours=1))
    clock.step_to(NOON)
    assert clock.now() == NOON + timedelta(hours=1)


def test_a_paused_replay_stands_still_and_a_jump_back_is_refused() -> None:
    clock = ReplayClock(NOON, NOON + timedelta(days=1), speed=3600)
    clock.control(paused=True)
    assert clock.target() == NOON
    clock.control(jump_to=NOON + timedelta(hours=3))
    assert clock.target() == NOON + timedelta(hours=3)
    clock.reached(NOON + timedelta(hours=3))
    assert clock.jump is None
    with pytest.raises(Refusal, match="restart the replay"):
        clock.control(jump_to=NOON)
    with pytest.raises(Refusal, match="outside 1 to 100000"):
        clock.control(speed=0)


def test_one_process_at_a_time_moves_a_stores_chain(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.hold()
    with pytest.raises(Refusal, match="in use by another anlan process"):
        second.hold()
    first.close()
    second.hold()
    second.close()


def test_a_replays_folder_never_becomes_a_live_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.transaction() as tx:
        store.dedicate(tx, "replay")
        store.dedicate(tx, "replay")
    with pytest.raises(Refusal, match="holds a replay desk"), store.transaction() as tx:
        store.dedicate(tx, "live")
