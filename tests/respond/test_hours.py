"""Working hours: the clock of a kind that is not urgent stands at night and on days off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.city import City
from anlan.respond import actions, hours
from anlan.respond.check import check
from anlan.respond.deadlines import fire_timers
from anlan.respond.records import get_case, history_of, tasks_of
from tests.respond.town import EAST_ONE, Desk

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = hours.Hours(
    SHANGHAI,
    frozenset(range(5)),
    ((time(8, 30), time(12)), (time(14), time(17, 30))),
    off=frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
    on=frozenset({date(2026, 10, 10)}),
)
CALENDAR = """
[week]
days = ["mon", "tue", "wed", "thu", "fri"]
spans = ["08:30-12:00", "14:00-17:30"]
"""
MATTER = """
[pack]
kind = "matter"
title = "小事"
title_en = "Matter"
priority = 4
opens = ["town_officer"]

[owner]
roles = ["grid_worker"]

[deadlines]
hours = "working"
due_min = 420
verify_min = 60

[[pause]]
code = "away"
title = "不在"
title_en = "Away"
longest_min = 2880

[[task]]
title = "去看"
instruction = "去看"
ack_min = 60
done_min = 400
"""
moments = st.floats(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-15 09:00", 60, "2026-09-15 10:00"),
        ("2026-09-15 11:30", 60, "2026-09-15 14:30"),
        ("2026-09-15 22:00", 60, "2026-09-16 09:30"),
        ("2026-09-18 17:00", 60, "2026-09-21 09:00"),
        ("2026-09-30 17:00", 60, "2026-10-05 09:00"),
        ("2026-10-09 17:00", 60, "2026-10-10 09:00"),
    ],
    ids=["at work", "over noon", "at night", "weekend", "holiday", "Saturday made a working day"],
)
def test_minutes_count_at_work_alone(start: str, minutes: float, end: str) -> None:
    assert hours.after(OFFICE, local(start), minutes) == local(end)


@given(start=moments, minutes=st.floats(0, 5000, allow_nan=False))
def test_as_many_minutes_lie_between_as_were_added(start: datetime, minutes: float) -> None:
    end = hours.after(OFFICE, start, minutes)
    assert end >= start
    assert hours.between(OFFICE, start, end) == pytest.approx(minutes, abs=1e-3)


@given(one=moments, other=moments, third=moments)
def test_times_at_work_add_up(one: datetime, other: datetime, third: datetime) -> None:
    parts = hours.between(OFFICE, one, other) + hours.between(OFFICE, other, third)
    assert parts == pytest.approx(hours.between(OFFICE, one, third), abs=1e-6)


@pytest.fixture
def office(city: City) -> City:
    (city.folder / hours.FILE).write_text(CALENDAR, encoding="utf-8")
    (city.folder / "packs" / "matter.toml").write_text(MATTER, encoding="utf-8")
    return city


def friday_at_five(desk: Desk) -> str:
    """A matter reported on a Friday at 17:00, half an hour before work ends."""
    desk.now = local("2021-07-23 17:00").astimezone(UTC)
    return actions.open_case(
        desk.as_("town-east"), desk.city, "matter", territory=EAST_ONE, text="井盖松动"
    )


def test_nobody_is_told_over_the_weekend_that_a_matter_is_late(office: City, desk: Desk) -> None:
    case = friday_at_five(desk)
    [task] = tasks_of(desk.tx, case)
    assert task.ack_due_at == local("2021-07-26 09:00")
    assert get_case(desk.tx, case).due_at == local("2021-07-26 17:00")
    desk.now = local("2021-07-26 08:59").astimezone(UTC)
    assert fire_timers(desk.as_("system"), office) == []
    desk.now = local("2021-07-26 09:01").astimezone(UTC)
    assert [each["outcome"] for each in fire_timers(desk.as_("system"), office)] == ["escalated"]
    assert history_of(desk.tx, case)[-1].payload["told"] == ["village-east-1"]
    desk.now = local("2021-07-26 09:17").astimezone(UTC)
    fire_timers(desk.as_("system"), office)
    assert history_of(desk.tx, case)[-1].payload["told"] == ["town-east"]


def test_a_stopped_clock_goes_on_with_what_was_left_at_work(office: City, desk: Desk) -> None:
    case = friday_at_five(desk)
    [task] = tasks_of(desk.tx, case)
    for command in ("acknowledge", "arrive"):
        actions.task_command(desk.as_("grid-east-1"), office, task.id, command)
    desk.now = local("2021-07-26 10:00").astimezone(UTC)
    actions.case_command(
        desk.as_("grid-east-1"), office, case, "block", {"cause": "away", "reason": "不在家"}
    )
    desk.now = local("2021-07-27 20:00").astimezone(UTC)
    actions.case_command(desk.as_("grid-east-1"), office, case, "unblock")
    # 300 of its 420 minutes at work were left
    assert get_case(desk.tx, case).due_at == local("2021-07-28 15:30")


def test_check_and_history_of_the_verification_keep_the_hours(office: City, desk: Desk) -> None:
    case = friday_at_five(desk)
    [task] = tasks_of(desk.tx, case)
    actions.task_command(desk.as_("grid-east-1"), office, task.id, "acknowledge")
    actions.task_command(desk.as_("grid-east-1"), office, task.id, "complete", {"text": "已拧紧"})
    desk.wait(12 * 60)
    assert fire_timers(desk.as_("system"), office) == []
    desk.now = local("2021-07-26 09:01").astimezone(UTC)
    [came] = fire_timers(desk.as_("system"), office)
    assert came["kind"] == "case.verify"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (CALENDAR.replace("12:00", "07:00"), "week.spans"),
        (CALENDAR.replace('"mon", ', '"Monday", '), "week.days"),
        (CALENDAR + "[[year]]\noff = [2026-10-01]\non = [2026-10-01]\n", "year.off"),
        ("[week", ""),
        (None, "deadlines.hours"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_named(
    office: City, text: str | None, names: str
) -> None:
    path: Path = office.folder / hours.FILE
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    found = [fault for fault in check(office.folder) if "hours" in str(fault)]
    assert [fault.field.split(".0")[0] for fault in found] == [names]
    assert hours.of_kind(office, "matter") is None, "clocks run on rather than stand still"


def test_minutes_far_ahead_end_though_a_calendar_may_hold_no_more_work() -> None:
    never = hours.Hours(SHANGHAI, frozenset(), ((time(8), time(9)),))
    start = local("2026-09-15 09:00")
    assert hours.after(never, start, 60) == start + timedelta(minutes=60)
