"""Readings and runs weighed against one rule in one area. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.warn.colour import Colour, highest
from anlan.warn.lifecycle import Evidence
from anlan.warn.observed import Observed
from anlan.warn.rule import RUNS, CombinedRule, NoDataRule, Rule, TidePeakRule, TownRule, Watch

# How long a warning holds beyond the last danger that it knows of.
AFTER_PEAK = timedelta(hours=3)
AFTER_READING = timedelta(hours=6)
# A hazard place is named in texts when attention there is at least this likely.
LISTED_FROM = 0.3


@dataclass(frozen=True)
class Run:
    """A forecast run's assessment as stored: id, issue time (UTC), JSON content."""

    id: str
    issued: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True)
class _Outlook:
    colour: Colour
    onset: datetime | None = None
    until: datetime | None = None
    facts: Mapping[str, str] | None = None


def usable_runs(
    runs: Sequence[Run], now: datetime, max_age: timedelta, most: int = RUNS
) -> list[Run]:
    """The newest runs that still speak: issued not after now nor longer ago than ``max_age``.

    A run that was overtaken is worth comparing with its successor even when a little older, so
    the second may be up to twice as old, the third three times.
    """
    ordered = sorted(runs, key=lambda run: run.issued, reverse=True)[:most]
    return [
        run
        for number, run in enumerate(ordered, 1)
        if timedelta(0) <= now - run.issued <= max_age * number
    ]


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if isinstance(text, str) else None


def tide_outlook(
    run: Run, rule: TidePeakRule, levels: Mapping[Colour, float], now: datetime
) -> _Outlook:
    """The colour that a run's tide supports: share of members whose peak reaches the level.

    Peaks that lie in the past or beyond the horizon do not count, but their members do.
    """
    tide = run.content.get("tide")
    if not tide or not tide.get("member_peaks"):
        return _Outlook(Colour.NONE)
    peaks = [(float(each["peak_m"]), _moment(each["time"])) for each in tide["member_peaks"]]
    ahead = [
        (peak, at)
        for peak, at in peaks
        if at is not None and now <= at <= run.issued + rule.horizon
    ]
    supported = [
        each
        for each, share in rule.probability.items()
        if each in levels and sum(p >= levels[each] for p, _ in ahead) >= share * len(peaks)
    ]
    top = highest(supported)
    if top is Colour.NONE:
        return _Outlook(top)
    reaching = sorted(at for peak, at in ahead if peak >= levels[top])
    share = len(reaching) / len(peaks)
    quantiles = tide.get("peak", {})
    facts = {
        "probability": f"{share:.0%}",
        "level": f"{levels[top]:.2f}",
        "peak": f"{float(quantiles.get('p50', 0)):.2f}",
        "peak_low": f"{float(quantiles.get('p10', 0)):.2f}",
        "peak_high": f"{float(quantiles.get('p90', 0)):.2f}",
    }
    return _Outlook(top, reaching[0], reaching[-1] + AFTER_PEAK, facts)


def town_outlook(run: Run, rule: TownRule, area: Sequence[str]) -> _Outlook:
    """The colour that a run supports for the towns of an area: its worst town counts."""
    best = _Outlook(Colour.NONE)
    for town in run.content.get("towns", []):
        if town.get("code") not in area:
            continue
        met = [
            each
            for each, sets in rule.colours.items()
            if any(
                all(float(town.get(name) or 0) >= least for name, least in one.items())
                for one in sets
            )
        ]
        top = highest(met)
        if top > best.colour:
            onset = _moment(town.get("onset"))
            horizon = timedelta(hours=float(run.content.get("horizon_h") or 48))
            facts = {
                "probability": f"{float(town.get('attention_probability') or 0):.0%}",
                "danger": f"{float(town.get('danger_probability') or 0):.0%}",
                "rain_3h": f"{float(town.get('max_rain_3h_p50') or 0):.0f}",
                "rain_12h": f"{float(town.get('max_rain_12h_p50') or 0):.0f}",
                "places": f"{float(town.get('places_attention_p50') or 0):.0f}",
                "residents": f"{float(town.get('residents_p50') or 0):.0f}",
                "place_ids": _likely_places(run, str(town["code"])),
                "at_places": _at_places(run, area),
            }
            best = _Outlook(top, onset, run.issued + horizon, facts)
    return best


def _impact_outlook(
    run: Run, rule: CombinedRule, states: Sequence[Observed], area: Sequence[str]
) -> _Outlook:
    """The highest set that the gauges arm and whose impact the run foresees in the area."""
    best = _Outlook(Colour.NONE)
    for one, state in zip(rule.sets, states, strict=True):
        if state.armed > best.colour:
            found = town_outlook(run, TownRule({one.colour: (one.impact,)}), area)
            best = max(best, found, key=lambda each: each.colour)
    return best


