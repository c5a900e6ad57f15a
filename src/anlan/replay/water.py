"""The water of a replayed world: its own ground, computed over the whole event.

The ground is the city's terrain with a smooth error, other friction, drains and pumps: what the
forecast takes for the city is not what the world is made of. Levels in m on the city's datum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anlan.assess import place_depth
from anlan.city import HazardPlace, Station, Terrain
from anlan.hydraulics import Constant, Gate, Pump, ShallowWater
from anlan.replay.course import random_field
from anlan.replay.parameters import Bed, Places
from anlan.replay.rainfield import RainField
from anlan.store import ids

Floats = NDArray[np.float64]
STEP_S = 600.0
FRAME_EVERY = 6
TRACK_S = 60.0
DRY_M = 0.01
CHANNEL_SHARE = 0.4  # river beds are better known than the land beside them; assumed
Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Water:
    """What the water did.

    Attributes:
        times: (T,) s since 1970, ``STEP_S`` apart, the first at the start of the event.
        station_level: (T, S) at the cells of level stations, in the order asked for.
        place_level: (T, P) at the cells of the hazard places; NaN where dry.
        frame_times: (F,) s since 1970; frames: (F, ny, nx) depth, m, half precision.
        highest: (ny, nx) greatest depth, m.
        residual: water that the solver's budget does not account for, m³.
    """

    times: Floats
    station_level: Floats
    place_level: Floats
    frame_times: Floats
    frames: NDArray[np.float16]
    highest: NDArray[np.float32]
    residual: float


def disturbed(terrain: Terrain, bed: Bed, seed: int) -> Terrain:
    """The city's terrain as it really is in this world."""
    ny, nx = terrain.shape
    cells = bed.error_length_m / terrain.dx
    error = bed.error_rms_m * random_field(ids.seed(seed, "bed"), (ny, nx), (cells, cells))
    error = np.where(terrain.river | terrain.inland, CHANNEL_SHARE * error, error)
    chance = np.random.default_rng(ids.seed(seed, "crest"))
    # -inf plus anything finite stays -inf: no barrier appears where there is none
    return replace(
        terrain,
        z=np.where(terrain.sea, terrain.z, terrain.z + error),
        manning=terrain.manning * bed.manning_factor,
        crest_x=terrain.crest_x + bed.crest_rms_m * chance.standard_normal((ny, nx + 1)),
        crest_y=terrain.crest_y + bed.crest_rms_m * chance.standard_normal((ny + 1, nx)),
        drain_rate=terrain.drain_rate * bed.drain_factor,
    )


def disturbed_place(place: HazardPlace, places: Places, seed: int) -> HazardPlace:
    """A hazard place as it really is in this world: ground, rim, catchment, pump."""
    chance = np.random.default_rng(ids.seed(seed, "place", place.id))
    lift = float(places.ground_rms_m * chance.standard_normal())
    spread = float(np.exp(places.catchment_spread * chance.standard_normal()))
    share = float(chance.uniform(places.pump_low, places.pump_high))
    return replace(
        place,
        ground_m=place.ground_m + lift,
        rim_m=None if place.rim_m is None else place.rim_m + lift,
        catchment_m2=None if place.catchment_m2 is None else place.catchment_m2 * spread,
        pump_m3s=None if place.pump_m3s is None else place.pump_m3s * share,
    )


def _structures(terrain: Terrain, pump_factor: float) -> list[Pump | Gate]:
    works: list[Pump | Gate] = []
    for s in terrain.structures:
        if s.kind == "pump":
            capacity = s.capacity * pump_factor
            works.append(
                Pump(s.name, s.from_cell, s.to_cell, capacity, s.start_level, s.stop_level)
            )
        else:
            works.append(Gate(s.name, s.from_cell, s.to_cell, s.sill, s.width, flap=True))
    return works


def station_cells(terrain: Terrain, stations: Sequence[Station]) -> list[int]:
    """Flat index of each gauge's cell: the nearest river cell, which a gauge stands at."""
    among = terrain.river & terrain.inside
    return [_nearest(terrain, s.lon, s.lat, among) for s in stations]


