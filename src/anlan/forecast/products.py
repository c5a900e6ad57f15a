"""What a run leaves behind: a zarr group of fields and ensemble series, opened read-only.

Fields are on the run's grid, row 0 south. Depth is water on land: 0 on rivers and the sea, which
carry water anyway and whose level has its own series; NaN outside the computed cells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from anlan.refusal import Refusal

Array = NDArray[np.floating[Any]]

THRESHOLDS = (0.15, 0.30, 0.50)
QUANTILES = {"p50": 0.5, "p90": 0.9}
GROUP = "products.zarr"
FRAMES_PER_CHUNK = 7


def write(path: Path, attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the group into the run folder ``path``; `Products` says what it must hold."""
    group = zarr.open_group(str(path / GROUP), mode="w", zarr_format=3)
    group.attrs.update(dict(attributes))
    for name, values in arrays.items():
        chunks = (
            (min(FRAMES_PER_CHUNK, values.shape[0]), *values.shape[1:])
            if name.startswith("depth_")
            else tuple(max(1, n) for n in values.shape)
        )
        group.create_array(name, data=values, chunks=chunks)


class Products:
    """The products of one run. Axes: M members, T hours from the issue time, F ten-minute times.

    Levels are in m on the city's datum, rain in mm in the step that ends at each time, times UTC.
    Use as a context manager or simply hold it: nothing stays open.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._group = zarr.open_group(str(path / GROUP), mode="r")
        except FileNotFoundError as missing:
            raise Refusal(
                f"{path} holds no forecast products; the run was not computed or was removed",
                field="run",
                value=path.name,
                remedy="a run that was published",
                kind="not_found",
            ) from missing
        self._attributes: dict[str, Any] = dict(self._group.attrs)
        self._read: dict[str, NDArray[Any]] = {}

    @classmethod
    def open(cls, path: Path) -> Products:
        """The products in a run folder; `Refusal` (not_found) when there are none."""
        return cls(path)

    def __enter__(self) -> Products:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._read.clear()

    def _array(self, name: str) -> NDArray[Any]:
        if name not in self._read:
            self._read[name] = np.asarray(self._group[name])
        return self._read[name]

    def _when(self, name: str) -> list[datetime]:
        return [datetime.fromtimestamp(float(t), UTC) for t in self._array(name)]

    @property
    def issued(self) -> datetime:
        """Issue time."""
        return datetime.fromisoformat(self._attributes["issued"])

    @property
    def times(self) -> list[datetime]:
        """(T,) every hour, the first at the issue time."""
        return self._when("time")

    @property
    def fine_times(self) -> list[datetime]:
        """(F,) every ten minutes, the first at the issue time."""
        return self._when("fine_time")

    @property
    def members(self) -> int:
        """M; member 0 is the control, the others are drawn."""
        return int(self._attributes["members"])

    @property
    def resolution_m(self) -> float:
        """Cell size."""
        return float(self._attributes["resolution_m"])

    @property
    def tide_station(self) -> str | None:
        """Station of ``tide``; None without a sea."""
        name: str | None = self._attributes["tide_station"]
        return name

    @property
    def tide(self) -> Array | None:
        """(M, F) sea level; None without a sea."""
        return self._array("tide") if self.tide_station else None

    @property
    def station_ids(self) -> list[str]:
        """(S,) river level stations, in the order of ``station_level``."""
        return list(self._attributes["stations"])

    @property
    def station_level(self) -> Array:
        """(M, T, S) level; NaN where the station's cell is dry or off the grid."""
        return self._array("station_level")

    @property
    def place_ids(self) -> list[str]:
        """(P,) hazard places, in the city's order."""
        return list(self._attributes["places"])

    @property
    def place_level(self) -> Array:
        """(M, T, P) surface level at the place's cell; NaN where dry or off the grid."""
        return self._array("place_level")

    @property
    def place_rain(self) -> Array:
        """(M, T, P)."""
        return self._array("place_rain")

    @property
    def town_rain(self) -> Array:
        """(M, T, W) mean over each town, in the order of ``territory.towns()``."""
        return self._array("town_rain")

    @property
    def rain_total(self) -> Array:
        """(M,) mm over the run, mean over the city."""
        return self._array("rain_total")

    @property
    def village_depth(self) -> Array:
        """(M, V) 90th percentile of greatest depth [m] over a village's cells where people live."""
        return self._array("village_depth")

    @property
    def village_fraction(self) -> Array:
        """(M, V, 3) share of its land cells whose greatest depth passes 0.15, 0.30, 0.50 m."""
        return self._array("village_fraction")

    @property
    def tracks(self) -> Array | None:
        """(M, Tt, 5) Unix seconds, lon, lat, pressure [hPa], wind [m/s]; None without a storm."""
        return self._array("tracks") if self._attributes["storm"] else None

    @property
    def summary(self) -> dict[str, Any]:
        """What `Summary` says of the run."""
        return dict(self._attributes["summary"])

    def frames(self, quantile: str) -> Array:
        """(T, ny, nx) depth on land at ``"p50"`` or ``"p90"`` of the members, cell by cell [m]."""
        return self._array(f"depth_{self._quantile(quantile)}")

    def frame(self, quantile: str, index: int) -> Array:
        """(ny, nx) one hour of `frames`, read alone."""
        name = f"depth_{self._quantile(quantile)}"
        stored: Any = self._group[name]
        return np.asarray(stored[index])

    def probability(self, threshold: float) -> Array:
        """(ny, nx) share of members whose greatest depth passes ``threshold``; NaN outside.

        Raises:
            Refusal: for a threshold that was not computed.
        """
        if threshold not in THRESHOLDS:
            raise Refusal(
                f"probability of depth over {threshold} m was not computed; "
                f"use {', '.join(str(t) for t in THRESHOLDS)}",
                field="threshold",
                value=threshold,
                remedy=f"one of {', '.join(str(t) for t in THRESHOLDS)}",
            )
        return np.asarray(self._array("probability")[THRESHOLDS.index(threshold)])

    @staticmethod
    def _quantile(name: str) -> str:
        if name not in QUANTILES:
            raise Refusal(
                f"quantile {name!r} was not computed; use {' or '.join(QUANTILES)}",
                field="quantile",
                value=name,
                remedy=" or ".join(QUANTILES),
            )
        return name


def track_view(products: Products) -> dict[str, Any] | None:
    """The storm's future for a map: every member and their mean; None without a storm.

    ``{"issued", "members": [[[iso, lon, lat], …], …], "mean": [[iso, lon, lat], …]}``
    """
    tracks = products.tracks
    if tracks is None:
        return None
    times = [iso(float(t)) for t in tracks[0, :, 0]]

    def line(points: Array) -> list[list[object]]:
        return [
            [when, round(float(lon), 2), round(float(lat), 2)]
            for when, (lon, lat) in zip(times, points, strict=True)
        ]

    return {
        "issued": products.issued,
        "members": [line(member[:, 1:3]) for member in tracks],
        "mean": line(np.asarray(tracks[:, :, 1:3].mean(axis=0))),
    }


def iso(seconds: float) -> str:
    """Unix ``seconds`` as ISO 8601 UTC with Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(summary: Mapping[str, Any]) -> str:
    """A summary as the text of ``summary.json``."""
    return json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