def _likely_places(run: Run, town: str) -> str:
    """Ids of the town's hazard places most likely to need attention, at most five."""
    places = [
        (-float((each.get("attention") or {}).get("probability") or 0), str(each["id"]))
        for each in run.content.get("places", [])
        if each.get("town") == town
    ]
    return " ".join(name for share, name in sorted(places)[:5] if share <= -LISTED_FROM)


def _at_places(run: Run, area: Sequence[str]) -> str:
    """What each place of the area that is likely to need attention must expect, as JSON:
    place -> [median peak depth in m, onset, whether it is likely to cross its danger depth]."""
    found = {}
    for each in run.content.get("places", []):
        attention = each.get("attention") or {}
        if each.get("town") in area and float(attention.get("probability") or 0) >= LISTED_FROM:
            depth = float((each.get("peak_m") or {}).get("p50") or attention.get("threshold_m", 0))
            danger = float((each.get("danger") or {}).get("probability") or 0) >= LISTED_FROM
            found[str(each["id"])] = [f"{depth:.1f}", str(attention.get("onset") or ""), danger]
    return json.dumps(found)


def _present(rule: Rule, states: Sequence[Observed]) -> bool:
    """Whether data are there: of one gauge at least; where all must be looked at, of all."""
    if isinstance(rule.watching, CombinedRule | NoDataRule):
        return bool(states) and all(each.present for each in states)
    return any(each.present for each in states)


def _fall(rule: Rule) -> timedelta:
    """How long the rule's gauges wait before they call anything over."""
    if rule.levels is not None:
        return rule.levels.hold.fall
    if isinstance(rule.watching, NoDataRule):
        return rule.watching.back
    return timedelta(0) if rule.watching is None else rule.watching.hold.fall


def weigh(
    rule: Rule,
    watch: Watch,
    gauges: Mapping[str, Observed],
    runs: Sequence[Run],
    now: datetime,
) -> Evidence:
    """Everything known about ``rule`` in ``watch`` at ``now``.

    Args:
        rule: the rule.
        watch: its area and stations.
        gauges: state of each station of the watch.
        runs: usable runs, newest first.
        now: the present, UTC.
    """
    states = list(gauges.values())
    runs = runs[: rule.runs]
    seen = max(states, key=lambda each: each.colour, default=None)
    outlooks: list[_Outlook] = []
    for run in runs:
        if isinstance(rule.forecast, TidePeakRule) and rule.levels:
            levels = next(iter(rule.levels.by_station.values()), {})
            outlooks.append(tide_outlook(run, rule.forecast, levels, now))
        elif isinstance(rule.forecast, TownRule):
            outlooks.append(town_outlook(run, rule.forecast, watch.area))
        elif isinstance(rule.watching, CombinedRule):
            outlooks.append(_impact_outlook(run, rule.watching, states, watch.area))
    grounds = [f"rule:{rule.id}"]
    for state in states:
        if state.colour is not Colour.NONE or state.near is not Colour.NONE:
            grounds += state.grounds
    grounds += [
        f"run:{run.id}"
        for run, each in zip(runs, outlooks, strict=False)
        if each.colour is not Colour.NONE
    ]
    set_aside = tuple(dict.fromkeys(each for state in states for each in state.set_aside))
    grounds += [f"aside:{each.split()[0]}" for each in set_aside]
    facts: dict[str, str] = {}
    onset: datetime | None = None
    until: datetime | None = None
    leading = next((each for each in outlooks if each.colour is not Colour.NONE), None)
    if leading is not None:
        onset, until = leading.onset, leading.until
        facts.update(leading.facts or {})
    if seen is not None and seen.colour is not Colour.NONE and seen.at is not None:
        onset = seen.since or seen.at
        # what the gauges show cannot be called over before their fall has been waited for
        hold = _fall(rule)
        until = max(until or seen.at, seen.at + hold + AFTER_READING)
    newest = max(
        (s for s in states if s.value is not None), key=lambda s: s.value or 0.0, default=None
    )
    if newest is not None:
        facts["observed"] = f"{newest.value:.2f}"
    return Evidence(
        observed=highest(each.colour for each in states),
        near=highest(each.near for each in states),
        forecasts=tuple(each.colour for each in outlooks),
        gauge_present=_present(rule, states),
        has_gauge=bool(watch.stations),
        runs=rule.runs,
        grounds=tuple(dict.fromkeys(grounds)),
        set_aside=set_aside,
        onset=onset,
        until=until,
        facts=facts,
    )