def place_cells(terrain: Terrain, places: Sequence[HazardPlace]) -> list[int]:
    """Flat index of the cell that holds each hazard place; -1 off the computed ground."""
    ny, nx = terrain.shape
    found = []
    for place in places:
        x, y = terrain.projection.to_xy(place.lon, place.lat)
        i, j = int((x - terrain.x0) // terrain.dx), int((y - terrain.y0) // terrain.dx)
        on = 0 <= j < ny and 0 <= i < nx and terrain.inside[j, i]
        found.append(j * nx + i if on else -1)
    return found


def _nearest(terrain: Terrain, lon: float, lat: float, among: NDArray[np.bool_]) -> int:
    x, y = terrain.projection.to_xy(lon, lat)
    centre_x, centre_y = terrain.centres()
    distance = np.hypot(centre_x[None, :] - x, centre_y[:, None] - y)
    return int(np.argmin(np.where(among, distance, np.inf)))


def compute(
    terrain: Terrain,
    bed: Bed,
    rain: RainField,
    sea: Floats | None,
    inland: Mapping[str, Floats],
    station_cells: Sequence[int],
    place_cells: Sequence[int],
    progress: Progress,
) -> Water:
    """Run the water over the event.

    Args:
        terrain: already disturbed.
        rain: its steps set the output times: T = steps + 1.
        sea: (T,) level of the sea, or None for a city without one.
        inland: (T,) level at each of ``terrain.inland_stations``.
        station_cells, place_cells: flat cell indices.
        progress: called with a sentence and the share done, 0 to 1.
    """
    ny, nx = terrain.shape
    active = terrain.inside | terrain.sea | terrain.inland
    model = ShallowWater(
        terrain.z,
        terrain.dx,
        terrain.manning,
        active=active,
        face_crest_x=terrain.crest_x,
        face_crest_y=terrain.crest_y,
        structures=_structures(terrain, bed.pump_factor),
        infiltration=Constant(np.where(active, terrain.drain_rate, 0.0)),
        scheme="inertial",
    )
    model.track((), TRACK_S)
    # water in the channels alone: low land behind dikes starts dry
    channels = terrain.river | terrain.inland
    model.restore(model.still_water(np.where(channels, bed.initial_level_m, -np.inf)))

    fixed = (terrain.sea if sea is not None else np.zeros_like(terrain.sea)) | terrain.inland
    at_sea = terrain.sea[fixed]
    at_inland = terrain.inland_station[fixed]
    centre_x, centre_y = np.meshgrid(*terrain.centres())
    weights = rain.weights(centre_x.ravel(), centre_y.ravel())

    def impose(k: int) -> None:
        level = np.zeros(at_sea.size)
        if sea is not None:
            level[at_sea] = sea[k]
        for number, name in enumerate(terrain.inland_stations):
            level[~at_sea & (at_inland == number)] = inland[name][k]
        if level.size:
            model.set_level_boundary(fixed, level)

    steps = rain.ends.size
    stations, places = np.array(station_cells, dtype=int), np.array(place_cells, dtype=int)
    station_level = np.full((steps + 1, stations.size), np.nan)
    place_level = np.full((steps + 1, places.size), np.nan)
    frames = np.zeros((steps // FRAME_EVERY + 1, ny, nx), dtype=np.float16)
    bed_level = terrain.z.ravel()

    def put_down(k: int) -> None:
        now = np.asarray(model.state.depth, dtype=np.float64).ravel()
        station_level[k] = bed_level[stations] + now[stations]
        wet = (places >= 0) & (now[places] > DRY_M)
        place_level[k] = np.where(wet, bed_level[places] + now[places], np.nan)
        if k % FRAME_EVERY == 0:
            frames[k // FRAME_EVERY] = now.reshape(ny, nx)

    impose(0)
    put_down(0)
    for k in range(steps):
        if k % 36 == 0:
            progress("重建过程的水 computing the replayed water", k / steps)
        impose(k + 1)
        # mm in a step of dt_s to m/s
        fall = weights.of(rain.mm[k]).reshape(ny, nx) / (1000.0 * rain.dt_s)
        model.set_rain(np.where(active, fall, 0.0))
        model.run(rain.dt_s)
        put_down(k + 1)
    progress("重建过程的水 computing the replayed water", 1.0)
    times = np.concatenate(([rain.ends[0] - rain.dt_s], rain.ends))
    return Water(
        times=times,
        station_level=station_level,
        place_level=place_level,
        frame_times=times[::FRAME_EVERY],
        frames=frames,
        highest=np.nan_to_num(model.tracked.max_depth).astype(np.float32),
        residual=float(model.budget.residual),
    )


def depth_at_places(
    places: Sequence[HazardPlace], level: Floats, rain_mm: Floats, dt_s: float
) -> Floats:
    """(T, P) depth at hazard places (already disturbed) by the local model of `assess`.

    Args:
        level: (T, P) surface level at the end of each step, m, NaN where dry.
        rain_mm: (T, P) rain in each step.
    """
    depth = np.zeros(level.shape)
    for k, place in enumerate(places):
        depth[:, k] = place_depth(place, level[:, k], rain_mm[:, k], dt_s)
    return depth
