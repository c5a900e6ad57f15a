"""The three-colour state of a firm: each fact gives its colour, the gravest wins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.firms.settings import Colours
from anlan.respond.firms.standing import COLOURS, Facts, OpenCase, Threat, stand

NOW = datetime(2021, 7, 25, 12, 0, tzinfo=UTC)
RULES = Colours(
    danger_probability=0.5,
    attention_probability=0.3,
    near_m=300,
    visit_days=30,
    visit_days_in_response=2,
)


def test_a_firm_of_which_nothing_bad_is_known_is_green_without_reasons() -> None:
    found = stand(Facts("running"), RULES, NOW)
    assert (found.colour, found.reasons) == ("green", ())


@pytest.mark.parametrize(
    ("facts", "colour", "code"),
    [
        (Facts("stopped"), "red", "stopped"),
        (Facts("reduced"), "yellow", "reduced"),
        (Facts("running", threats=[Threat("U1", True, 0.5)]), "red", "danger"),
        (Facts("running", threats=[Threat("U1", False, 0.3)]), "yellow", "attention"),
        (Facts("running", wet=["R1"]), "red", "water_reported"),
        (Facts("running", cases=[OpenCase("C1", "firm_question", False)]), "yellow", "open_case"),
        (Facts("running", cases=[OpenCase("C1", "firm_question", True)]), "red", "late_case"),
        (Facts("running", refused_shots=2), "yellow", "refused_shots"),
        (Facts("running", overdue_measures=1), "yellow", "measures_overdue"),
        (Facts("running", visited_at=NOW - timedelta(days=31)), "yellow", "visit_overdue"),
        (
            Facts("running", visited_at=NOW - timedelta(days=3), responding=True),
            "yellow",
            "visit_overdue",
        ),
        (
            Facts("running", responding=True, known_since=NOW - timedelta(days=3)),
            "yellow",
            "never_visited",
        ),
    ],
)
def test_each_fact_gives_its_colour_and_its_reason(facts: Facts, colour: str, code: str) -> None:
    found = stand(facts, RULES, NOW)
    assert (found.colour, [reason.code for reason in found.reasons]) == (colour, [code])


@pytest.mark.parametrize(
    "facts",
    [
        Facts("running", threats=[Threat("U1", True, 0.49), Threat("U1", False, 0.29)]),
        Facts("running", visited_at=NOW - timedelta(days=30)),
        Facts("running", visited_at=NOW - timedelta(days=3)),
        Facts("running", responding=True, known_since=NOW - timedelta(days=2)),
    ],
)
def test_what_stays_under_its_threshold_says_nothing(facts: Facts) -> None:
    assert stand(facts, RULES, NOW).colour == "green"


THREATS = st.lists(st.builds(Threat, st.just("U"), st.booleans(), st.floats(0, 1)), max_size=4)
FACTS = st.builds(
    Facts,
    st.sampled_from(["running", "reduced", "stopped"]),
    threats=THREATS,
    wet=st.lists(st.just("R1"), max_size=2),
    cases=st.lists(st.builds(OpenCase, st.just("C1"), st.just("x"), st.booleans()), max_size=3),
    refused_shots=st.integers(0, 3),
    overdue_measures=st.integers(0, 3),
)


@given(FACTS)
def test_the_colour_is_that_of_the_gravest_reason_which_stands_first(facts: Facts) -> None:
    found = stand(facts, RULES, NOW)
    ranks = [COLOURS.index(reason.colour) for reason in found.reasons]
    assert ranks == sorted(ranks, reverse=True)
    assert COLOURS.index(found.colour) == max(ranks, default=0)


@given(FACTS, FACTS)
def test_one_more_fact_never_makes_a_firm_look_better(one: Facts, more: Facts) -> None:
    worse = Facts(
        one.operation,
        threats=[*one.threats, *more.threats],
        wet=[*one.wet, *more.wet],
        cases=[*one.cases, *more.cases],
        refused_shots=one.refused_shots + more.refused_shots,
        overdue_measures=one.overdue_measures + more.overdue_measures,
    )
    before, after = stand(one, RULES, NOW).colour, stand(worse, RULES, NOW).colour
    assert COLOURS.index(after) >= COLOURS.index(before)
