"""Writing and reading a message returns the same message, whatever it holds."""

from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.cap import (
    Alert,
    Area,
    CapError,
    Category,
    Certainty,
    Circle,
    Info,
    MsgType,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
    read,
    write,
)
from anlan.cap.coordinates import point_text, read_point
from anlan.cap.times import read_time, time_text

T = TypeVar("T")
TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters=[chr(c) for c in range(32) if c not in (9, 10, 13)]
        + ["\ufffe", "\uffff"],
    ),
    max_size=20,
)
TOKEN = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
TIMES = st.builds(
    lambda seconds, zone: datetime.fromtimestamp(seconds, zone),
    st.integers(600_000_000, 4_000_000_000),
    OFFSETS,
)
LON = st.floats(-180, 180)
LAT = st.floats(-90, 90)
NAMED = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)


def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


def some(strategy: st.SearchStrategy[T], least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, min_size=least, max_size=least + 2).map(tuple)


AREAS = st.builds(
    Area,
    description=TEXT,
    polygons=some(st.lists(st.tuples(LON, LAT), min_size=1, max_size=5).map(tuple)),
    circles=some(st.builds(Circle, LON, LAT, st.floats(0, 1e4))),
    geocodes=NAMED,
    altitude=maybe(st.floats(-1e4, 1e5)),
    ceiling=maybe(st.floats(-1e4, 1e5)),
)
RESOURCES = st.builds(
    Resource,
    description=TEXT,
    mime_type=TEXT,
    size=maybe(st.integers(0, 10**9)),
    uri=maybe(TEXT),
    deref_uri=maybe(TEXT),
    digest=maybe(TEXT),
)
INFOS = st.builds(
    Info,
    categories=some(st.sampled_from(Category), 1),
    event=TEXT,
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(Severity),
    certainty=st.sampled_from(Certainty),
    language=maybe(TEXT),
    response_types=some(st.sampled_from(ResponseType)),
    audience=maybe(TEXT),
    event_codes=NAMED,
    effective=maybe(TIMES),
    onset=maybe(TIMES),
    expires=maybe(TIMES),
    sender_name=maybe(TEXT),
    headline=maybe(TEXT),
    description=maybe(TEXT),
    instruction=maybe(TEXT),
    web=maybe(TEXT),
    contact=maybe(TEXT),
    parameters=NAMED,
    resources=some(RESOURCES),
    areas=some(AREAS),
)
ALERTS = st.builds(
    Alert,
    identifier=TEXT,
    sender=TEXT,
    sent=TIMES,
    status=st.sampled_from(Status),
    msg_type=st.sampled_from(MsgType),
    scope=st.sampled_from(Scope),
    source=maybe(TEXT),
    restriction=maybe(TEXT),
    addresses=maybe(TEXT),
    codes=some(TEXT),
    note=maybe(TEXT),
    references=some(st.builds(Reference, TOKEN, TOKEN, TIMES)),
    incidents=maybe(TEXT),
    infos=some(INFOS),
)


@settings(max_examples=60, deadline=None)
@given(ALERTS)
def test_reading_what_was_written_gives_the_same_alert(alert: Alert) -> None:
    assert read(write(alert)) == alert


@settings(max_examples=30, deadline=None)
@given(ALERTS)
def test_equal_alerts_are_written_as_equal_bytes(alert: Alert) -> None:
    assert write(read(write(alert))) == write(alert)


@given(LON, LAT)
def test_one_converter_turns_lon_lat_into_lat_lon_and_back(lon: float, lat: float) -> None:
    assert read_point(point_text(lon, lat)) == (lon, lat)


def test_cap_writes_latitude_first() -> None:
    assert point_text(121.083, 30.6) == "30.6,121.083"


def test_utc_is_written_as_minus_zero_as_the_standard_asks() -> None:
    assert time_text(datetime(2021, 7, 25, 6, tzinfo=UTC)) == "2021-07-25T06:00:00-00:00"


@pytest.mark.parametrize(
    "text", ["2021-07-25T06:00:00Z", "2021-07-25T06:00+08:00", "2021-07-25T06:00:00.5+08:00"]
)
def test_other_forms_of_time_are_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a CAP time; write 2021-07-25T14:30:00\+08:00"):
        read_time(text)


def test_a_character_that_xml_cannot_carry_is_refused_by_name() -> None:
    alert = Alert(
        "a", "b", datetime(2021, 7, 25, tzinfo=UTC), Status.TEST, MsgType.ALERT, Scope.PUBLIC,
        note="bell \x07",
    )  # fmt: skip
    with pytest.raises(CapError, match=r"note: the character U\+0007 cannot stand in XML"):
        write(alert)
