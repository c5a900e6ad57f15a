"""A replayed world: parameters in, readings and truth out. All of it is reconstructed.

The water is computed once per world, seed and resolution and kept in the data folder; rain and
the levels at the edges are cheap and made anew from the seed each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.city import City, Event, Fix, HazardPlace, Person, Station
from anlan.observe import Reading
from anlan.refusal import Refusal
from anlan.replay import edges, parameters, rainfield, truth, water
from anlan.replay.course import course
from anlan.replay.gauges import Series, Transmission
from anlan.replay.parameters import Parameters
from anlan.replay.truth import Crossing
from anlan.store import ids

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
#: Raised whenever the same parameters would give other water; part of the cache's name.
VERSION = 4
KM_PER_DEGREE = 111.2
RAIN_QUANTILES = {"p10": 10, "p50": 50, "p90": 90}


def world_names(event: Event) -> list[str]:
    """The worlds of an event, "near" first."""
    return parameters.worlds(event.folder)


def _silent(what: str, share: float) -> None:
    """No progress shown."""


class World:
    """One world of one event. Make it with `load`, then `build` it."""

    def __init__(self, city: City, event: Event, given: Parameters, seed: int) -> None:
        self.city = city
        self.given = given
        self.seed = ids.seed("world", city.id, event.id, given.id, seed)
        self._source = event
        self._water: water.Water | None = None
        self._resolution = 0.0

    @classmethod
    def load(cls, city: City, event: Event, name: str, seed: int = 1) -> World:
        """Read the parameters of world ``name`` of an event.

        Raises `Refusal` for an unknown world or a parameter that does not fit.
        """
        return cls(city, event, parameters.read(event.folder, name), seed)

    @property
    def id(self) -> str:
        """Name of the world: ``near``, ``worse``, ``miss`` …"""
        return self.given.id

    @cached_property
    def event(self) -> Event:
        """The event as it goes in this world: its track may leave the real one."""
        shifts = sorted(self.given.track_shift, key=lambda s: s.time)
        if not shifts:
            return self._source
        east = [(s.time, s.east_km) for s in shifts]
        north = [(s.time, s.north_km) for s in shifts]

        def moved(fix: Fix) -> Fix:
            if fix.time <= shifts[0].time:
                return fix
            at = np.array([fix.time.timestamp()])
            lat = fix.lat + float(course(north, at)[0]) / KM_PER_DEGREE
            per_degree = KM_PER_DEGREE * float(np.cos(np.radians(lat)))
            lon = fix.lon + float(course(east, at)[0]) / per_degree
            return replace(fix, lon=round(lon, 1), lat=round(lat, 1))

        return replace(
            self._source, track=tuple(moved(fix) for fix in self._source.track), synthetic=True
        )

    @cached_property
    def _ends(self) -> Floats:
        start, end = self._source.start.timestamp(), self._source.end.timestamp()
        steps = int((end - start) // water.STEP_S)
        return np.asarray(start + water.STEP_S * np.arange(1, steps + 1), dtype=np.float64)

    @cached_property
    def _times(self) -> Floats:
        times: Floats = np.empty(self._ends.size + 1)
        times[0], times[1:] = self._ends[0] - water.STEP_S, self._ends
        return times

    @cached_property
    def rain(self) -> rainfield.RainField:
        """Rain over the city and around it."""
        villages = self.city.territory.villages()
        x, y = self.city.to_xy(
            np.array([unit.lon for unit in villages]), np.array([unit.lat for unit in villages])
        )
        return rainfield.build(
            self.given.rain,
            ids.seed(self.seed, "rain"),
            self._ends,
            water.STEP_S,
            x,
            y,
            self.city.to_xy,
        )

    def _tide(self, station: str = "") -> Floats | None:
        tide = self.given.tide
        if tide is None:
            return None
        return edges.sea_level(
            tide,
            self.given.surge,
            self._source.folder,
            self.seed,
            self._times,
            self.city.level,
            station,
        )

    @cached_property
    def sea(self) -> Floats | None:
        """(T,) level of the sea at the tide station, m; None without a sea."""
        return self._tide()

    def _inland(self, station: str) -> Floats:
        return edges.inland_level(
            self.given.inland, station, self.seed, self._times, self.city.level
        )

    @cached_property
    def _level_stations(self) -> list[Station]:
        """Gauges inside the city; those of the neighbours follow the inland course."""
        known = {station.id for station in self.given.inland.station}
        return sorted(
            (
                s
                for s in self.city.stations.values()
                if s.quantity == "river_level" and s.role == "gauge" and s.id not in known
            ),
            key=lambda s: s.id,
        )

    @cached_property
    def _places(self) -> list[HazardPlace]:
        return [
            water.disturbed_place(place, self.given.places, self.seed)
            for place in self.city.places.values()
        ]

    def build(self, cache: Path, resolution_m: float, progress: Progress = _silent) -> World:
        """Compute the water, or take it from ``cache``; returns itself, ready to be asked.

        ``progress`` is called with a sentence and the share done.
        """
        key = ids.digest(
            {
                "version": VERSION,
                "parameters": self.given.model_dump(mode="json"),
                "seed": self.seed,
                "city": self.city.digest,
                "resolution_m": float(resolution_m),
                "from": self._source.start,
                "to": self._source.end,
            }
        )
        self._resolution = resolution_m
        path = cache / f"{self._source.id}-{self.id}-{key[:16]}.npz"
        if path.exists():
            with np.load(path) as kept:
                fields = {name: kept[name] for name in kept.files}
            fields["residual"] = float(fields["residual"])
            self._water = water.Water(**fields)
            return self
        terrain = self.city.terrain(resolution_m)
        ground = water.disturbed(terrain, self.given.bed, self.seed)
        self._water = water.compute(
            ground,
            self.given.bed,
            self.rain,
            self.sea,
            {name: self._inland(name) for name in terrain.inland_stations},
            water.station_cells(terrain, self._level_stations),
            water.place_cells(terrain, list(self.city.places.values())),
            progress,
        )
        cache.mkdir(parents=True, exist_ok=True)
        # written beside and renamed: killed half-way, no half file is found next time
        part = path.with_suffix(".part.npz")
        np.savez_compressed(part, **vars(self._water))
        part.replace(path)
        return self

    @property
    def water(self) -> water.Water:
        """What the water did; raises `Refusal` before `build`."""
        if self._water is None:
            raise Refusal(
                f"world {self.id} has not been computed yet; build it first",
                field="world",
                value=self.id,
                remedy="World.build",
                kind="conflict",
            )
        return self._water

    @cached_property
    def place_depth(self) -> dict[str, Floats]:
        """(T,) depth at each hazard place, m, by the local model with this world's numbers."""
        ids_ = list(self.city.places)
        x, y = self.city.to_xy(
            np.array([p.lon for p in self.city.places.values()]),
            np.array([p.lat for p in self.city.places.values()]),
        )
        rain = np.vstack([np.zeros((1, len(ids_))), self.rain.at(x, y)])
        depth = water.depth_at_places(self._places, self.water.place_level, rain, self.rain.dt_s)
        return {place: depth[:, k] for k, place in enumerate(ids_)}

    def _depth_course(self, person: Person) -> tuple[Floats, Floats]:
        """Times and true depth where a person lives: their hazard place, else their cell."""
        if person.place in self.place_depth:
            return self._times, self.place_depth[person.place]
        frames = self.water.frames
        j, i = self.city.terrain(self._resolution).cell(*self.city.to_xy(person.lon, person.lat))
        return self.water.frame_times, frames[:, j, i].astype(np.float64)

    def depth_at(self, person: Person, now: datetime) -> float:
        """True depth where a person lives, m."""
        times, depth = self._depth_course(person)
        return float(depth[max(int(np.searchsorted(times, now.timestamp(), "right")) - 1, 0)])

    def wet_since(self, person: Person, depth_m: float, now: datetime) -> datetime | None:
        """Since when the water where a person lives stands at ``depth_m`` or above; None if not."""
        times, depth = self._depth_course(person)
        last = max(int(np.searchsorted(times, now.timestamp(), "right")) - 1, 0)
        below = np.flatnonzero(depth[: last + 1] < depth_m)
        first = 0 if below.size == 0 else int(below[-1]) + 1
        return None if first > last else datetime.fromtimestamp(times[first], UTC)

    @cached_property
    def _series(self) -> list[Series]:
        found = []
        own = {s.id: k for k, s in enumerate(self._level_stations)}
        for station in sorted(self.city.stations.values(), key=lambda s: s.id):
            times, values = self._times, None
            if station.quantity == "rain":
                x, y = self.city.to_xy(station.lon, station.lat)
                times, values = self._ends, self.rain.at([x], [y])[:, 0]
            elif station.quantity == "wind":
                values = edges.wind_speed(self.given.wind, station.id, self.seed, times)
            elif station.quantity == "tide":
                values = self._tide(station.id)
            elif station.id in own:
                values = self.water.station_level[:, own[station.id]]
            elif station.quantity == "river_level":
                values = self._inland(station.id)
            if values is not None:
                found.append(Series(station, times, water.STEP_S, values))
        return found

    @cached_property
    def transmission(self) -> Transmission:
        """All readings of the event with the moments at which they arrive."""
        return Transmission(self._series, self.given.gauges, ids.seed(self.seed, "gauges"))

    def readings(self, after: datetime, until: datetime) -> list[Reading]:
        """Readings that arrive in (after, until], in order of arrival; times UTC."""
        return self.transmission.between(after, until)

    def truth(self, colour_levels: Mapping[str, float]) -> dict[str, Any]:
        """What really happened, for the review alone; times are ISO 8601 with the city's offset.

        Args:
            colour_levels: tide level of each warning colour, m on the city's datum.

        Returns:
            ``tide``: [{colour, start, end, peak_m, peak_time}]; ``tide_peak``: {peak_m,
            peak_time} on the city's datum, or None; ``towns``: code → [{colour, start,
            end}] by `truth.TOWN_COLOURS`; ``places``: id → [{threshold, start, end, peak_m}]
            with ``attention`` and ``danger``; ``rain_total_mm``: {mean, p10, p50, p90, max}
            over the villages;
            ``reconstructed``: True.
        """
        return {
            "reconstructed": True,
            "world": self.id,
            "tide": self._tide_crossings(colour_levels),
            "tide_peak": self._tide_peak(),
            "towns": self._town_crossings(),
            "places": self._place_crossings(),
            "rain_total_mm": self._rain_total(),
        }

    def _text(self, moment: datetime) -> str:
        return moment.astimezone(self.city.zone).isoformat()

    def _span(self, crossing: Crossing) -> dict[str, str]:
        return {"start": self._text(crossing.start), "end": self._text(crossing.end)}

    def _tide_crossings(self, colour_levels: Mapping[str, float]) -> list[dict[str, Any]]:
        if self.sea is None:
            return []
        return [
            {
                "colour": colour,
                **self._span(crossing),
                "peak_m": round(crossing.peak, 3),
                "peak_time": self._text(crossing.peak_time),
            }
            for colour, level in colour_levels.items()
            for crossing in truth.crossings(self._times, self.sea, level)
        ]

    def _tide_peak(self) -> dict[str, Any] | None:
        if self.sea is None:
            return None
        top = int(np.argmax(self.sea))
        return {
            "peak_m": round(float(self.sea[top]), 3),
            "peak_time": self._text(datetime.fromtimestamp(self._times[top], UTC)),
        }

    def _place_crossings(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for place in self.city.places.values():
            found[place.id] = [
                {
                    "threshold": name,
                    **self._span(crossing),
                    "peak_m": round(crossing.peak, 3),
                }
                for name, level in (
                    ("attention", place.attention_m),
                    ("danger", place.danger_m),
                )
                for crossing in truth.crossings(
                    self._times, self.place_depth[place.id], level, truth.DIP
                )
            ]
        return found

    def _town_crossings(self) -> dict[str, list[dict[str, Any]]]:
        territory, found = self.city.territory, {}
        for town in territory.towns():
            places = [
                p
                for p in self.city.places.values()
                if p.waterlogs and territory.is_within(p.territory, town.code)
            ]
            x, y = self.city.to_xy(town.lon, town.lat)
            rain = np.concatenate(([0.0], self.rain.at([x], [y])[:, 0]))
            seen = {
                "attention": self._count_above(places, "attention_m"),
                "danger": self._count_above(places, "danger_m"),
                "rain_3h": truth.trailing(rain, self.rain.dt_s, 3.0),
                "rain_12h": truth.trailing(rain, self.rain.dt_s, 12.0),
            }
            found[town.code] = [
                {"colour": colour, **self._span(crossing)}
                for colour in truth.TOWN_COLOURS
                for crossing in truth.crossings(
                    self._times, truth.town_colour(seen, colour).astype(float), 0.5, truth.DIP
                )
            ]
        return found

    def _count_above(self, places: Sequence[HazardPlace], threshold: str) -> Floats:
        """(T,) how many of the places stand at or above their threshold."""
        count = np.zeros(self._times.size)
        for place in places:
            count += self.place_depth[place.id] >= getattr(place, threshold)
        return count

    def _rain_total(self) -> dict[str, float]:
        villages = self.city.territory.villages()
        x, y = self.city.to_xy(
            np.array([unit.lon for unit in villages]), np.array([unit.lat for unit in villages])
        )
        total = self.rain.at(x, y).sum(axis=0)
        result = {"mean": round(float(total.mean()), 1), "max": round(float(total.max()), 1)}
        for name, percent in RAIN_QUANTILES.items():
            result[name] = round(float(np.percentile(total, percent)), 1)
        return result
