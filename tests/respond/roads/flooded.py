"""A published run over Pinghu in which a belt of low land floods: small enough to write by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from anlan.assess import actions as assess
from anlan.city import City
from anlan.forecast import products
from anlan.journal import Act
from anlan.store import Store, schema

RESOLUTION, MEMBERS, HOURS = 400.0, 4, 8


def publish(
    city: City,
    store: Store,
    name: str,
    issued: datetime,
    belt: tuple[float, float, float, float],
    depths: Mapping[str, list[float]],
    people: Mapping[str, int] | None = None,
    underpass: str = "",
) -> str:
    """Write a run's products, its row and its assessment.

    Args:
        belt: west, south, east, north of the land that floods, degrees.
        depths: ``p50`` and ``p90`` depth there, hour by hour, m (the last one held).
        people: hazard places that three of four members drown, and from which hour on.
        underpass: a place that two of the four members drown from hour 2 on.
    """
    terrain = city.terrain(RESOLUTION)
    xs, ys = np.meshgrid(*terrain.centres())
    lon, lat = city.to_lonlat(xs, ys)
    wet = (lon >= belt[0]) & (lat >= belt[1]) & (lon <= belt[2]) & (lat <= belt[3])
    places = list(city.places)
    level = np.full((MEMBERS, HOURS + 1, len(places)), np.nan)
    if underpass:
        level[:2, 2:, places.index(underpass)] = (city.places[underpass].rim_m or 0.0) + 0.2
    for place, hour in (people or {}).items():
        spot = city.places[place]
        x, y = city.to_xy(spot.lon, spot.lat)
        high = max(spot.ground_m, float(terrain.z[terrain.cell(x, y)])) + 1.0
        level[:3, hour:, places.index(place)] = high
    towns, villages = len(city.territory.towns()), len(city.territory.villages())
    arrays: dict[str, Any] = {
        "time": issued.timestamp() + 3600.0 * np.arange(HOURS + 1),
        "fine_time": issued.timestamp() + 600.0 * np.arange(6 * HOURS + 1),
        "station_level": np.zeros((MEMBERS, HOURS + 1, 0)),
        "place_level": level,
        "place_rain": np.zeros(level.shape),
        "town_rain": np.zeros((MEMBERS, HOURS + 1, towns)),
        "rain_total": np.zeros(MEMBERS),
        "village_depth": np.zeros((MEMBERS, villages)),
        "village_fraction": np.zeros((MEMBERS, villages, 3)),
        "probability": np.zeros((3, *wet.shape)),
    }
    for layer, course in depths.items():
        hourly = np.array([course[min(h, len(course) - 1)] for h in range(HOURS + 1)])
        arrays[f"depth_{layer}"] = np.where(wet, hourly[:, None, None], 0.0)
    folder = store.data_dir / "runs" / name
    folder.mkdir(parents=True)
    attributes = {
        "issued": issued.isoformat(),
        "members": MEMBERS,
        "resolution_m": RESOLUTION,
        "tide_station": None,
        "stations": [],
        "places": places,
        "storm": False,
        "summary": {},
    }
    products.write(folder, attributes, arrays)
    with store.transaction() as tx:
        tx.execute(
            schema.run.insert().values(
                id=name, issued_at=issued, visible_at=issued, from_at=issued,
                to_at=issued + timedelta(hours=HOURS), members=MEMBERS, state="published",
                path=name, input_hash=name, settings={},
            )
        )  # fmt: skip
        with products.Products.open(folder) as made:
            assess.publish(Act(tx, issued, "system"), city, name, made)
    return name
