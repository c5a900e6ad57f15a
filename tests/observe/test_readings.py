"""Readings: units and datums at the edge, refusals that say what to do, history kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from anlan.city import City
from anlan.journal import Act
from anlan.observe import Reading, actions, archive, parse_csv
from anlan.refusal import Refusal
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines

NOON = datetime(2021, 7, 24, 4, tzinfo=UTC)
TIDE = "zhapu.tide"


def test_a_level_in_wusong_metres_arrives_on_the_citys_datum(pinghu: City) -> None:
    text = f"series,valid_at,value,unit,datum\n{TIDE},2021-07-24T00:30+08:00,5.41,m,Wusong\n"
    readings, refused = parse_csv(text, pinghu, "desk")
    assert refused == []
    assert readings[0].value == pytest.approx(5.41 - 1.841)
    assert readings[0].valid_at == datetime(2021, 7, 23, 16, 30, tzinfo=UTC)


def test_centimetres_become_metres(pinghu: City) -> None:
    text = f"series,valid_at,value,unit,datum\n{TIDE},2021-07-24T00:30+08:00,541,cm,Wusong\n"
    assert parse_csv(text, pinghu, "desk")[0][0].value == pytest.approx(5.41 - 1.841)


@pytest.mark.parametrize(
    ("row", "field", "named"),
    [
        (f"{TIDE},2021-07-24T00:30+08:00,17,ft,", "unit", "ft"),
        (f"{TIDE},2021-07-24T00:30,5.4,m,", "valid_at", "2021-07-24T00:30"),
        (f"{TIDE},2021-07-24T00:30+08:00,high,m,", "value", "high"),
        (f"{TIDE},2021-07-24T00:30+08:00,5.4,m,Amsterdam", "datum", "Amsterdam"),
        ("nowhere.tide,2021-07-24T00:30+08:00,5.4,m,", "series", "nowhere.tide"),
    ],
)
def test_a_bad_row_is_refused_by_name_and_the_rest_goes_on(
    pinghu: City, row: str, field: str, named: str
) -> None:
    good = f"{TIDE},2021-07-24T01:30+08:00,5.2,m,Wusong"
    readings, refused = parse_csv(
        f"series,valid_at,value,unit,datum\n{row}\n{good}\n", pinghu, "desk"
    )
    assert len(readings) == 1
    refusal = refused[0].refusal
    assert (refusal.field, refused[0].row) == (field, 1)
    assert named in refusal.message
    assert refusal.remedy


@pytest.mark.parametrize(
    ("valid_at", "flag", "field", "named"),
    [
        ("0001-01-01T00:00+08:00", "", "valid_at", "1900 to 2200"),
        ("9999-12-31T23:59-08:00", "", "valid_at", "1900 to 2200"),
        (
            "2021-07-24T00:30+08:00",
            "fine",
            "flag",
            "ok, suspect, missing, reconstructed, corrected",
        ),
        ("2021-07-24T00:30+08:00", "reconstructed", "flag", "not for a station to give"),
    ],
)
def test_a_row_of_no_possible_time_or_flag_is_refused(
    pinghu: City, valid_at: str, flag: str, field: str, named: str
) -> None:
    text = f"series,valid_at,value,flag\n{TIDE},{valid_at},3.1,{flag}\n"
    readings, refused = parse_csv(text, pinghu, "desk")
    assert readings == []
    assert refused[0].refusal.field == field
    assert named in refused[0].refusal.message
    assert refused[0].refusal.remedy


def test_a_field_longer_than_csv_takes_is_refused(pinghu: City) -> None:
    for text in (f"series,valid_at,value\n{TIDE},{'x' * 140_000},3\n", "x" * 140_000):
        with pytest.raises(Refusal, match="is not CSV"):
            parse_csv(text, pinghu, "desk")


def test_a_replays_stations_give_reconstructed_readings_and_nobody_an_unknown_flag(
    pinghu: City, store: Store
) -> None:
    with store.transaction() as tx:
        done = actions.record(
            Act(tx, NOON, "system"),
            pinghu,
            [
                Reading(TIDE, NOON, 3.0, flag="reconstructed"),
                Reading(TIDE, NOON - timedelta(minutes=1), 3.0, flag="fine"),
            ],
        )
    assert (done.new, len(done.refused)) == (1, 1)


def test_a_csv_without_its_columns_says_which_are_missing(pinghu: City) -> None:
    with pytest.raises(Refusal, match="column valid_at is missing"):
        parse_csv("series,time,value\n", pinghu, "desk")


def test_a_reading_from_the_future_is_held_back_and_the_batch_goes_on(
    pinghu: City, store: Store
) -> None:
    with store.transaction() as tx:
        done = actions.record(
            Act(tx, NOON, "system"),
            pinghu,
            [Reading(TIDE, NOON, 3.0), Reading(TIDE, NOON + timedelta(days=2), 3.0)],
        )
        assert (done.new, len(done.refused)) == (1, 1)
        kept = tx.execute(select(schema.quarantine.c.error)).scalar_one()
    assert "set the station's clock" in kept


def test_an_impossible_value_is_flagged_and_kept(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        actions.record(Act(tx, NOON, "system"), pinghu, [Reading(TIDE, NOON, 99.0)])
        (found,) = archive.window(tx, TIDE, NOON - timedelta(hours=1), NOON)
    assert (found.value, found.flag) == (99.0, "suspect")


def test_a_correction_keeps_what_was_known_before(pinghu: City, store: Store) -> None:
    later = NOON + timedelta(hours=1)
    with store.transaction() as tx:
        actions.record(Act(tx, NOON, "system"), pinghu, [Reading(TIDE, NOON, 3.0)])
        done = actions.record(Act(tx, later, "system"), pinghu, [Reading(TIDE, NOON, 3.4)])
        assert done.conflicts == 1
        hour_ago = NOON - timedelta(hours=1)
        (now,) = archive.window(tx, TIDE, hour_ago, NOON)
        (then,) = archive.window(tx, TIDE, hour_ago, NOON, as_of=NOON)
        assert archive.latest(tx, [TIDE], as_of=NOON)[TIDE].value == 3.0
    assert (now.value, then.value) == (3.4, 3.0)


batches = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from([1.0, 2.0, None])), min_size=1, max_size=30
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batch=batches, order=st.randoms(use_true_random=False))
def test_order_and_repetition_of_a_batch_change_nothing(
    store: Store, batch: list[tuple[int, float | None]], order: object
) -> None:
    readings = [Reading(TIDE, NOON + timedelta(minutes=m), value) for m, value in batch]
    shuffled = readings * 2
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    stored = []
    for given_batch in (readings, shuffled):
        with store.transaction() as tx:
            tx.execute(schema.observation.delete())
            archive.add(tx, given_batch, NOON)
            stored.append(
                [
                    (o.valid_at, o.value)
                    for o in archive.window(tx, TIDE, NOON - timedelta(1), NOON + timedelta(1))
                ]
            )
    assert stored[0] == stored[1]


def test_the_same_batch_twice_adds_nothing(pinghu: City, store: Store) -> None:
    batch = [Reading(TIDE, NOON + timedelta(minutes=m), 3.0 + m / 100) for m in range(0, 10)]
    with store.transaction() as tx:
        assert actions.record(Act(tx, NOON, "system"), pinghu, batch).new == 10
        again = actions.record(Act(tx, NOON, "system"), pinghu, batch)
        rows = tx.execute(select(func.count()).select_from(schema.observation)).scalar_one()
    assert (again.new, again.repeated, rows) == (0, 10, 10)
