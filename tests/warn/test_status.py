"""Exercise and real never mix: neither in a chain, nor in what is still standing."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from anlan.city import City
from anlan.store import schema
from anlan.warn import actions
from tests.warn.world import World


def cleared(city: City) -> City:
    """The city with a sender that may warn for real."""
    sender = {"id": "ops@pinghu.example", "name": "平湖市防指", "actual": True}
    return replace(city, settings={**city.settings, "sender": sender})


def evaluate(world: World, city: City, *, live: bool) -> list[str]:
    found: list[str] = world.act("system", lambda act: actions.evaluate(act, city, [], live=live))
    return found


def test_a_real_warning_does_not_carry_on_the_exercise_of_a_former_replay(world: World) -> None:
    city = cleared(world.city)
    world.read("zhapu", 4.3, 4.3)
    (exercise,) = evaluate(world, city, live=False)
    world.approve(exercise, "duty-1")
    world.forward(minutes=10)
    world.read("zhapu", 6.5, 6.5, 6.5)
    (name,) = evaluate(world, city, live=True)
    row = world.rows(schema.alert, id=name)[0]
    assert (row.status, row.msg_type, row.version, row.chain) == ("Actual", "Alert", 1, name)
    assert not row.description.startswith("【演练】")
    assert world.rows(schema.alert, id=exercise)[0].state == "expired"


def test_an_exercise_draft_left_behind_can_no_longer_be_issued(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (draft,) = evaluate(world, world.city, live=False)
    (real,) = evaluate(world, cleared(world.city), live=True)
    assert real != draft
    assert [row.id for row in world.rows(schema.alert, state="draft")] == [real]


def test_a_replay_does_not_carry_on_what_stands_for_real(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (real,) = evaluate(world, world.city, live=False)
    world.approve(real, "duty-1")
    with world.store.transaction() as tx:
        tx.execute(update(schema.alert).values(status="Actual"))
    world.forward(minutes=10)
    world.read("zhapu", 6.5, 6.5, 6.5)
    (name,) = evaluate(world, world.city, live=False)
    row = world.rows(schema.alert, id=name)[0]
    assert (row.status, row.msg_type, row.chain) == ("Exercise", "Alert", name)
    assert world.rows(schema.alert, id=real)[0].state == "issued"
