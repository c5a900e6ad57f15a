"""From frozen inputs to what drives the water: of the past (analysis) and of each member.

The past is driven by what was measured: gauge rain by inverse distance, observed tide, observed
inland levels. The future: a forecast rain field where there is one, else typhoon rain, with the
observed rate dying away into it; tide from harmonics, surge from the member's own storm, and what
the tide's readings missed lately; inland levels as last read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.forecast import ensemble, rain, surge
from anlan.forecast.basin import FINE_S, Drive
from anlan.forecast.bundle import Bundle
from anlan.forecast.geodesy import east_north
from anlan.forecast.nodes import Nodes, nodes_over
from anlan.forecast.tide import Harmonics, predict
from anlan.forecast.track import Track
from anlan.forecast.track_error import ErrorRow

Array = NDArray[np.float64]

MEMORY_HOURS = 26
"""Set-up is followed from this long before the issue: a tidal cycle of readings to compare with,
and six times its response time before that."""
CYCLE_SECONDS = 12.42 * 3600.0
MIN_CYCLE_READINGS = 6


@dataclass(frozen=True)
class MemberDrive:
    """One member: its drive from the issue time on, and its storm (None without one)."""

    drive: Drive
    track: Track | None


@dataclass(frozen=True)
class Drives:
    """All drives of one bundle; what members share is worked out once."""

    bundle: Bundle

    @cached_property
    def issue(self) -> float:
        """Issue time, Unix seconds."""
        return self.bundle.issued.timestamp()

    @cached_property
    def nodes(self) -> Nodes:
        """The rain nodes of the grid."""
        grid = self.bundle.meta["grid"]
        ny, nx = self.bundle.arrays["z"].shape
        return nodes_over(grid["x0"], grid["y0"], grid["dx"], (ny, nx))

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The run's settings."""
        found: dict[str, Any] = self.bundle.meta["settings"]
        return found

    @cached_property
    def outlook(self) -> Track | None:
        """The storm's known track continued ahead; None without a storm."""
        if self.bundle.meta["storm"] is None:
            return None
        table = self.bundle.arrays["outlook"]
        return Track(*(table[:, i] for i in range(5)))

    @cached_property
    def _gauges(self) -> Array:
        xy = self.bundle.arrays["gauge_xy"]
        return rain.interpolation_weights(self.nodes.x, self.nodes.y, xy[:, 0], xy[:, 1])

    @cached_property
    def _root(self) -> Array:
        return ensemble.correlation_root(
            self.nodes.x, self.nodes.y, 1e3 * self.settings["rain_field_km"]
        )

    # The past

    def analysis(self) -> Drive:
        """From the previous analysis (or the start of the spin-up) to the issue time."""
        start = datetime.fromisoformat(self.bundle.meta["analysis_from"]).timestamp()
        hours = max(1, round((self.issue - start) / 3600.0))
        hourly = self.bundle.arrays["gauge_hourly"]
        fell = (
            rain.interpolate(self._gauges, hourly)
            if hourly.size
            else np.zeros((self.nodes.x.size, hours))
        )
        fine = self.issue - FINE_S * np.arange(6 * hours, -1, -1.0)
        return Drive(float(fine[0]), fell, self._observed_tide(fine), self._observed_inland(fine))

    def _observed_tide(self, fine: Array) -> Array | None:
        if self.bundle.meta["tide"] is None:
            return None
        seen = self.bundle.arrays["tide_observed"]
        model = self._control_tide(fine)
        if seen.shape[0] == 0:
            return model
        # Between and beyond readings the tide goes on as predicted, shifted by what it missed.
        missed = seen[:, 1] - self._control_tide(seen[:, 0])
        return np.asarray(model + np.interp(fine, seen[:, 0], missed))

    def _observed_inland(self, fine: Array) -> Array:
        names = self.bundle.meta["inland_stations"]
        out = np.full((len(names), fine.size), float(self.settings["initial_level_m"]))
        for k in range(len(names)):
            seen = self.bundle.arrays[f"inland_level_{k}"]
            if seen.shape[0]:
                out[k] = np.interp(fine, seen[:, 0], seen[:, 1])
        return out

    # Tide and surge

    @cached_property
    def _harmonics(self) -> Harmonics:
        raw = self.bundle.meta["tide"]["harmonics"]
        constants = {k: (float(v[0]), float(v[1])) for k, v in raw["constants"].items()}
        return Harmonics(raw["station"], raw["datum"], raw["mean_level"], constants)

    def _residual(self, seconds: Array, track: Track | None, factor: float) -> Array:
        """Modelled residual [m] of a storm at ``seconds``, evenly spaced by 10 minutes."""
        info = self.bundle.meta["tide"]
        if track is None or info["setup"] is None:
            return np.zeros(seconds.size)
        raw = surge.Setup(**info["setup"])
        setup = surge.Setup(
            raw.from_bearing, raw.depth, raw.length, raw.fetch * factor, raw.fetch_ln_error
        )
        pressure, east, north = surge.weather(track, seconds, info["lon"], info["lat"])
        above = predict(self._harmonics, seconds) - self._harmonics.mean_level
        return surge.residual(setup, seconds, above, pressure, east, north)

    @cached_property
    def _control_past(self) -> tuple[Array, Array]:
        """Seconds and modelled level [m, city datum] of the past that any reading may lie in."""
        start = datetime.fromisoformat(self.bundle.meta["analysis_from"]).timestamp()
        hours = MEMORY_HOURS + 24 + int((self.issue - start) / 3600.0)
        seconds = self.issue - FINE_S * np.arange(6 * hours, -1, -1.0)
        level = predict(self._harmonics, seconds) + self.bundle.meta["tide"]["offset"]
        return seconds, level + self._residual(seconds, self.outlook, 1.0)

    def _control_tide(self, seconds: Array) -> Array:
        past, level = self._control_past
        return np.interp(seconds, past, level)

    def _missed(self, seconds: Array, level: Array) -> tuple[float, float | None]:
        """What readings say a modelled ``level`` (k,) at past ``seconds`` misses [m].

        The mean of the last tidal cycle, and the rest now. A whole cycle, because an error of
        phase or range changes sign within it; without enough readings both are unknown (0, None).
        """
        seen = self.bundle.arrays["tide_observed"]
        late = seen[seen[:, 0] > self.issue - CYCLE_SECONDS]
        if late.shape[0] < MIN_CYCLE_READINGS or late[-1, 0] - late[0, 0] < 0.8 * CYCLE_SECONDS:
            return 0.0, None
        missed = late[:, 1] - np.interp(late[:, 0], seconds, level)
        mean = float(missed.mean())
        # A reading some time old says that much less about now.
        age = (self.issue - late[-1, 0]) / 3600.0
        fade = float(np.exp(-age / self.settings["tide_error_hours"]))
        return mean, float(missed[-1] - mean) * fade

    def _member_tide(self, member: int, track: Track | None) -> Array | None:
        if self.bundle.meta["tide"] is None:
            return None
        s = self.settings
        info = self.bundle.meta["tide"]
        before = 6 * MEMORY_HOURS
        seconds = self.issue + FINE_S * np.arange(-before, 6 * int(s["lead_hours"]) + 1.0)
        spread = 0.0 if info["setup"] is None else float(info["setup"]["fetch_ln_error"])
        factor = ensemble.fetch_factor(spread, int(s["seed"]), member)
        level = predict(self._harmonics, seconds) + info["offset"]
        level += self._residual(seconds, track, factor)
        # Against the member's own past: a member with a strong set-up must start where the sea is.
        mean, now = self._missed(seconds[: before + 1], level[: before + 1])
        ahead = seconds[before:]
        lead = (ahead - self.issue) / 3600.0
        error = ensemble.tide_error(
            ahead, s["tide_error_m"], s["tide_error_hours"], int(s["seed"]), member, now
        )
        return np.asarray(level[before:] + mean * np.exp(-lead / s["tide_blend_hours"]) + error)

    # Rain and inland levels

    def _member_rain(self, member: int, track: Track | None) -> Array:
        s = self.settings
        hours = int(s["lead_hours"])
        lead = np.arange(hours, dtype=np.float64) + 0.5
        storm = np.zeros((self.nodes.x.size, hours))
        if track is not None:
            at = track.at(self.issue + 3600.0 * lead)
            lon, lat = self.bundle.meta["centre"]
            grid = self.bundle.meta["grid"]
            ny, nx = self.bundle.arrays["z"].shape
            east, north = east_north(at[:, 0], at[:, 1], lon, lat)
            # Projected metres stand for east and north: the city is small against a storm.
            dx = east[None, :] + (self.nodes.x - grid["x0"] - 0.5 * nx * grid["dx"])[:, None]
            dy = north[None, :] + (self.nodes.y - grid["y0"] - 0.5 * ny * grid["dx"])[:, None]
            storm = rain.typhoon_rate(np.hypot(dx, dy) / 1e3, at[None, :, 3])
        rate = storm
        field = self.bundle.arrays.get("field_rain")
        if field is not None:
            # where the forecast field leaves a gap, in space or beyond its end, the storm's rain
            rate = np.where(np.isfinite(field), field, storm)
        gauges = self.bundle.arrays["gauge_rate"]
        if "persistence" in s["rain"] and np.isfinite(gauges).any():
            seen = rain.interpolate(self._gauges, gauges[:, None])[:, 0]
            rate = rain.blend(seen, rate, lead, s["rain_persistence_hours"])
        factor = ensemble.rain_factor(
            self._root,
            hours,
            s["rain_field_ln"],
            s["rain_field_hours"],
            s["rain_total_ln"],
            int(s["seed"]),
            member,
        )
        return np.asarray(rate * factor)

    def member(self, member: int) -> MemberDrive:
        """The drive of one member from the issue time to the end of the run."""
        s = self.settings
        track = self.outlook
        if track is not None:
            errors = [ErrorRow(**row) for row in self.bundle.meta["storm"]["errors"]]
            last = float(self.bundle.meta["storm"]["last_fix"])
            ceiling = self.bundle.arrays["wind_ceiling"]
            track = ensemble.perturb_track(track, ceiling, last, errors, int(s["seed"]), member)
        fine = self.issue + FINE_S * np.arange(6 * int(s["lead_hours"]) + 1.0)
        inland = self._observed_inland(fine)
        lead = (fine - self.issue) / 3600.0
        for k, name in enumerate(self.bundle.meta["inland_stations"]):
            inland[k] += ensemble.inland_error(
                lead, s["inland_spread_m"], int(s["seed"]), member, name
            )
        drive = Drive(
            self.issue, self._member_rain(member, track), self._member_tide(member, track), inland
        )
        return MemberDrive(drive, track)
