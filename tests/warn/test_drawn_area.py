"""An officer draws on the map whom a draft is for, before anybody approves."""

from __future__ import annotations

from typing import Any

import pytest

from anlan import cap
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, views
from anlan.warn.polygon import polygon_key
from anlan.warn.records import facts_of
from tests.warn.world import ZHAPU, World

pytestmark = pytest.mark.both_engines


def box(world: World, east: float = 0.0, size: float = 0.01) -> list[list[float]]:
    """A ring of degrees about the town's point, or so far east of it."""
    town = world.city.territory.unit(ZHAPU)
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return [
        [round(town.lon + east + dx * size, 6), round(town.lat + dy * size, 6)]
        for dx, dy in corners
    ]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": [rings[0]]}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def drafted(world: World, colour: str = "orange") -> str:
    name: str = world.act(
        "duty-1",
        lambda act: actions.write(
            act,
            world.city,
            event="waterlogging",
            colour_name=colour,
            area=ZHAPU,
            headline="乍浦积水",
            description="下穿通道积水半米。",
        ),
    )
    return name


def draw(world: World, alert: str, shape: dict[str, Any] | None, who: str = "duty-1") -> Any:
    return world.act(who, lambda act: actions.narrow(act, world.city, alert, shape))


def told(world: World, alert: str) -> int:
    with world.store.read() as conn:
        return actions.preview(conn, world.city, alert).by_tier.get("resident", 0)


def stand(world: World, person: str, east: float) -> None:
    town, people = world.city.territory.unit(ZHAPU), schema.person
    world.act(
        "system",
        lambda act: act.tx.execute(
            people.update().where(people.c.id == person).values(lon=town.lon + east, lat=town.lat)
        ),
    )


def test_only_those_in_the_drawn_area_are_told_and_the_message_carries_it(world: World) -> None:
    stand(world, "zhapu-resident", 0.025)
    alert = drafted(world)
    assert told(world, alert) == 1
    draw(world, alert, polygon(box(world)))
    assert told(world, alert) == 0
    draw(world, alert, polygon(box(world), box(world, east=0.025)))
    assert told(world, alert) == 1
    world.approve(alert, "duty-1", "boss")
    (row,) = world.rows(schema.alert, id=alert)
    document = cap.read(row.cap_xml.encode())
    assert len(document.infos[0].areas[0].polygons) == 2


def test_parts_that_overlap_become_one(world: World) -> None:
    alert = drafted(world)
    found = draw(world, alert, polygon(box(world), box(world, east=0.005)))
    assert found["polygon"]["type"] == "Polygon"


def test_the_whole_area_is_told_again_once_the_drawing_is_taken_away(world: World) -> None:
    stand(world, "zhapu-resident", 0.025)
    alert = drafted(world)
    draw(world, alert, polygon(box(world)))
    assert draw(world, alert, None) == {"alert": alert, "polygon": None, "polygon_key": ""}
    assert told(world, alert) == 1
    assert len(world.journal("alert.narrowed")) == len(world.journal("alert.widened")) == 1


def test_who_approved_another_area_approves_again(world: World) -> None:
    alert = drafted(world)
    world.approve(alert, "duty-1")
    draw(world, alert, polygon(box(world)), "boss")
    world.approve(alert, "boss")
    assert world.rows(schema.alert, id=alert)[0].state == "draft"
    world.approve(alert, "duty-1")
    assert world.rows(schema.alert, id=alert)[0].state == "issued"


def test_drawing_the_same_again_takes_no_approval_away(world: World) -> None:
    alert = drafted(world)
    draw(world, alert, polygon(box(world)))
    world.approve(alert, "duty-1")
    draw(world, alert, polygon(box(world)))
    world.approve(alert, "boss")
    assert world.rows(schema.alert, id=alert)[0].state == "issued"


def test_an_approval_says_which_area_it_was_given_to(world: World) -> None:
    alert = drafted(world)
    draw(world, alert, polygon(box(world)))
    with pytest.raises(Refusal, match="drawn anew"):
        world.act("duty-1", lambda act: actions.approve(act, world.city, alert, seen=""))
    with world.store.read() as conn:
        (listed,) = views.alerts(conn, world.city)
        key = polygon_key(facts_of(conn, alert))
        assert listed["polygon_key"] == views.alert(conn, world.city, alert)["polygon_key"] == key
    world.act("duty-1", lambda act: actions.approve(act, world.city, alert, seen=key))


def test_a_draft_that_rises_is_for_its_whole_area_again(world: World) -> None:
    world.read("zhapu", 4.6, 4.6)
    (alert,) = world.evaluate()
    draw(world, alert, polygon(box(world)))
    world.forward(minutes=20)
    world.read("zhapu", 5.0, 5.0)
    world.evaluate()
    assert world.rows(schema.alert)[0].colour == "red"
    with world.store.read() as conn:
        assert facts_of(conn, alert).get("polygon", "") == ""


def test_what_is_no_draft_of_ours_that_warns_is_not_drawn(world: World) -> None:
    alert = drafted(world, "yellow")
    with pytest.raises(Refusal, match="may not decide"):
        draw(world, alert, polygon(box(world)), "liaison")
    world.approve(alert, "duty-1")
    with pytest.raises(Refusal, match="issued"):
        draw(world, alert, polygon(box(world)))


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[[[0, 0], [0, 1], [1, 1], [0, 0]]]] * 501},
        {"type": "MultiPolygon", "coordinates": [["x"]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]},
        {},
    ],
    ids=["no part", "too many parts", "text", "elsewhere", "nothing"],
)
def test_an_area_that_is_none_is_refused_by_name(world: World, shape: dict[str, Any]) -> None:
    alert = drafted(world)
    with pytest.raises(Refusal, match="polygon"):
        draw(world, alert, shape)
