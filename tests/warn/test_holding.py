"""Silence and inhibition: what holds a warning back, and what lets it out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anlan.city import City
from anlan.warn.colour import Colour
from anlan.warn.holding import Case, decide_all
from anlan.warn.lifecycle import Decision, Evidence, Standing, Step
from anlan.warn.rule import Inhibition, Rules, Silence, Watch
from anlan.warn.rules import load_rules

NOW = datetime(2021, 7, 25, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOWN, VILLAGE, OTHER = "330482101000", "330482101201", "330482102000"
NONE, BLUE, YELLOW, ORANGE, _ = Colour
NOTHING = Standing()


@pytest.fixture
def rules(pinghu: City) -> Rules:
    """Pinghu's rules, with orange holding back blue of the same event."""
    return replace(load_rules(pinghu), inhibitions=(Inhibition(ORANGE, BLUE),))


def case(
    rules: Rules,
    rule: str,
    area: str,
    observed: Colour,
    standing: Standing = NOTHING,
    draft_at: datetime | None = None,
) -> Case:
    found = rules.rule(rule)
    assert found is not None
    # two rules of one event, as a city has them that watches one thing in two ways
    watched = replace(found, event="water")
    evidence = Evidence(observed=observed, has_gauge=True, gauge_present=True)
    return Case(watched, Watch((area,), ()), evidence, standing, draft_at)


def above(code: str) -> list[str]:
    return [VILLAGE, TOWN] if code == VILLAGE else [code]


def steps(rules: Rules, *cases: Case, now: datetime = NOW) -> list[tuple[str, Step, Colour, str]]:
    decided: list[tuple[Case, Decision]] = decide_all(cases, rules, now, above)
    return [(c.rule.id, d.step, d.colour, d.reason) for c, d in decided]


def test_orange_holds_back_blue_of_the_same_minute_and_is_drafted_first(rules: Rules) -> None:
    blue = case(rules, "river-level", VILLAGE, BLUE)
    orange = case(rules, "waterlogging", TOWN, ORANGE)
    assert steps(rules, blue, orange) == [
        ("waterlogging", Step.NEW, ORANGE, "first issue"),
        ("river-level", Step.NOTHING, NONE, "held: orange of waterlogging in the same area"),
    ]


def test_blue_goes_out_as_soon_as_orange_has_ended(rules: Rules) -> None:
    blue = case(rules, "river-level", VILLAGE, BLUE)
    stands = case(rules, "waterlogging", TOWN, ORANGE, Standing(issued=ORANGE))
    ended = case(rules, "waterlogging", TOWN, NONE)
    assert [step for _, step, _, _ in steps(rules, blue, stands)] == [Step.NOTHING, Step.NOTHING]
    assert ("river-level", Step.NEW, BLUE, "first issue") in steps(rules, blue, ended)


def test_yellow_is_not_held_nor_is_blue_elsewhere_nor_blue_in_a_wider_area(rules: Rules) -> None:
    orange = case(rules, "waterlogging", VILLAGE, ORANGE, Standing(issued=ORANGE))
    for area, colour in ((VILLAGE, YELLOW), (OTHER, BLUE), (TOWN, BLUE)):
        own = case(rules, "river-level", area, colour)
        assert ("river-level", Step.NEW, colour, "first issue") in steps(rules, own, orange)


def test_other_events_are_held_only_where_the_file_names_them(rules: Rules) -> None:
    blue = replace(
        case(rules, "river-level", TOWN, BLUE),
        rule=replace(case(rules, "river-level", TOWN, BLUE).rule, event="river_level"),
    )
    orange = case(rules, "waterlogging", TOWN, ORANGE, Standing(issued=ORANGE))
    assert steps(rules, blue, orange)[0][1] is Step.NEW
    both = replace(rules, inhibitions=(Inhibition(ORANGE, BLUE, ("river_level", "water")),))
    assert steps(both, blue, orange)[0][1] is Step.NOTHING


def test_a_draft_holds_others_back_only_until_its_time_is_over(rules: Rules) -> None:
    # orange must be approved within 15 minutes: after that, holding blue back would be silence
    waits = case(rules, "waterlogging", TOWN, ORANGE, Standing(waiting=ORANGE), draft_at=NOW)
    blue = case(rules, "river-level", TOWN, BLUE)
    assert rules.approve_within[ORANGE] == timedelta(minutes=15)
    assert steps(rules, blue, waits, now=NOW + 15 * HOUR / 60)[0][1] is Step.NOTHING
    assert steps(rules, blue, waits, now=NOW + 16 * HOUR / 60)[0][1] is Step.NEW


def test_a_silence_holds_its_rule_and_area_up_to_its_colour_until_it_ends(rules: Rules) -> None:
    silence = Silence(NOW, NOW + HOUR, YELLOW, "gauge under repair", ("river-level",), (TOWN,))
    silenced = replace(rules, silences=(silence,))
    yellow = case(rules, "river-level", VILLAGE, YELLOW)
    reason = f"held: silence until {(NOW + HOUR).isoformat()}"
    assert steps(silenced, yellow) == [("river-level", Step.NOTHING, NONE, reason)]
    for free, now in (
        (yellow, NOW + HOUR),
        (yellow, NOW - HOUR),
        (case(rules, "river-level", VILLAGE, ORANGE), NOW),
        (case(rules, "river-level", OTHER, YELLOW), NOW),
        (case(rules, "waterlogging", VILLAGE, YELLOW), NOW),
    ):
        assert steps(silenced, free, now=now)[0][1] is Step.NEW


def test_what_is_out_is_lowered_and_cleared_in_spite_of_a_silence(rules: Rules) -> None:
    silenced = replace(rules, silences=(Silence(NOW, NOW + HOUR, ORANGE, "x"),))
    out = Standing(issued=YELLOW, lower_since=NOW - 3 * HOUR)
    assert steps(silenced, case(rules, "river-level", TOWN, NONE, out))[0][1] is Step.CLEAR
    assert steps(silenced, case(rules, "river-level", TOWN, BLUE, out))[0][1] is Step.LOWER


def test_the_shipped_rules_hold_nothing_back(pinghu: City) -> None:
    shipped = load_rules(pinghu)
    assert (shipped.silences, shipped.inhibitions) == ((), ())
