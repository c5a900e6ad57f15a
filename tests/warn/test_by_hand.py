"""A warning in an officer's own words ends by an officer's word, or with its time."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions
from tests.warn.world import ZHAPU, World

pytestmark = pytest.mark.both_engines


def issued_by_hand(world: World, **changes: Any) -> str:
    """A yellow warning of waterlogging in Zhapu for six hours, issued now."""
    words: dict[str, Any] = {
        "event": "waterlogging",
        "colour_name": "yellow",
        "area": ZHAPU,
        "headline": "老城区多处积水",
        "description": "南市路口积水及膝，请绕行。",
        "hours": 6,
    }
    name: str = world.act("duty-1", lambda act: actions.write(act, world.city, **words | changes))
    world.approve(name, "duty-1")
    return name


def test_an_officers_all_clear_ends_it_without_any_gauge(world: World) -> None:
    name = issued_by_hand(world)
    world.evaluate()
    clear = world.act("duty-2", lambda act: actions.cancel(act, world.city, name, "积水已排"))
    assert world.rows(schema.alert, id=name)[0].state == "cancelled"
    row = world.rows(schema.alert, id=clear)[0]
    assert (row.msg_type, row.state) == ("Cancel", "issued")


def test_who_may_not_decide_cannot_clear_it(world: World) -> None:
    name = issued_by_hand(world)
    with pytest.raises(Refusal, match="may not decide"):
        world.act("liaison", lambda act: actions.cancel(act, world.city, name, "积水已排"))


def test_it_ends_with_its_time_and_not_before(world: World) -> None:
    name = issued_by_hand(world)
    world.forward(hours=5.9)
    world.evaluate()
    assert world.rows(schema.alert, id=name)[0].state == "issued"
    world.forward(hours=0.1)
    world.evaluate()
    assert world.rows(schema.alert, id=name)[0].state == "expired"
    assert [entry.subject for entry in world.journal("alert.expired")] == [name]
