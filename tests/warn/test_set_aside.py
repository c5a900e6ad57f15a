"""Readings that the quality rules doubt neither raise nor end a warning; the evidence says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.observe import Reading, archive
from anlan.store import schema
from tests.warn.world import START, World, tide_run

YELLOW_RUN = tide_run(START, [4.4] * 10)


def drafted(world: World) -> list[str]:
    return [row.colour for row in world.rows(schema.alert, state="draft")]


def kept(world: World) -> list[list[str]]:
    """What each rule remembers of readings set aside."""
    return [row.state.get("set_aside", []) for row in world.rows(schema.rule_state)]


def test_a_spiked_gauge_does_not_draft_an_alert(world: World) -> None:
    """One run and a gauge near the level would be enough; but the gauge jumped by 3.3 m."""
    world.read("zhapu", 1.0, 1.1, 4.4)
    assert world.evaluate(YELLOW_RUN) == []
    (entry,) = world.journal("rule.set_aside")
    (ground,) = [each for each in entry.grounds if each.startswith("aside:")]
    assert ground == "aside:obs:zhapu.tide@2021-07-25T00:00Z"
    assert [f"{ground.removeprefix('aside:')} spike"] in kept(world)


def test_the_same_jump_counts_once_the_next_reading_confirms_it(world: World) -> None:
    world.read("zhapu", 1.0, 1.1, 4.4)
    world.evaluate(YELLOW_RUN)
    world.forward(minutes=10)
    world.read("zhapu", 4.4)
    world.evaluate(YELLOW_RUN)
    assert drafted(world) == ["yellow"]


def test_a_reading_set_aside_is_entered_once_and_named_in_the_alert(world: World) -> None:
    world.read("zhapu", 4.3, 4.4, 9.9, 4.4, 4.3)
    (alert,) = world.evaluate()
    world.evaluate()
    assert drafted(world) == ["yellow"]
    grounds = world.rows(schema.alert, id=alert)[0].grounds
    assert "aside:obs:zhapu.tide@2021-07-24T23:40Z" in grounds
    assert "obs:zhapu.tide@2021-07-25T00:00Z" in grounds
    assert len(world.journal("rule.set_aside")) == 1


def test_rain_that_cannot_have_fallen_does_not_draft_an_alert(world: World) -> None:
    world.read("rain-zhapu", 1.0, 350.0, 1.0, step=60)
    assert world.evaluate() == []
    assert world.journal("rule.set_aside")
    world.read("rain-zhapu", 50.0, 50.0, 50.0, step=60)
    assert world.evaluate() != []


def test_a_gauge_that_stands_still_ends_nothing(world: World) -> None:
    """Low and unmoved for sixteen hours of a tide of some metres: broken, not over."""
    world.read("zhapu", 4.3, 4.3)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1")
    for _ in range(16):
        world.forward(hours=1)
        world.read("zhapu", *[1.0] * 6)
        world.evaluate()
    assert world.rows(schema.alert, msg_type="Cancel") == []
    assert len(world.journal("rule.no_data")) == 1
    assert any(each.endswith(" flat") for aside in kept(world) for each in aside)
    # once, not each time that the gauge reports the same again
    assert len(world.journal("rule.set_aside")) == 1


@pytest.mark.parametrize(("ago", "colours"), [(2, []), (0, ["yellow"])])
def test_a_crossing_that_is_told_of_hours_late_raises_nothing_until_the_gauge_speaks_again(
    world: World, ago: int, colours: list[str]
) -> None:
    end = world.now - timedelta(hours=ago)
    readings = [
        Reading("zhapu.tide", end - timedelta(minutes=10 * (3 - number)), value)
        for number, value in enumerate([4.0, 4.2, 4.3, 4.4])
    ]
    world.act("system", lambda act: archive.add(act.tx, readings, world.now))
    world.evaluate()
    assert drafted(world) == colours
