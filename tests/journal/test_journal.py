"""The journal: appended to, never altered unnoticed, and walkable back to a reading."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from anlan.journal import Act, keep_note, trace, verify
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines

NOW = datetime(2021, 7, 25, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        act.record("run.published", "r1", grounds=["obs:zhapu.tide@2021-07-25T11:50Z"])
        act.record("alert.drafted", "a1", grounds=["run:r1", "rule:storm_tide"])
        Act(tx, NOW, "wang").record("alert.approved", "a1", content={"note": "同意"})
        act.record("task.opened", "T0001", grounds=["alert:a1"])
    return store


def test_an_untouched_journal_verifies(store: Store) -> None:
    with store.read() as conn:
        verdict = verify(conn)
    assert (verdict.verified, verdict.entries) == (True, 4)


@pytest.mark.parametrize(
    "change", [{"actor": "li"}, {"kind": "alert.rejected"}, {"grounds": []}, {"digest": "0"}]
)
def test_changing_one_row_makes_the_check_name_it(store: Store, change: dict[str, object]) -> None:
    with store.transaction() as tx:
        tx.execute(update(schema.journal).where(schema.journal.c.seq == 2).values(**change))
    with store.read() as conn:
        verdict = verify(conn)
    assert not verdict.verified
    assert verdict.row == 2
    assert "entry 2" in verdict.problem


@pytest.mark.parametrize("row", [2, 4])
def test_a_removed_row_shows_also_at_the_end(store: Store, row: int) -> None:
    with store.transaction() as tx:
        tx.execute(schema.journal.delete().where(schema.journal.c.seq == row))
    with store.read() as conn:
        verdict = verify(conn)
    assert not verdict.verified
    assert verdict.row == row


def test_a_task_leads_back_to_the_reading_that_caused_it(store: Store) -> None:
    with store.read() as conn:
        steps = trace(conn, "task:T0001")
    assert [step["kind"] for step in steps] == [
        "run.published",
        "alert.drafted",
        "alert.approved",
        "task.opened",
    ]
    assert steps[0]["grounds"] == ["obs:zhapu.tide@2021-07-25T11:50Z"]


def test_erasing_a_note_leaves_the_chain_valid(store: Store) -> None:
    with store.transaction() as tx:
        act = Act(tx, NOW, "wang")
        act.record("case.commented", "C0001", content=keep_note(act, "comment", "门口积水齐膝"))
        tx.execute(schema.note.update().values(body=None))
    with store.read() as conn:
        assert verify(conn).verified
