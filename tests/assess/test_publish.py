"""Publishing keeps the assessment once, and says so in the journal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from anlan.assess import actions
from anlan.assess.report.summary import sentences
from anlan.assess.report.tables import places_table
from anlan.assess.report.words import Words
from anlan.assess.reported import at_places
from anlan.journal import Act, verify
from anlan.observe import people
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


@pytest.mark.both_engines
def test_a_trusted_report_at_a_place_raises_what_is_said_of_it_and_no_forecast(
    store: Store,
) -> None:
    city = small.harbour()
    place = next(iter(city.places.values()))

    def say(by: str, depth: str, role: str, minutes: int, where: people.Where) -> None:
        with store.transaction() as tx:
            people.record(Act(tx, NOW + timedelta(minutes=minutes), by), city, role, depth, where)

    here = people.Where(place=place.id)
    say("a", "waist", "resident", -9, here)  # one resident alone is not trusted
    say("b", "over", "crew", -9, people.Where(lon=place.lon, lat=place.lat + 0.0030))  # 330 m off
    with store.transaction() as tx:
        dry = actions.publish(Act(tx, NOW, "system"), city, "r1", small.run(city))
    assert [part["reported"] for part in dry["places"]] == [None] * len(city.places)

    say("c", "waist", "grid_worker", -8, people.Where(lon=place.lon, lat=place.lat))
    with store.transaction() as tx:
        made = actions.publish(Act(tx, NOW, "system"), city, "r2", small.run(city))
    first, *others = made["places"]
    told = first["reported"]
    assert told is not None
    assert (told["low_m"], told["high_m"], told["attention"]) == (0.6, 1.1, True)
    assert all(part["reported"] is None for part in others)
    assert [{**part, "reported": None} for part in made["places"]] == dry["places"]
    table = places_table(city, made, Words("en"), "Places")
    assert table["rows"][0][2] == {"text": "Reported", "sub": "forecast 0%", "tone": "p4"}
    assert "People report 0.60–1.10 m" in table["rows"][0][0]["sub"]
    assert "By trusted reports of people there" in " ".join(sentences(city, made, Words("en")))
    assert "另据可信的现场上报" in " ".join(sentences(city, made, Words("zh")))

    # the water falls: what was seen last counts, and after hours nothing
    say("c", "ankle", "grid_worker", 90, here)
    with store.read() as conn:
        later = at_places(conn, city, NOW + timedelta(hours=2))[place.id]
        assert (later["low_m"], later["danger"]) == (0.05, False)
        assert at_places(conn, city, NOW)[place.id] == told  # as it was known
        assert at_places(conn, city, NOW + timedelta(hours=8)) == {}
