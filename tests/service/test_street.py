"""The picture of the street: what a phone may be told of water, shelters and what people saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from anlan.city import City
from anlan.forecast.encoding import depth_of
from anlan.service.street import MOST_CELLS, coarser, deepest
from anlan.store import Store, schema
from tests.browser.street import HOURS, publish_run
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


def test_the_water_of_a_run_comes_in_one_piece_an_hour_after_the_other(hand: Hand) -> None:
    run = publish_run(hand, lambda lon, lat, hour: 0 * lon + 0.1 * hour)
    with hand.signed_in(hand.account("grid_worker")) as phone:
        water = phone.get("/api/v1/street").json()["water"]
        frames = phone.get(f"/api/v1/street/water/{run}.u8").content
    size = water["grid"]["nx"] * water["grid"]["ny"]
    assert len(water["frames"]) == HOURS
    assert len(frames) == HOURS * size
    deepest_of = [max(frames[hour * size : (hour + 1) * size]) for hour in range(HOURS)]
    assert [round(depth_of(code), 1) for code in deepest_of] == [
        round(0.1 * hour, 1) for hour in range(HOURS)
    ]
    assert water["frames"][0].startswith("2021-07-25T17:00")


def test_the_public_sees_the_water_only_where_the_city_grants_it(
    pinghu: City, store: Store
) -> None:
    settings = {**pinghu.settings, "authority": {"public": []}}
    hand = raise_hand(replace(pinghu, settings=settings), store, NIGHT)
    run = publish_run(hand, lambda lon, lat, hour: 0 * lon)
    with hand.signed_in(hand.account("resident")) as phone:
        street = phone.get("/api/v1/street").json()
        refused = phone.get(f"/api/v1/street/water/{run}.u8")
    assert street["withheld"]
    assert street["water"] is None
    assert street["shelters"]
    assert refused.status_code == 403
    with hand.signed_in(hand.account("grid_worker")) as phone:
        assert phone.get(f"/api/v1/street/water/{run}.u8").status_code == 200


def test_a_shelter_tells_how_many_are_in_it_and_whether_it_is_open(hand: Hand) -> None:
    S = schema.shelter_use
    one = next(iter(hand.city.shelters))
    with hand.store.transaction() as tx:
        found = tx.execute(update(S).where(S.c.id == one).values(taken=7, open=True)).rowcount
        if not found:
            tx.execute(S.insert().values(id=one, capacity=9, taken=7, open=True, since=NIGHT))
    with hand.signed_in(hand.account("resident")) as phone:
        shelters = phone.get("/api/v1/street").json()["shelters"]
    told = next(shelter for shelter in shelters if shelter["id"] == one)
    assert (told["taken"], told["open"]) == (7, True)


def test_what_one_person_saw_is_shown_to_others_only_once_it_is_trusted_and_only_about_where(
    hand: Hand,
) -> None:
    village = hand.city.territory.villages()[0]
    seen = {"depth_class": "knee", "lon": village.lon, "lat": village.lat, "accuracy_m": 10}
    for role, shown in (("resident", 0), ("grid_worker", 1)):
        with hand.signed_in(hand.account(role)) as phone:
            assert phone.post("/api/v1/depth-reports", json=seen).status_code == 200
            reports = phone.get("/api/v1/street").json()["reports"]
        assert (len(reports) > 0) == bool(shown)
    for report in reports:
        assert set(report) == {"lon", "lat", "low_m", "high_m", "seen_at"}
        assert report["lon"] == round(village.lon, 3)


def test_a_stranger_is_told_nothing(hand: Hand) -> None:
    from fastapi.testclient import TestClient

    with TestClient(hand.app) as stranger:
        assert stranger.get("/api/v1/street").status_code == 401
        assert stranger.get("/api/v1/street/water/RS1.u8").status_code == 401


@given(
    ny=st.integers(1, 40), nx=st.integers(1, 40), step=st.integers(1, 7), seed=st.integers(0, 99)
)
def test_coarsening_loses_no_water_and_invents_none(ny: int, nx: int, step: int, seed: int) -> None:
    depth = np.random.default_rng(seed).random((ny, nx))
    depth[depth < 0.2] = np.nan
    blocks = deepest(depth, step)
    assert blocks.shape == (-(-ny // step), -(-nx // step))
    spread = np.kron(blocks, np.ones((step, step)))[:ny, :nx]
    assert (spread >= np.nan_to_num(depth)).all()
    assert set(blocks.ravel()) <= set(np.nan_to_num(depth).ravel()) | {0.0}


@given(ny=st.integers(1, 8000), nx=st.integers(1, 8000))
def test_a_phone_never_gets_more_cells_than_it_can_keep(ny: int, nx: int) -> None:
    step = coarser(ny, nx)
    assert -(-ny // step) * -(-nx // step) <= MOST_CELLS
