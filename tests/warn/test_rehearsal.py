"""A rehearsal says what the desk would have said, had officers approved at once."""

from __future__ import annotations

import math
from typing import Any

from anlan.store import schema
from anlan.warn.rehearsal import Rehearsal
from anlan.warn.rules import load_rules
from tests.warn.world import World


def tide(hour: float) -> float:
    """High waters of 5.1 m (red), 4.3 m (yellow) and then of 3.0 m, on the city's datum."""
    highest = 5.1 if hour < 6 else 4.3 if hour < 18 else 3.0
    return highest - 2.5 + 2.5 * math.cos((hour - 3.0) / 12.42 * 2 * math.pi)


def spoken(row: Any) -> str:
    """The colour of an alert; an all-clear, which names what it ends, has none."""
    return "none" if row.msg_type == "Cancel" else str(row.colour)


def test_a_rehearsal_is_the_desk_with_officers_who_approve_at_once(world: World) -> None:
    tried = Rehearsal(world.city, load_rules(world.city))
    for number in range(40 * 3):
        world.forward(minutes=20)
        hour = number / 3
        if not 20 <= hour < 22:  # two hours of silence
            world.read("zhapu", tide(hour), step=20)
        world.read("rain-zhapu", 9.0 if 4 <= hour < 8 else 0.0, step=20)
        world.read("danghu-level", 1.0 + 0.1 * min(hour, 24 - min(hour, 24)), step=20)
        with world.store.read() as conn:
            tried.step(conn, [], world.now)
        world.evaluate()
        for row in world.rows(schema.alert, state="draft"):
            world.approve(row.id, *("duty-1", "duty-2")[: row.approvals_needed])
    desk = sorted(
        (row.sent_at, row.rule, row.area, row.msg_type, row.expires_at, spoken(row))
        for row in world.rows(schema.alert)
    )
    kinds = {"new": "Alert", "clear": "Cancel"}
    said = sorted(
        (
            *(each.sent, each.rule, " ".join(each.area), kinds.get(each.step, "Update")),
            *(each.expires, each.colour.word),
        )
        for each in tried.messages
    )
    assert said == desk
    colours = {(row.rule, row.colour) for row in world.rows(schema.alert)}
    assert {("storm-tide", "red"), ("waterlogging", "yellow"), ("river-level", "orange")} <= colours
    assert "clear" in {each.step for each in tried.messages}
