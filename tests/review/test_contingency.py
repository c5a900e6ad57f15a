"""Hits, misses, false alarms and lead times counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.review.contingency import Table, events_of, table
from anlan.review.score import Crossing, Version

T0 = datetime(2021, 7, 25, tzinfo=UTC)
END = T0 + timedelta(hours=100)
TOWN, OTHER = "330482101000", "330482102000"


def hour(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def said(
    chain: str, *course: tuple[float, str], until: float = 100.0, area: str = TOWN
) -> list[Version]:
    """A chain's versions: (hour, colour); "clear" cancels. All expire at ``until``."""
    return [
        Version(
            f"{chain}{n}",
            chain,
            n,
            "flood",
            colour,
            (area,),
            hour(at),
            hour(until),
            colour == "clear",
        )
        for n, (at, colour) in enumerate(course, 1)
    ]


def flood(start: float, end: float, colour: str = "yellow", where: str = TOWN) -> Crossing:
    return Crossing(where, colour, hour(start), hour(end), "flood")


def meets(area: object, where: str) -> bool:
    return where in tuple(area)  # type: ignore[arg-type]


def count(versions: list[Version], floods: list[Crossing], colour: str = "yellow") -> Table:
    return table(versions, floods, colour, meets, END)


def test_a_warning_in_force_when_the_water_comes_is_a_hit_and_has_its_lead() -> None:
    found = count(said("a", (1, "yellow"), (10, "clear")), [flood(4.5, 8)])
    assert (found.hits, found.misses, found.verified, found.false_alarms) == (1, 0, 1, 0)
    assert found.leads_h == (3.5,)
    assert (found.pod, found.far, found.csi) == (1.0, 0.0, 1.0)


def test_a_warning_after_the_beginning_leaves_a_miss_and_is_no_false_alarm() -> None:
    found = count(said("a", (5, "yellow"), (10, "clear")), [flood(4, 8)])
    assert (found.hits, found.misses, found.late, found.verified, found.false_alarms) == (
        *(0, 1, 1),
        *(1, 0),
    )
    assert (found.pod, found.csi) == (0.0, 0.0)


def test_a_warning_of_elsewhere_or_of_another_time_is_a_false_alarm() -> None:
    elsewhere = said("a", (1, "yellow"), (10, "clear"), area=OTHER)
    early = said("b", (1, "yellow"), until=3)
    found = count(elsewhere + early, [flood(4, 8)])
    assert (found.hits, found.misses, found.false_alarms) == (0, 1, 2)
    assert found.far == 1.0


def test_each_level_is_counted_with_all_above_it() -> None:
    versions = said("a", (1, "blue"), (3, "orange"), (9, "clear"))
    floods = [flood(2, 8, "blue"), flood(4, 7, "yellow")]
    assert count(versions, floods, "blue").leads_h == (1.0,)
    assert count(versions, floods, "yellow").leads_h == (1.0,)
    orange = count(versions, floods, "orange")
    assert (orange.events, orange.false_alarms) == (0, 1)


def test_falling_below_a_level_ends_its_warning_and_rising_again_begins_another() -> None:
    versions = said("a", (1, "yellow"), (5, "blue"), (20, "yellow"), (30, "clear"))
    found = count(versions, [flood(2, 4), flood(22, 25)])
    assert (found.warnings, found.hits, found.leads_h) == (2, 2, (1.0, 2.0))


def test_what_is_still_in_force_at_the_end_is_neither_verified_nor_false() -> None:
    found = count(said("a", (90, "yellow"), until=120), [])
    assert (found.open, found.false_alarms, found.far) == (1, 0, None)


def test_stretches_nearer_than_six_hours_are_one_event_and_two_high_waters_are_two() -> None:
    near = [flood(1, 3), flood(8.9, 10), flood(1, 3, where=OTHER)]
    assert len(events_of(near, "yellow")) == 2
    assert len(events_of([flood(1, 3), flood(13.4, 15)], "yellow")) == 2


def test_a_level_that_the_reference_lacks_is_that_above_it() -> None:
    assert events_of([flood(1, 3, "yellow"), flood(2, 3, "orange")], "blue") == [
        flood(1, 3, "yellow")
    ]


def test_the_index_is_that_of_one_list_where_each_hit_is_one_warning() -> None:
    found = Table(hits=6, misses=2, verified=6, false_alarms=4)
    assert found.csi == pytest.approx(6 / (6 + 2 + 4))


levels = st.sampled_from(["blue", "yellow", "orange", "red"])
floods = st.lists(
    st.builds(
        lambda start, last, colour: flood(start, start + last, colour),
        st.floats(0, 80),
        st.floats(0.1, 10),
        levels,
    ),
    max_size=6,
)
chains = st.lists(
    st.lists(st.tuples(st.floats(0, 80), levels), min_size=1, max_size=4).map(sorted), max_size=4
)


@given(chains, floods, levels)
def test_every_event_and_every_warning_is_counted_once(
    courses: list[list[tuple[float, str]]], happened: list[Crossing], level: str
) -> None:
    versions = [v for n, course in enumerate(courses) for v in said(f"c{n} ", *course)]
    found = count(versions, happened, level)
    assert found.events == len(events_of(happened, level))
    assert found.late <= found.misses
    assert len(found.leads_h) == found.hits
    assert all(lead >= 0 for lead in found.leads_h)
    for share in (found.pod, found.far, found.csi):
        assert share is None or 0 <= share <= 1
