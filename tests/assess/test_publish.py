"""Publishing keeps the assessment once, and says so in the journal."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from anlan.assess import actions
from anlan.journal import Act, verify
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.assess import small

NOW = datetime(2021, 7, 25, 0, 20, tzinfo=UTC)


def test_publishing_keeps_the_document_and_journals_its_run(tmp_path: Path) -> None:
    store, city = Store(tmp_path), small.harbour()
    with store.transaction() as tx:
        made = actions.publish(Act(tx, NOW, "system"), city, "r1", small.run(city))
    with store.read() as conn:
        assert actions.load(conn, "r1") == made
        assert actions.latest(conn) == [made]
        entry = conn.execute(select(schema.journal)).one()
        assert (entry.kind, entry.subject) == ("assessment.made", "run:r1")
        assert entry.grounds == ["run:r1"]
        assert verify(conn).verified


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    store, city = Store(tmp_path), small.harbour()
    wetter = small.run(city)
    wetter.rain_total[:] = 99.0
    for run in (small.run(city), wetter):
        with store.transaction() as tx:
            made = actions.publish(Act(tx, NOW, "system"), city, "r1", run)
    assert made["rain"]["total_mm"]["p50"] == 0
    with store.read() as conn:
        assert len(conn.execute(select(schema.journal)).all()) == 1


def test_a_run_without_assessment_is_not_found(tmp_path: Path) -> None:
    with Store(tmp_path).read() as conn, pytest.raises(Refusal, match="Run r7") as refused:
        actions.load(conn, "r7")
    assert refused.value.kind == "not_found"
