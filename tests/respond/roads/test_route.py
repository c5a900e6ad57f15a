"""Routes go round water at the time of passing, and say why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.city import City
from anlan.refusal import Refusal
from anlan.respond.roads.by_hand import ByHand
from anlan.respond.roads.network import build
from anlan.respond.roads.route import Route, route, traffic
from anlan.respond.roads.vehicle import VEHICLES
from anlan.respond.roads.water import dry
from tests.respond.roads.small import ROADS, START, A, B, network, road, water


def way(
    city: City, short: list[float], hours: float = 0.0, vehicle: str = "car", other: float = 0.0
) -> Route:
    net = network(city)
    known = traffic(net, water(net, short, other), VEHICLES[vehicle])
    return route(known, city.to_xy(*A), city.to_xy(*B), START + timedelta(hours=hours))


def names(found: Route) -> list[str]:
    return [leg.name for leg in found.legs]


def test_dry_roads_are_driven_the_short_way_and_nothing_is_avoided(city: City) -> None:
    found = way(city, [0.0, 0.0])

    assert names(found) == ["short路"]
    assert found.avoided == ()
    # 0.02 degrees of longitude at 30.70 N, at 36 km/h
    assert (found.arrive - found.depart).total_seconds() == pytest.approx(1915 / 10, abs=3)


def test_a_road_under_water_is_left_out_with_depth_time_and_limit(city: City) -> None:
    found = way(city, [0.42, 0.42])

    assert names(found) == ["long-1路", "long-2路"]
    (reason,) = found.avoided
    assert (reason.name, reason.effect, reason.depth_m, reason.limit_m) == (
        "short路",
        "blocked",
        0.42,
        0.3,
    )
    assert reason.at == START


def test_the_water_that_counts_is_that_of_the_hour_of_passing(city: City) -> None:
    rising = [0.0, 0.0, 0.0, 0.5, 0.5]

    assert names(way(city, rising, hours=0.5)) == ["short路"]
    assert names(way(city, rising, hours=3.5)) == ["long-1路", "long-2路"]
    # water that stands there by the end of the hour counts for the whole hour
    assert names(way(city, rising, hours=2.5)) == ["long-1路", "long-2路"]


def test_a_lorry_passes_where_a_car_does_not(city: City) -> None:
    net = build(city, ROADS[:1])
    flooded = water(net, [0.35, 0.35])

    lorry = traffic(net, flooded, VEHICLES["truck"])
    assert names(route(lorry, city.to_xy(*A), city.to_xy(*B), START)) == ["short路"]
    with pytest.raises(Refusal, match=r"limit 0\.30 m"):
        route(traffic(net, flooded, VEHICLES["car"]), city.to_xy(*A), city.to_xy(*B), START)


def test_where_everything_is_under_water_the_refusal_names_what_blocks(city: City) -> None:
    with pytest.raises(Refusal, match=r"no road is passable for 小汽车 .*short路 0.60 m"):
        way(city, [0.6, 0.6], other=0.6)


def test_whoever_can_wait_for_the_water_to_fall_waits_at_the_crossing(city: City) -> None:
    net = build(city, ROADS[:1])
    known = traffic(net, water(net, [0.6, 0.0, 0.0]), VEHICLES["car"])

    found = route(known, city.to_xy(*A), city.to_xy(*B), START + timedelta(minutes=30))

    assert found.legs[0].enter == START + timedelta(hours=1)


def test_a_one_way_road_is_not_driven_backwards(city: City) -> None:
    net = build(city, (road("short", B, A, one_way=True), *ROADS[1:]))
    there = traffic(net, dry(net, START), VEHICLES["car"])

    assert names(route(there, city.to_xy(*A), city.to_xy(*B), START)) == ["long-1路", "long-2路"]


def test_past_the_last_hour_of_the_forecast_the_route_says_so(city: City) -> None:
    assert way(city, [0.0, 0.0], hours=5).beyond
    assert not way(city, [0.0, 0.0, 0.0], hours=0.5).beyond


def test_far_from_every_road_there_is_no_route(city: City) -> None:
    net = network(city)
    known = traffic(net, dry(net, START), VEHICLES["car"])

    with pytest.raises(Refusal, match="no road within 3 km"):
        route(known, city.to_xy(121.5, 30.9), city.to_xy(*B), START)


def closing(effect: str, begins: float, ends: float, *edges: int) -> ByHand:
    return ByHand(
        "RO1", effect, edges, START + timedelta(hours=begins), START + timedelta(hours=ends), "塌方"
    )


def by_hand(
    city: City, short: list[float], *orders: ByHand, hours: float = 0.0, vehicle: str = "car"
) -> Route:
    net = network(city)
    known = traffic(net, water(net, short), VEHICLES[vehicle], orders)
    return route(known, city.to_xy(*A), city.to_xy(*B), START + timedelta(hours=hours))


def short_of(city: City) -> tuple[int, ...]:
    return tuple(k for k, edge in enumerate(network(city).edges) if edge.road.id == "short")


@pytest.mark.parametrize("vehicle", ["car", "boat", "foot"])
def test_a_road_closed_by_hand_is_left_out_until_the_order_ends(city: City, vehicle: str) -> None:
    shut = closing("closed", 0, 2, *short_of(city))

    during = by_hand(city, [0.0, 0.0], shut, hours=1, vehicle=vehicle)
    (reason,) = during.avoided
    assert (reason.name, reason.effect, reason.why) == ("short路", "closed", "塌方")
    assert names(during) == ["long-1路", "long-2路"]
    assert names(by_hand(city, [0.0, 0.0], shut, hours=2, vehicle=vehicle)) == ["short路"]


def test_a_road_opened_by_hand_is_driven_although_the_forecast_has_water(city: City) -> None:
    opened = closing("open", 0, 2, *short_of(city))

    found = by_hand(city, [0.6, 0.6, 0.6], opened, hours=1)
    assert names(found) == ["short路"]
    assert (found.legs[0].opened, found.legs[0].depth_m) == ("塌方", 0.6)
    # the forecast counts again once the order has ended
    assert names(by_hand(city, [0.6, 0.6, 0.6], opened, hours=2)) == ["long-1路", "long-2路"]


def test_of_two_orders_about_one_road_the_newer_counts(city: City) -> None:
    shut, opened = (closing(effect, 0, 2, *short_of(city)) for effect in ("closed", "open"))

    assert names(by_hand(city, [0.0, 0.0], shut, opened)) == ["short路"]
    assert names(by_hand(city, [0.0, 0.0], opened, shut)) == ["long-1路", "long-2路"]


def test_where_every_road_is_closed_one_waits_for_the_first_order_to_end(city: City) -> None:
    every = closing("closed", 0, 2, *range(len(network(city).edges)))

    found = by_hand(city, [0.0, 0.0], every)
    assert found.legs[0].enter == START + timedelta(hours=2)
    net = network(city)
    known = traffic(net, water(net, [0.6, 0.6], other=0.6), VEHICLES["car"], [every])
    with pytest.raises(Refusal, match="short路 closed by hand"):
        route(known, city.to_xy(*A), city.to_xy(*B), START)
