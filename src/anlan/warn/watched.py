"""The kinds of rules that look at courses of gauges, applied to a station's readings. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from anlan.warn.colour import Colour, colour
from anlan.warn.observed import Observed, RainSum, Sample
from anlan.warn.patterns import duration_state, rate_state, repeat_state
from anlan.warn.rule import CombinedRule, DurationRule, RateRule, RepeatRule, Watch
from anlan.warn.together import any_of, high_course, together_state, wet_course

Course = DurationRule | RepeatRule | RateRule
LEAST = timedelta(hours=6)


def look_back(rule: Course | CombinedRule) -> timedelta:
    """How far back readings may matter: the spans, the fall twice and a silence."""
    match rule:
        case DurationRule():
            spans = [span for wanted in rule.by_station.values() for _, span in wanted.values()]
        case RepeatRule() | RateRule():
            spans = [rule.span]
        case CombinedRule():
            spans = [timedelta(hours=wet.hours) for one in rule.sets for wet in one.wet]
    longest = max(spans, default=timedelta(0))
    return max(LEAST, longest + rule.hold.rise + 2 * rule.hold.fall + rule.hold.max_gap)


def worth_judging(rule: Course, station: str, values: Sequence[float]) -> bool:
    """Whether readings could reach any of the rule's colours at all."""
    if not values:
        return False
    match rule:
        case DurationRule():
            return max(values) >= min(value for value, _ in rule.by_station[station].values())
        case RepeatRule():
            return max(values) >= rule.by_station[station]
        case RateRule():
            return max(values) - min(values) >= min(rule.amounts.values(), default=0.0)


def state_of(
    rule: Course, station: str, samples: Sequence[Sample], now: datetime, before: Colour
) -> Observed:
    """What one station supports by the rule."""
    match rule:
        case DurationRule():
            return duration_state(samples, rule.by_station[station], rule.hold, now, before=before)
        case RepeatRule():
            return repeat_state(
                samples,
                rule.by_station[station],
                rule.fall_by,
                rule.times,
                rule.span,
                rule.hold,
                now,
                before=before,
            )
        case RateRule():
            return rate_state(
                samples,
                rule.amounts,
                rule.span,
                rule.hold,
                now,
                falling=rule.falling,
                before=before,
            )


def together(
    rule: CombinedRule,
    watch: Watch,
    before: Mapping[str, str],
    now: datetime,
    samples: Callable[[str, timedelta], list[Sample]],
    sums: Callable[[str, timedelta], list[RainSum]],
) -> dict[str, Observed]:
    """The state of each set of a combined rule in one area, named by its number.

    A set that asks for an impact too is only ``armed`` by its gauges: the forecast must agree.
    """
    back = look_back(rule)
    high_stations = {name for one in rule.sets for high in one.high for name in high.by_station}
    gauges = [name for name in watch.stations if name not in high_stations]
    found: dict[str, Observed] = {}
    for number, one in enumerate(rule.sets):
        courses = [
            any_of(
                [wet_course(sums(name, back), wet.hours, wet.mm, wet.fall_by) for name in gauges],
                rule.hold.max_gap,
            )
            for wet in one.wet
        ]
        courses += [
            any_of(
                [
                    high_course(samples(name, back), value, high.fall_by)
                    for name, value in high.by_station.items()
                ],
                rule.hold.max_gap,
            )
            for high in one.high
        ]
        name = f"set {number}"
        was = colour(before.get(name, "none")) is not Colour.NONE
        state = together_state(courses, rule.hold, now, one.colour, before=was)
        if one.impact:
            state = Observed(
                Colour.NONE,
                state.present,
                near=state.colour,
                at=state.at,
                since=state.since,
                grounds=state.grounds,
                armed=state.colour,
            )
        found[name] = state
    return found
