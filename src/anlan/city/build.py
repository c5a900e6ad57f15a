"""The terrain of a city: ground, then rivers, polders, barriers, boundaries and structures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy import ndimage

from anlan.city.ground import Ground, read_ground
from anlan.city.raster_lines import cells_along, raise_faces, vertices
from anlan.city.snap import Sides, snap
from anlan.city.terrain import Floats, Ints, Mask, StructureCells, Terrain
from anlan.city.works import Line

if TYPE_CHECKING:
    from anlan.city.city import City

#: Largest Manning number of a river cell, s m^(-1/3): see ``Terrain.manning``.
ROUGHEST_RIVER = 0.30


def build_terrain(city: City, resolution_m: float) -> Terrain:
    """Put everything that steers water in ``city`` on cells of ``resolution_m``.

    Raises:
        Refusal: if a raster cannot be used or the resolution does not fit it.
    """
    ground = read_ground(city.folder, city.settings, resolution_m)
    ny, nx = ground.z.shape[0], ground.z.shape[1]
    x, y = _centres(ground.x0, ground.dx, nx), _centres(ground.y0, ground.dx, ny)
    project = _projector(city)
    rings = [project(polder.geometry) for polder in city.polders]
    rivers = [line for line in city.lines if line.kind == "river"]
    courses = [project(line.geometry) for line in rivers]
    own = [_own_polder(course, rings) for course in courses]

    polder = _polder_index(ground, x, y, rings)
    z, manning = ground.z.copy(), ground.manning.copy()
    river = np.zeros(ground.inside.shape, dtype=np.bool_)
    widest = np.zeros(ground.inside.shape)
    for line, course, within in zip(rivers, courses, own, strict=True):
        hit = np.zeros_like(river)
        for part in vertices(course):
            hit |= cells_along(part, ground.x0, ground.y0, ground.dx, (ny, nx))
        hit = _unbroken(hit & ground.inside & ~ground.sea)
        if within >= 0:
            hit &= polder == within
        else:
            polder[hit] = -1  # a river outranks the polder beside it where a cell holds both
        river |= hit
        bed = line.bed_m if line.bed_m is not None else -np.inf
        if np.isfinite(bed):
            z[hit] = np.minimum(z[hit], bed)
        widest[hit] = np.maximum(widest[hit], line.width_m)
    # Conveyance is width · depth^(5/3) / n: a river narrower than its cell gets a larger n.
    narrow = np.maximum(ground.dx / np.maximum(widest, 1.0), 1.0)
    scaled = np.minimum(ground.river_manning * narrow, ROUGHEST_RIVER)
    manning[river] = scaled[river]

    crest_x, crest_y = _barriers(city, ground, polder, river, project)
    inland, inland_station, names = _inland(city, ground, river & (polder < 0), x, y)
    _assign_mouths(city, ground, rivers, courses, inland_station, names)
    sides = Sides(x, y, ground.inside, ground.sea, river, polder, city.projection)
    return Terrain(
        x0=ground.x0,
        y0=ground.y0,
        dx=ground.dx,
        z=z,
        manning=manning,
        inside=ground.inside,
        crest_x=crest_x,
        crest_y=crest_y,
        sea=ground.sea,
        inland=inland,
        inland_station=inland_station,
        inland_stations=names,
        drain_rate=np.where(river, 0.0, ground.drain_rate),
        polder=polder,
        unit=_units(city, ground, x, y),
        river=river,
        structures=_structures(city, sides, rings),
        projection=city.projection,
    )


def _centres(start: float, dx: float, count: int) -> Floats:
    return np.asarray(start + dx * (np.arange(count) + 0.5), dtype=np.float64)


def _projector(city: City) -> Callable[[shapely.Geometry], shapely.Geometry]:
    def project(geometry: shapely.Geometry) -> shapely.Geometry:
        def transform(lonlat: Floats) -> Floats:
            return np.column_stack(city.to_xy(lonlat[:, 0], lonlat[:, 1]))

        return shapely.transform(geometry, transform)

    return project


def _unbroken(hit: Mask) -> Mask:
    """A river without the single cells that the ragged edge of the model cuts off from it."""
    parts, count = ndimage.label(hit)
    sizes = np.bincount(parts.ravel())
    if count < 2 or sizes[1:].max() < 2:
        return hit
    return np.asarray(hit & (sizes[parts] > 1), dtype=np.bool_)


def _own_polder(course: Any, rings: list[Any]) -> int:
    """The polder that a river never leaves (its own canal), or -1."""
    return next((k for k, ring in enumerate(rings) if shapely.contains(ring, course)), -1)


def _polder_index(ground: Ground, x: Floats, y: Floats, rings: list[Any]) -> Ints:
    index = np.full(ground.inside.shape, -1, dtype=np.int64)
    xs, ys = np.meshgrid(x, y)
    for k, ring in enumerate(rings):
        held = shapely.contains_xy(ring, xs.ravel(), ys.ravel()).reshape(index.shape)
        index[held & ground.inside & ~ground.sea] = k
    return index


def _barriers(
    city: City,
    ground: Ground,
    polder: Ints,
    river: Mask,
    project: Callable[[shapely.Geometry], shapely.Geometry],
) -> tuple[Floats, Floats]:
    ny, nx = ground.inside.shape
    crest_x, crest_y = np.full((ny, nx + 1), -np.inf), np.full((ny + 1, nx), -np.inf)
    sea_crest = -np.inf
    for line in city.lines:
        if line.crest_m is None:
            continue
        if line.kind == "sea_dike":
            sea_crest = max(sea_crest, line.crest_m)
        # A river passes under roads and through the gaps of its own dikes, not the sea dike.
        bridged = None if line.kind == "sea_dike" else river
        for part in vertices(project(line.geometry)):
            raise_faces(
                crest_x, crest_y, part, line.crest_m, ground.x0, ground.y0, ground.dx, bridged
            )
    # Polders and the sea are closed along their cells, so that no cell size opens a gap.
    crests = np.array([entry.dike_crest_m for entry in city.polders] + [-np.inf])
    height = crests[polder]
    for faces, west, east in (
        (crest_x[:, 1:-1], np.s_[:, :-1], np.s_[:, 1:]),
        (crest_y[1:-1, :], np.s_[:-1, :], np.s_[1:, :]),
    ):
        ring = np.where(
            polder[west] != polder[east], np.maximum(height[west], height[east]), -np.inf
        )
        shore = np.where(ground.sea[west] != ground.sea[east], sea_crest, -np.inf)
        np.maximum(faces, ring, out=faces)
        np.maximum(faces, shore, out=faces)
    return crest_x, crest_y


def _inland(
    city: City, ground: Ground, open_river: Mask, x: Floats, y: Floats
) -> tuple[Mask, Ints, tuple[str, ...]]:
    stations = [entry for entry in city.stations.values() if entry.role == "boundary_inland"]
    framed = np.pad(ground.inside, 1)
    landlocked = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
    rim = ground.inside & ~ground.sea & ~landlocked & open_river
    index = np.full(rim.shape, -1, dtype=np.int64)
    if not stations:
        return np.zeros_like(rim), index, ()
    at = [city.to_xy(entry.lon, entry.lat) for entry in stations]
    distance = np.stack([np.hypot(x[None, :] - sx, y[:, None] - sy) for sx, sy in at])
    index[rim] = distance.argmin(axis=0)[rim]
    return rim, index, tuple(entry.id for entry in stations)


def _assign_mouths(
    city: City,
    ground: Ground,
    rivers: list[Line],
    courses: list[Any],
    index: Ints,
    names: tuple[str, ...],
) -> None:
    """Where ``[inland]`` of city.toml names the station of a river, its mouths take that one."""
    named = city.settings.get("inland", {})
    for line, course in zip(rivers, courses, strict=True):
        if line.id not in named:
            continue
        hit = np.zeros(index.shape, dtype=np.bool_)
        for part in vertices(course):
            hit |= cells_along(
                part, ground.x0, ground.y0, ground.dx, (index.shape[0], index.shape[1])
            )
        index[hit & (index >= 0)] = names.index(str(named[line.id]))


def _units(city: City, ground: Ground, x: Floats, y: Floats) -> Ints:
    xs, ys = np.meshgrid(x, y)
    lon, lat = city.to_lonlat(xs, ys)
    index = city.territory.village_index(lon, lat)
    outline = city.territory.root.polygon
    if outline is None:
        return np.where(ground.inside & ~ground.sea, index, -1)
    held = shapely.contains_xy(outline, lon.ravel(), lat.ravel()).reshape(lon.shape)
    return np.where(ground.inside & ~ground.sea & held, index, -1)


def _structures(city: City, sides: Sides, rings: list[Any]) -> tuple[StructureCells, ...]:
    snapped = []
    for structure in city.structures:
        x, y = city.to_xy(structure.from_lon, structure.from_lat)
        polder = next((k for k, ring in enumerate(rings) if shapely.contains_xy(ring, x, y)), -1)
        cells = snap(structure, sides, polder)
        if cells is not None:
            snapped.append(cells)
    return tuple(snapped)
