"""The rain of an hour as the map shows it: what was observed, or else what is forecast."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.city import City
from anlan.clock import SteppedClock
from anlan.observe import rainfield
from anlan.observe.rainfield import picture
from anlan.store import Store
from tests.observe.rain_files import HOUR, NOON, netcdf, ramp
from tests.service.hand import raise_hand


@pytest.mark.both_engines
def test_the_map_shows_the_hour_before_a_moment_observed_or_else_forecast(
    pinghu: City, store: Store, tmp_path: Path
) -> None:
    clock = SteppedClock(NOON + HOUR)
    for hour in (0, 1):
        end = NOON + hour * HOUR
        file = netcdf(tmp_path / f"{hour}.nc", np.array([ramp()]), [end], starts=[end - HOUR])
        rainfield.take_file(store, pinghu, clock, file, "radar", forecast=False)
    ahead = netcdf(
        tmp_path / "ahead.nc",
        np.array([2 * ramp()]),
        [NOON + 3 * HOUR],
        starts=[NOON + HOUR],
        base=NOON,
    )
    rainfield.take_file(store, pinghu, clock, ahead, "model", forecast=True)
    hand = raise_hand(pinghu, store, clock.now())
    with hand.signed_in(hand.account("duty_officer")) as desk:

        def shown(at: datetime) -> dict[str, Any]:
            got = desk.get("/api/v1/rain", params={"at": at.isoformat()})
            assert got.status_code == 200, got.text
            return dict(got.json())

        now = shown(NOON + HOUR)
        assert (now["product"], now["base"]) == ("radar", None)
        assert desk.get("/api/v1/rain").json() == now
        asked = ("rain", "depth-reports", "cameras", "stations", "official")
        for path, key in (("rain", "at"), *((path, "as_of") for path in asked)):
            never = desk.get(f"/api/v1/{path}", params={key: "0001-01-01T00:00Z"})
            assert never.status_code == 422, path
        before = {"as_of": (NOON - HOUR).isoformat()}
        assert desk.get("/api/v1/rain", params=before).json() is None
        later = shown(NOON + 2 * HOUR)
        assert (later["product"], later["base"]) == ("model", "2021-07-25T12:00:00Z")
        # 2 h at twice the ramp: an hour of it is the ramp again
        assert (later["start"], later["end"]) == ("2021-07-25T13:00:00Z", "2021-07-25T14:00:00Z")
        assert later["codes"] == now["codes"]
        assert desk.get("/api/v1/rain", params={"at": (NOON + 9 * HOUR).isoformat()}).json() is None
        west, _, east, _ = now["bounds"]
        found = np.frombuffer(base64.b64decode(now["codes"]), np.uint8)
        rows = found.reshape(now["height"], now["width"])
        middle = (rows[rows.shape[0] // 2].astype(float) / 10) ** 2
        lon = west + (np.arange(now["width"]) + 0.5) * (east - west) / now["width"]
        assert middle == pytest.approx(10 * (lon - 119.0), abs=0.6)
    with hand.signed_in(hand.account("resident")) as phone:
        assert phone.get("/api/v1/rain").status_code == 403


def test_sums_of_an_hour_that_come_every_few_minutes_are_not_added_up(
    pinghu: City, store: Store, tmp_path: Path
) -> None:
    clock = SteppedClock(NOON + HOUR)
    for minutes in (0, 6, 12):
        end = NOON + minutes / 60 * HOUR
        file = netcdf(tmp_path / f"{minutes}.nc", np.array([ramp()]), [end], starts=[end - HOUR])
        rainfield.take_file(store, pinghu, clock, file, "radar", forecast=False)
    with store.read() as conn:
        grid = rainfield.grid_of(pinghu)
        rain = picture.at(conn, store.data_dir, grid, clock.now(), clock.now())
        assert rain is not None
        assert (rain.start, rain.end) == (NOON - 0.8 * HOUR, NOON + 0.2 * HOUR)
        (last,) = rainfield.window(conn, "radar", NOON + 0.15 * HOUR, rain.end, clock.now())
        assert np.array_equal(rain.values, last.read(store.data_dir), equal_nan=True)
