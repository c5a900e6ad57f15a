"""What assessment reads of a forecast: the whole of its dependence on one.

`anlan.forecast.Products` satisfies it; so does any small object a test builds. Axes: M members,
T output times, F fine times, S stations, P hazard places, W towns, V villages. Levels are m on
the city's datum, times aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

#: Floating arrays as a run store keeps them, single or double.
Array = NDArray[np.floating[Any]]


class Products(Protocol):
    """What one forecast run leaves behind.

    Attributes:
        issued: moment of issue.
        times: T output times, the first at issue.
        members: M.
        resolution_m: cell of the depth frames, m.
        fine_times: F times of ``tide``.
        tide: (M, F) level at the tide station, m; no columns or None without tide.
        station_ids: S ids, the order of ``station_level``.
        station_level: (M, T, S) level at level stations, m.
        place_level: (M, T, P) surface level at the cell of each hazard place, NaN where dry;
            P in the order of ``city.places``.
        place_rain: (M, T, P) rain in the step ending at each time, mm.
        town_rain: (M, T, W) rain in the step ending at each time, mm.
        village_depth: (M, V) deepest 90th percentile of the village's cells, m.
        village_fraction: (M, V, 3) share of the village deeper than 0.15, 0.30, 0.50 m at peak.
        rain_total: (M,) rain over the whole run, mean over the city, mm.
        tracks: (M, Tt, 5) typhoon centres: time (epoch s), lon, lat, pressure (hPa), wind (m/s).
    """

    @property
    def issued(self) -> datetime: ...
    @property
    def times(self) -> Sequence[datetime]: ...
    @property
    def members(self) -> int: ...
    @property
    def resolution_m(self) -> float: ...
    @property
    def fine_times(self) -> Sequence[datetime]: ...
    @property
    def tide(self) -> Array | None: ...
    @property
    def station_ids(self) -> Sequence[str]: ...
    @property
    def station_level(self) -> Array: ...
    @property
    def place_level(self) -> Array: ...
    @property
    def place_rain(self) -> Array: ...
    @property
    def town_rain(self) -> Array: ...
    @property
    def village_depth(self) -> Array: ...
    @property
    def village_fraction(self) -> Array: ...
    @property
    def rain_total(self) -> Array: ...
    @property
    def tracks(self) -> Array | None: ...
    def frames(self, quantile: str) -> Array:
        """(T, ny, nx) depth at ``"p50"`` or ``"p90"`` of the members, m; row 0 south."""
        ...

    def probability(self, threshold: float) -> Array:
        """(ny, nx) share of members whose greatest depth exceeds the threshold (m)."""
        ...
