"""Each kind of rule on a time line: when it stands, when it falls; silence ends nothing."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.warn.colour import Colour
from anlan.warn.observed import Hold, Observed, RainSum, Sample, levels_state
from anlan.warn.patterns import (
    begun,
    duration_state,
    rate_state,
    repeat_state,
    rises,
    silence_state,
)
from anlan.warn.together import any_of, high_course, met, together_state, wet_course
from tests.warn.timeline import Line, State, at, span

NONE, BLUE, ORANGE = Colour.NONE, Colour.BLUE, Colour.ORANGE
HOLD = Hold(rise=span(1), fall=span(3), fall_by=0.2, max_gap=span(2))


def level(samples: list[Sample], now: datetime, before: Colour) -> Observed:
    return levels_state(samples, {BLUE: 1.0, ORANGE: 2.0}, HOLD, now, before=before)


def rate(samples: list[Sample], now: datetime, before: Colour) -> Observed:
    amounts = {BLUE: 0.5, ORANGE: 1.0}
    return rate_state(samples, amounts, span(3), HOLD, now, before=before)


def lasting(samples: list[Sample], now: datetime, before: Colour) -> Observed:
    wanted = {BLUE: (1.0, span(3)), ORANGE: (1.0, span(6))}
    return duration_state(samples, wanted, HOLD, now, before=before)


def again(samples: list[Sample], now: datetime, before: Colour) -> Observed:
    hold = Hold(rise=span(0), fall=span(3), fall_by=0.0, max_gap=span(2))
    return repeat_state(samples, 1.0, 0.2, {BLUE: 2, ORANGE: 3}, span(10), hold, now, before=before)


def silent(samples: list[Sample], now: datetime, before: Colour) -> Observed:
    spans = {BLUE: span(3), ORANGE: span(6)}
    return silence_state(samples, spans, span(2), now, at(0), before=before)


def both(samples: list[Sample], now: datetime, before: Colour) -> Observed:
    """One gauge at or above 1.0 and another (its values plus 0.5) at or above 2.0."""
    low = high_course(samples, 1.0, 0.2)
    high = high_course([Sample(s.at, s.value + 0.5, s.ground) for s in samples], 2.0, 0.2)
    return together_state([low, high], HOLD, now, ORANGE, before=before is not NONE)


def test_a_threshold_stands_once_it_was_held_and_not_before() -> None:
    line = Line(level)
    line.push(1, 1.1, 1.1)
    line.stays(NONE, 0, 1.75)
    line.expect(BLUE, 2, 2.5)


def test_a_threshold_falls_below_the_margin_only_and_after_the_longer_wait() -> None:
    line = Line(level)
    line.push(1, 1.1, 1.1, 0.9, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7, 0.7)
    line.stays(BLUE, 2, 9.75)  # 0.9 is within the margin of 0.2; 0.7 from 7 s on waits for 3 s
    line.expect(NONE, 10, 10.5)


def test_a_threshold_without_data_is_never_over() -> None:
    line = Line(level)
    line.push(1, 1.1, 1.1, 0.7)
    line.stays(BLUE, 2, 60)
    assert not line.says(60)[-1][1].present


def test_a_rise_counts_from_the_lowest_of_its_span() -> None:
    line = Line(rate)
    line.push(1, 0.0, 0.2, 0.6, 0.7)
    line.stays(NONE, 0, 3.75)
    line.expect(BLUE, 4, 4.5)  # 0.6 above the lowest at 3 s and 0.7 at 4 s: held for 1 s


def test_a_slow_rise_to_the_same_height_is_none() -> None:
    line = Line(rate)
    line.push(1, *[0.1 * number for number in range(20)])
    line.stays(NONE, 0, 20)


def test_a_rise_is_over_when_the_water_has_stood_for_the_longer_wait() -> None:
    line = Line(rate)
    line.push(1, 0.0, 0.2, 0.6, 0.7, *[0.7] * 8)
    line.stays(BLUE, 4, 8.75)  # at 6 s the span holds 0.6 to 0.7 only: below 0.3, waits 3 s
    line.expect(NONE, 9, 9.5)


def test_a_step_over_a_silence_is_no_rise() -> None:
    assert [
        each.value for each in rises(_samples(0.0, 0.1, gap=5, after=3.0), span(9), span(2))
    ] == [
        0.0,
        0.1,
        0.0,
    ]


def test_falling_is_the_same_downward() -> None:
    def drop(samples: list[Sample], now: datetime, before: Colour) -> Observed:
        return rate_state(samples, {BLUE: 0.5}, span(3), HOLD, now, falling=True, before=before)

    line = Line(drop)
    line.push(1, 2.0, 1.8, 1.4, 1.3)
    line.stays(NONE, 0, 3.75)
    line.expect(BLUE, 4, 4.5)


def test_a_duration_stands_when_it_has_lasted_and_each_colour_for_its_own_time() -> None:
    line = Line(lasting)
    line.push(1, *[1.1] * 8)
    line.stays(NONE, 0, 3.75)
    line.expect(BLUE, 4, 4.5)
    line.stays(BLUE, 4, 6.75)
    line.expect(ORANGE, 7, 7.5)


def test_a_break_or_a_silence_begins_a_duration_anew() -> None:
    line = Line(lasting)
    line.push(1, 1.1, 1.1, 0.9, 1.1, 1.1)
    line.stays(NONE, 0, 6)
    line = Line(lasting)
    line.push(1, 1.1, 1.1)
    line.push(5, 1.1, 1.1)
    line.stays(NONE, 0, 7)


def test_crossings_count_when_they_begin_apart() -> None:
    line = Line(again)
    line.push(1, 0.5, 1.1, 0.9, 1.1, 0.5, 1.1)  # 0.9 is within the margin: still the first
    line.stays(NONE, 0, 5.75)
    line.expect(BLUE, 6, 6.5)


def test_what_was_above_from_the_first_reading_on_has_not_begun() -> None:
    assert begun(_samples(1.5, 1.5, 0.5, 1.5), 1.0, 0.2) == [_samples(1.5, 1.5, 0.5, 1.5)[3]]


def test_old_crossings_leave_the_count_and_it_falls_after_the_wait() -> None:
    line = Line(again)
    line.push(1, 0.5, 1.1, 0.5, 1.1, *[0.5] * 20)
    line.expect(BLUE, 4, 4.5)
    line.stays(BLUE, 4, 14.75)  # the first began at 2 s: from 12 s on one is left; 3 s more
    line.expect(NONE, 15, 15.5)


def test_silence_stands_after_its_time_and_rises() -> None:
    line = Line(silent)
    line.push(1, 1.0)
    line.stays(NONE, 1, 3.75)
    line.expect(BLUE, 4, 4.5)
    line.expect(ORANGE, 7, 7.5)


def test_silence_is_over_once_data_have_been_back_for_a_while() -> None:
    line = Line(silent)
    line.push(1, 1.0)
    line.push(5, 1.0, 1.0, 1.0)
    line.stays(BLUE, 4, 6.75)
    line.expect(NONE, 7, 7.5)


def test_silence_of_a_station_that_never_reported_counts_from_the_beginning() -> None:
    line = Line(silent)
    line.expect(BLUE, 3, 3.5)


def test_things_together_need_all_of_them_at_the_same_time() -> None:
    line = Line(both)
    line.push(1, 1.2, 1.2, 1.6, 1.6)
    line.stays(NONE, 0, 3.75)  # the second needs 1.5
    line.expect(ORANGE, 4, 4.5)


def test_one_of_them_gone_ends_it_after_the_wait_and_silence_of_one_ends_nothing() -> None:
    line = Line(both)
    line.push(1, 1.6, 1.6, *[1.1] * 4)
    line.stays(ORANGE, 2, 5.75)
    line.expect(NONE, 6, 6.5)

    def one_silent(samples: list[Sample], now: datetime, before: Colour) -> Observed:
        # the second gauge is not heard of after 2 s
        first = high_course(samples, 1.0, 0.2)
        second = high_course([each for each in samples if each.at <= at(2)], 1.0, 0.2)
        return together_state([first, second], HOLD, now, ORANGE, before=before is not NONE)

    line = Line(one_silent)
    line.push(1, 1.6, 1.6, *[0.1] * 30)
    line.stays(ORANGE, 2, 30)
    assert not line.says(30)[-1][1].present


def test_of_several_gauges_the_one_that_meets_a_condition_speaks_while_it_is_heard() -> None:
    wet, dry = _samples(1.0, 1.0), _samples(0.0, 0.0, 0.0, 0.0, 0.0)
    merged = any_of([wet, dry], span(1))
    assert [each.value for each in merged] == [1.0, 1.0, 1.0, 0.0, 0.0]


def test_rain_meets_its_sum_by_what_fell_wholly_in_the_hours() -> None:
    hour = span(3600)
    sums = [RainSum(at(0) + n * hour, at(0) + (n + 1) * hour, 10.0, f"r{n}") for n in range(4)]
    assert [each.value for each in wet_course(sums, 3.0, 30.0, 15.0)] == [0.0, 0.5, 1.0, 1.0]
    assert [met(v, 1.0, 0.2) for v in (1.0, 0.9, 0.7)] == [1.0, 0.5, 0.0]


kinds = st.sampled_from([level, rate, lasting, again, both])


@settings(max_examples=60, deadline=None)
@given(kinds, st.lists(st.floats(0, 3), min_size=1, max_size=12), st.floats(0, 30))
def test_no_kind_falls_while_nothing_is_heard(
    kind: State, values: list[float], later: float
) -> None:
    line = Line(kind)
    line.push(1, *values)
    last = 1.0 + len(values) - 1
    stood = line.says(last)[-1][1].kept
    line.stays(stood, last, last + 0.25 * int(later / 0.25))


@settings(max_examples=60, deadline=None)
@given(kinds, st.lists(st.floats(0, 3), min_size=1, max_size=12))
def test_the_answer_hangs_on_the_readings_and_not_on_how_often_it_was_asked(
    kind: State, values: list[float]
) -> None:
    line = Line(kind)
    line.push(1, *values)
    often = line.says(float(len(values)))[-1][1]
    once = kind(line.pushed, at(len(values)), NONE)
    assert often.colour is once.colour


def _samples(*values: float, gap: float = 1, after: float | None = None) -> list[Sample]:
    found = [Sample(at(n), value, f"obs:{n}") for n, value in enumerate(values)]
    if after is not None:
        found.append(Sample(at(len(values) + gap), after, "obs:after"))
    return found
