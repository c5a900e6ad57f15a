"""The matching rule of warnings and crossings, case by case, with numbers to check by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from anlan.review.score import TIDE, Crossing, Version, claims, crossings_of, known_events, score

ZERO = datetime(2021, 7, 25, tzinfo=UTC)


def at(hours: float) -> datetime:
    return ZERO + timedelta(hours=hours)


def sent(
    colour: str,
    hour: float,
    until: float,
    *,
    version: int = 1,
    chain: str = "A",
    cancels: bool = False,
    event: str = "storm_tide",
) -> Version:
    name = f"{chain}{version}"
    return Version(name, chain, version, event, colour, ("T",), at(hour), at(until), cancels)


def high(colour: str, start: float, end: float, where: str = TIDE) -> Crossing:
    event = "storm_tide" if where == TIDE else "waterlogging"
    return Crossing(where, colour, at(start), at(end), event)


def meets(area: Sequence[str], where: str) -> bool:
    return where == TIDE or where in area


def counts(
    versions: Sequence[Version],
    crossings: Sequence[Crossing],
    now: float = 100,
    known: Sequence[str] = ("storm_tide", "waterlogging"),
) -> dict[str, int]:
    found = score(versions, crossings, meets, known, at(now)).counts()
    return {key: number for key, number in found.items() if number}


def test_an_alert_before_a_crossing_of_its_colour_is_a_hit_with_its_lead_time() -> None:
    scores = score([sent("orange", 0, 12)], [high("orange", 6, 8)], meets, ["storm_tide"], at(20))
    [judged] = scores.judged
    assert (judged.outcome, judged.lead_min) == ("hit", 360)
    assert scores.missed == ()


def test_a_worse_crossing_is_a_hit_too_but_its_own_colour_is_missed() -> None:
    crossings = [high("yellow", 6, 9), high("orange", 7, 8)]
    scores = score([sent("yellow", 0, 12)], crossings, meets, ["storm_tide"], at(20))
    assert scores.judged[0].outcome == "hit"
    [miss] = scores.missed
    assert (miss.crossing.colour, miss.late_min) == ("orange", None)


def test_a_weaker_crossing_makes_the_alert_a_false_alarm_and_is_not_missed() -> None:
    assert counts([sent("red", 0, 12)], [high("orange", 6, 8)]) == {"false_alarms": 1}


def test_an_alert_after_the_water_is_late_and_the_crossing_missed() -> None:
    scores = score([sent("orange", 7, 12)], [high("orange", 6, 8)], meets, ["storm_tide"], at(20))
    assert (scores.judged[0].outcome, scores.judged[0].lead_min) == ("late", -60)
    assert scores.missed[0].late_min == 60


def test_water_after_the_alert_has_expired_is_missed_and_the_alert_false() -> None:
    assert counts([sent("orange", 0, 5)], [high("orange", 6, 8)]) == {
        "misses": 1,
        "false_alarms": 1,
    }


def test_an_alert_called_off_before_the_water_came_does_not_count_as_in_force() -> None:
    off = sent("orange", 4, 30, version=2, cancels=True)
    assert counts([sent("orange", 0, 12), off], [high("orange", 6, 8)]) == {
        "misses": 1,
        "false_alarms": 1,
    }


def test_raising_makes_a_second_claim_and_lowering_none() -> None:
    chain = [
        sent("yellow", 0, 24),
        sent("orange", 3, 24, version=2),
        sent("yellow", 10, 24, version=3),
    ]
    made = claims(chain)
    assert [(claim.alert, claim.colour, claim.until) for claim in made] == [
        ("A1", "yellow", at(24)),
        ("A2", "orange", at(10)),
    ]
    assert counts(chain, [high("yellow", 5, 8), high("orange", 6, 7)]) == {"hits": 2}


def test_renewing_at_the_same_colour_lengthens_the_claim() -> None:
    chain = [sent("orange", 0, 6), sent("orange", 5, 12, version=2)]
    assert [claim.until for claim in claims(chain)] == [at(12)]
    assert counts(chain, [high("orange", 8, 9)]) == {"hits": 1}


def test_an_unwarned_flood_of_many_colours_is_one_miss_at_its_highest() -> None:
    crossings = [high("blue", 5, 10), high("yellow", 6, 9), high("orange", 7, 8)]
    missed = score([], crossings, meets, ["storm_tide"], at(20)).missed
    assert [miss.crossing.colour for miss in missed] == ["orange"]


def test_two_high_waters_are_two_episodes() -> None:
    assert counts([], [high("blue", 1, 3), high("blue", 13, 15)]) == {"misses": 2}


def test_an_alert_still_running_is_pending() -> None:
    assert counts([sent("orange", 0, 12)], [], now=6) == {"pending": 1}


def test_without_truth_for_its_event_an_alert_is_left_unjudged() -> None:
    ponding = sent("orange", 0, 12, event="waterlogging")
    assert counts([ponding], [], known=["storm_tide"]) == {"unjudged": 1}


def test_a_towns_water_is_not_the_tides() -> None:
    ponding = sent("orange", 0, 12, event="waterlogging")
    assert counts([ponding], [high("orange", 5, 6)]) == {"misses": 1, "false_alarms": 1}
    assert counts([ponding], [high("orange", 5, 6, "T")]) == {"hits": 1}
    assert counts([ponding], [high("orange", 5, 6, "U")]) == {"misses": 1, "false_alarms": 1}


def test_a_truth_dict_names_the_events_that_it_can_judge() -> None:
    row = {"colour": "blue", "start": "2021-07-25T02:00:00+00:00", "end": at(3)}
    truth = {"tide": [row], "towns": {"T": [row]}}
    assert [each.where for each in crossings_of(truth)] == [TIDE, "T"]
    assert crossings_of(truth)[0].start == at(2)
    assert known_events(truth) == ["storm_tide", "waterlogging"]
    assert known_events({"tide": []}) == ["storm_tide"]
    assert known_events(None) == []
