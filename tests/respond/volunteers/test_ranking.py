"""Who is asked first, and why the others are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.volunteers.ranking import Candidate, selection
from anlan.respond.volunteers.rules import Call
from anlan.respond.volunteers.showing import Past

AT = datetime(2021, 7, 26, 4, 0, tzinfo=UTC)
CALL = Call(
    confidence=0.9, reply_min=20, near_km=5, prior_yes=(3, 3), prior_show=(8, 2),
    rest_after_h=10, most=200,
)  # fmt: skip


def one(name: str, **change: object) -> Candidate:
    known = Candidate(name, "valid", None, 2.0, Past(10, 5, 5, 5), True, False, 0.0, True)
    return replace(known, **change)  # type: ignore[arg-type]


def order(*people: Candidate) -> list[str]:
    return [each.candidate.id for each in selection(people, CALL, AT, len(people)).chosen]


def test_the_nearer_the_more_willing_and_the_better_trained_come_first() -> None:
    assert order(one("far", distance_km=9.0), one("near")) == ["near", "far"]
    assert order(one("no", past=Past(10, 1, 1, 1)), one("yes", past=Past(10, 9, 9, 9))) == [
        "yes", "no",
    ]  # fmt: skip
    late = one("late", past=Past(10, 5, 10, 4))
    assert order(late, one("comes", past=Past(10, 5, 10, 10))) == ["comes", "late"]
    soon = one("soon", skill_until=AT + timedelta(days=10))
    assert order(soon, one("long", skill_until=AT + timedelta(days=400))) == ["long", "soon"]


def test_the_score_is_the_product_of_the_factors_that_are_shown() -> None:
    [ranked] = selection([one("a", distance_km=5.0)], CALL, AT, 1).chosen
    # 5 km is half the rank; yes (5+3)/(10+6) = 1/2; show (5+8)/(5+10) = 13/15
    assert ranked.score == pytest.approx(1.0 * 0.5 * (0.5 * 13 / 15))
    said = ranked.reasons()
    assert said["factors"] == {"skill": 1.0, "distance": 0.5, "answers": 0.433}
    assert (said["asked"], said["yes"], said["promised"], said["came"]) == (10, 5, 5, 5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"skill": "expired"}, "skill_expired"),
        ({"skill": "unverified"}, "skill_unverified"),
        ({"skill": "missing"}, "skill_missing"),
        ({"free": False}, "not_free"),
        ({"engaged": True}, "engaged"),
        ({"hours_out": 10.0}, "resting"),
        ({"reachable": False}, "unreachable"),
        ({"asked": True}, "asked_before"),
    ],
)
def test_who_may_not_be_asked_is_left_out_with_the_reason(
    change: dict[str, object], reason: str
) -> None:
    found = selection([one("a", **change), one("b")], CALL, AT, 1, only=["a", "b"])
    assert [each.candidate.id for each in found.chosen] == ["b"]
    assert found.left_out == (("a", reason),)


def test_a_call_that_will_not_bring_enough_says_so() -> None:
    found = selection([one("a"), one("b")], CALL, AT, 5)
    assert found.short
    assert len(found.chosen) == 2
    assert found.expected.enough == 0.0


@given(st.lists(st.floats(0, 30), min_size=1, max_size=25), st.integers(1, 8))
def test_as_few_are_asked_as_bring_enough_and_the_order_of_the_list_does_not_matter(
    distances: list[float], needed: int
) -> None:
    people = [one(f"p{n:02d}", distance_km=km) for n, km in enumerate(distances)]
    found = selection(people, CALL, AT, needed)
    assert found == selection(reversed(people), CALL, AT, needed)
    assert len(found.chosen) + len(found.spare) == len(people)
    scores = [each.score for each in (*found.chosen, *found.spare)]
    assert scores == sorted(scores, reverse=True)
    assert found.short == (found.expected.enough < 0.9)
    if found.spare:
        assert not found.short
