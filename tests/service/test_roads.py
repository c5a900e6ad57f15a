"""Routes over HTTP: round the water of the newest run, with reasons, for the desk's accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from anlan.city import City
from anlan.store import Store, schema
from tests.respond.roads.flooded import publish
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
GUANGCHEN, DUSHANGANG = "121.140,30.757", "121.205,30.678"
BELT = (121.13, 30.715, 121.21, 30.735)  # across the roads between the two towns


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


@pytest.fixture
def duty(hand: Hand) -> Iterator[TestClient]:
    with hand.signed_in(hand.account("duty_officer")) as client:
        yield client


def way(client: TestClient, **more: str) -> dict[str, Any]:
    asked = {"from": GUANGCHEN, "to": DUSHANGANG, "vehicle": "car", **more}
    answer = client.get("/api/v1/route", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_only_a_cars_speed_in_water_is_a_published_one(duty: TestClient) -> None:
    classes = duty.get("/api/v1/roads/vehicles").json()
    assert [one["id"] for one in classes if not one["speed_assumed"]] == ["car"]
    assert all("assumed" in one["source"] or "taken" in one["source"] for one in classes[1:])


def test_with_no_forecast_roads_are_dry_and_the_answer_says_so(duty: TestClient) -> None:
    found = way(duty)

    assert found["forecast"] is False
    assert found["run"] is None
    assert found["avoided"] == []
    assert found["minutes"] == found["dry_minutes"]
    assert "合成路网" in found["synthetic"]


def test_water_across_the_way_is_gone_round_and_named(hand: Hand, duty: TestClient) -> None:
    before = way(duty)
    publish(hand.city, hand.store, "RUN", NIGHT, BELT, {"p50": [0.0], "p90": [1.2]})

    found = way(duty, water="p90")

    assert found["run"] == "RUN"
    assert found["minutes"] > before["minutes"]
    blocked = [one for one in found["avoided"] if one["effect"] == "blocked"]
    assert blocked
    assert all(one["depth_m"] > one["limit_m"] == 0.3 for one in blocked)
    # the middle of the forecast is dry: the short way, and a word about the high side
    middle = way(duty, water="p50")
    assert middle["minutes"] == before["minutes"]
    assert {one["name"] for one in blocked} & set(middle["risky"])
    # a lorry wades as deep as half a metre, a boat floats
    assert way(duty, vehicle="boat")["minutes"] < 240


def test_the_layer_of_roads_says_when_each_is_closed(hand: Hand, duty: TestClient) -> None:
    publish(
        hand.city, hand.store, "RUN", NIGHT, BELT, {"p50": [0.0], "p90": [0, 0, 0, 1.2, 1.2, 0]}
    )

    layer = duty.get("/api/v1/roads", params={"vehicle": "car"}).json()

    closed = [
        one["properties"]["closed"] for one in layer["features"] if one["properties"]["closed"]
    ]
    # deep at 20:00 and 21:00 UTC: closed from the hour before, while it may be rising, to 22:00
    assert closed
    assert {tuple(span) for spans in closed for span in spans} == {
        ("2021-07-25T19:00:00+00:00", "2021-07-25T22:00:00+00:00")
    }
    assert len(closed) < len(layer["features"]) / 2


def test_an_underpass_counts_by_its_own_water_and_members(hand: Hand, duty: TestClient) -> None:
    road = next(road for road in hand.city.roads if road.place)
    publish(
        hand.city, hand.store, "RUN", NIGHT, (0, 0, 0, 0), {"p50": [0.0], "p90": [0.0]},
        underpass=road.place,
    )  # fmt: skip

    def deepest(water: str) -> float:
        layer = duty.get("/api/v1/roads", params={"vehicle": "car", "water": water}).json()
        [found] = [one for one in layer["features"] if one["properties"]["id"] == road.id]
        return float(found["properties"]["deepest_m"])

    # two of four members drown it: the middle lies between, the high side with them
    assert deepest("p90") > 0.3
    assert deepest("p50") < deepest("p90")


def put(client: TestClient, at: str, **more: object) -> Any:
    until = (NIGHT + timedelta(hours=3)).isoformat()
    said = {"at": at, "effect": "closed", "until": until, "reason": "桥面塌陷", **more}
    return client.post("/api/v1/roads/by-hand", json=said)


def middle_of(found: dict[str, Any]) -> str:
    """A point in the middle of the longest leg of a route."""
    line = max(found["legs"], key=lambda leg: leg["length_m"])["line"]
    (west, south), (east, north) = line[len(line) // 2 - 1 : len(line) // 2 + 1]
    return f"{(west + east) / 2:.6f},{(south + north) / 2:.6f}"


def test_a_road_closed_by_an_officer_is_gone_round_with_the_reason_until_it_ends(
    hand: Hand, duty: TestClient
) -> None:
    before = way(duty)
    at = middle_of(before)
    answer = put(duty, at)
    assert answer.status_code == 200, answer.text

    found = way(duty)
    [reason] = [one for one in found["avoided"] if one["effect"] == "closed"]
    assert reason["why"] == "桥面塌陷"
    assert found["minutes"] > before["minutes"]
    [listed] = duty.get("/api/v1/roads/by-hand").json()
    assert (listed["id"], listed["reason"], listed["mine"]) == (
        answer.json()["id"],
        "桥面塌陷",
        True,
    )
    layer = duty.get("/api/v1/roads", params={"vehicle": "boat", "water": "dry"}).json()
    [shut] = [one["properties"] for one in layer["features"] if one["properties"]["by_hand"]]
    assert [span[1] for span in shut["closed"]] == [(NIGHT + timedelta(hours=3)).isoformat()]

    # taken back, it counts no more; and an order ends by itself
    assert duty.post(f"/api/v1/roads/by-hand/{listed['id']}/lift").status_code == 200
    assert way(duty)["minutes"] == before["minutes"]
    assert put(duty, at).status_code == 200
    hand.step(181)
    assert duty.get("/api/v1/roads/by-hand").json() == []
    assert way(duty)["avoided"] == []
    with hand.store.read() as conn:
        kinds = conn.execute(select(schema.journal.c.kind)).scalars().all()
    assert [kind for kind in kinds if kind.startswith("road.")] == [
        "road.closed", "road.lifted", "road.closed",
    ]  # fmt: skip


def test_a_road_opened_by_an_officer_stands_above_the_forecast(
    hand: Hand, duty: TestClient
) -> None:
    before = way(duty)
    publish(hand.city, hand.store, "RUN", NIGHT, BELT, {"p50": [0.0], "p90": [1.2]})
    wet = way(duty)
    for road in (one for one in wet["avoided"] if one["effect"] in ("blocked", "slow")):
        for (west, south), (east, north) in pairwise(road["line"]):
            at = f"{(west + east) / 2:.6f},{(south + north) / 2:.6f}"
            assert put(duty, at, effect="open", reason="水已抽干").status_code == 200

    found = way(duty)
    assert found["minutes"] == before["minutes"] < wet["minutes"]
    assert "水已抽干" in {leg["opened"] for leg in found["legs"]}


def test_who_may_close_which_road_and_for_how_long(hand: Hand, duty: TestClient) -> None:
    at = middle_of(way(duty))
    town = hand.city.territory.locate(*map(float, at.split(",")))
    away = next(
        unit for unit in hand.city.territory.towns()
        if not hand.city.territory.is_within(town.code, unit.code)
    )  # fmt: skip
    with hand.signed_in(hand.account("town_officer", within=away.code)) as other:
        assert put(other, at).status_code == 403
    for wrong, field in (
        ({"reason": " "}, "reason"),
        ({"effect": "half"}, "effect"),
        ({"until": NIGHT.isoformat()}, "until"),
        ({"until": "2021-07-26T02:00:00"}, "until"),
        ({"effect": "open", "until": (NIGHT + timedelta(hours=25)).isoformat()}, "until"),
        ({"at": "121.0"}, "at"),
        ({"at": "121.5,30.2"}, "at"),
    ):
        answer = put(duty, str(wrong.pop("at", at)), **wrong)
        assert answer.status_code in (404, 422), wrong
        assert answer.json()["field"] == field
    assert duty.get("/api/v1/roads/by-hand").json() == []


def test_reach_shrinks_when_roads_flood(hand: Hand, duty: TestClient) -> None:
    asked = {"from": GUANGCHEN, "minutes": "10,30", "vehicle": "car"}
    dry = duty.get("/api/v1/isochrones", params=asked).json()["features"]
    publish(
        hand.city, hand.store, "RUN", NIGHT, (121.0, 30.6, 121.3, 30.74), {"p50": [0], "p90": [1]}
    )
    wet = duty.get("/api/v1/isochrones", params=asked).json()["features"]

    assert [one["properties"]["minutes"] for one in dry] == [30, 10]
    assert wet[0]["properties"]["roads_km"] < dry[0]["properties"]["roads_km"]


def test_what_makes_no_sense_is_refused_by_name(duty: TestClient) -> None:
    for path, wrong, field in (
        ("route", {"from": "abc"}, "from"),
        ("route", {"from": "nan,30.7"}, "from"),
        ("route", {"to": "121.0"}, "to"),
        ("route", {"vehicle": "tank"}, "vehicle"),
        ("route", {"water": "p99"}, "water"),
        ("route", {"depart": "2021-07-26T02:00:00"}, "depart"),
        ("isochrones", {"minutes": "10,abc"}, "minutes"),
        ("isochrones", {"minutes": "nan"}, "minutes"),
        ("isochrones", {"minutes": "1e9"}, "minutes"),
        ("isochrones", {"from": "121.0,30.0"}, "point"),
    ):
        asked = {"from": GUANGCHEN, "to": DUSHANGANG, **wrong}
        answer = duty.get(f"/api/v1/{path}", params=asked)
        assert answer.status_code in (404, 422), (path, wrong)
        assert answer.json()["field"] == field, (path, wrong)
        assert answer.json()["remedy"], (path, wrong)


def test_a_city_without_roads_says_which_file_to_add(talstadt: City, store: Store) -> None:
    hand = raise_hand(talstadt, store, NIGHT)
    with hand.signed_in(hand.account("duty_officer")) as client:
        answer = client.get("/api/v1/route", params={"from": "9.5,49", "to": "9.6,49"})
        assert answer.status_code == 404
        assert "roads.csv or roads.gpkg" in answer.json()["message"]
        assert client.get("/api/v1/roads").json()["features"] == []
        # nor does anything else of the desk stand still for it
        assert client.get("/api/v1/resources").status_code == 200
        assert client.get("/api/v1/dispatch/proposal").status_code in (200, 404)
        assert client.get("/api/v1/evacuation").status_code in (200, 404)
