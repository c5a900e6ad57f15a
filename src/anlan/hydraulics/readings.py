"""What the water of a run shows: speeds, discharges, the fastest wave, the volume held.

Pure functions of a domain and its water, of all members together.
"""

from __future__ import annotations

import numpy as np

from anlan.hydraulics.arrays import Ground, Water
from anlan.hydraulics.domain import Domain
from anlan.hydraulics.numerics import Array, G
from anlan.hydraulics.physics import LEAST_DEPTH
from anlan.hydraulics.subgrid import Subgrid
from anlan.hydraulics.tables import TabledGround
from anlan.hydraulics.tracking import THIN, Tracked, Tracks


def flows(domain: Domain, water: Water) -> tuple[Array, Array]:
    """Views of the discharges along x and y where the scheme keeps them."""
    at = domain.layout
    if domain.flows_at_cells:
        return at.at_cells(water.qx), at.at_cells(water.qy)
    return at.at_x_faces(water.qx), at.at_y_faces(water.qy)


def discharges(domain: Domain, water: Water) -> tuple[Array, Array]:
    """Discharges at x and y faces, m2/s; of discharges at cells the mean of both sides."""
    if not domain.flows_at_cells:
        return flows(domain, water)
    x, y = domain.layout.at_x_faces(water.qx), domain.layout.at_y_faces(water.qy)
    before_x = np.concatenate((np.zeros_like(x[:, :, :1]), x[:, :, :-1]), axis=2)
    before_y = np.concatenate((np.zeros_like(y[:, :1]), y[:, :-1]), axis=1)
    return 0.5 * (before_x + x), 0.5 * (before_y + y)


def around(domain: Domain, water: Water) -> tuple[Array, Array, Array, Array, bool]:
    """Velocities west, east, south and north of the cells, or discharges if so said."""
    if domain.flows_at_cells:
        x, y = flows(domain, water)
        return x, x, y, y, True
    x, y, as_discharges = _at_faces(domain, water)
    return x[:, :, :-1], x[:, :, 1:], y[:, :-1], y[:, 1:], as_discharges


def velocity(domain: Domain, water: Water) -> tuple[Array, Array]:
    """Velocities at cells along x and y, m/s; 0 where dry."""
    h = domain.layout.at_cells(water.h).astype(np.float64)
    west, east, south, north, as_discharges = around(domain, water)
    u, v = 0.5 * (west + east), 0.5 * (south + north)
    if as_discharges:
        u, v = (np.where(h > THIN, q / np.maximum(h, THIN), 0.0) for q in (u, v))
    dry = h <= 0.0
    return np.where(dry, 0.0, u), np.where(dry, 0.0, v)


def face_velocities(
    domain: Domain, ground: Ground | TabledGround, water: Water
) -> tuple[Array, Array]:
    """Velocities that discharges stand for, at x and y faces, m/s."""
    return _face_velocities(domain, ground, water, 0), _face_velocities(domain, ground, water, 1)


def fastest_wave(domain: Domain, ground: Ground | TabledGround, water: Water) -> Array:
    """Bound of |u| + sqrt(g h), (M,) m/s."""
    at = domain.layout
    h = at.at_cells(water.h).max(axis=(1, 2))
    if domain.tables is not None:
        deep = domain.tables.level(at.at_cells(water.h)) - domain.bed
        h = np.nanmax(deep, axis=(1, 2))
    if domain.flows_at_cells:
        x, y = velocity(domain, water)
    else:
        x, y, as_discharges = _at_faces(domain, water)
        if as_discharges:
            x, y = face_velocities(domain, ground, water)
    fast = np.maximum(np.abs(x).max(axis=(1, 2)), np.abs(y).max(axis=(1, 2)))
    return np.asarray(fast + np.sqrt(G * h.astype(np.float64)))


def volume(domain: Domain, water: Water) -> Array:
    """(M,) water held, m3."""
    at = domain.layout
    held = at.at_cells(water.h).sum(axis=(1, 2), dtype=np.float64)
    held = held + at.at_cells(water.c).sum(axis=(1, 2), dtype=np.float64)
    return np.asarray(held * domain.area)


def tracked(domain: Domain, tracks: Tracks) -> Tracked:
    """What was kept on the way, as it is shown."""
    inside, shown = domain.active, domain.shown_field
    wet = tracks.depth > 0.0
    dry = np.where(inside, 0.0, np.nan)

    def known(array: Array) -> Array:
        return shown(np.where(inside, array, np.nan))

    return Tracked(
        max_depth=known(tracks.depth),
        max_level=shown(np.where(wet & inside, domain.level(tracks.depth), np.nan)),
        max_speed=known(tracks.speed),
        max_hazard=shown(tracks.hazard + dry),
        time_of_max=known(tracks.time),
        thresholds=tuple(tracks.thresholds.tolist()),
        arrival_time=known(tracks.arrival),
        duration_above=known(tracks.duration),
    )


def _at_faces(domain: Domain, water: Water) -> tuple[Array, Array, bool]:
    """Velocities at x and y faces, or discharges where the scheme keeps no velocities."""
    if domain.keeps_velocities:
        at = domain.layout
        return at.at_x_faces(water.ux), at.at_y_faces(water.uy), False
    return *flows(domain, water), True


def _face_velocities(
    domain: Domain, ground: Ground | TabledGround, water: Water, axis: int
) -> Array:
    at = domain.layout
    rows, columns = at.shape
    if domain.tables is not None:
        return _tabled_velocities(domain, domain.tables, water, axis)
    h = water.h.reshape(domain.members, rows, columns).astype(np.float64)
    z = ground.z.astype(np.float64)
    eta = h + z
    here, before = slice(1, None), slice(None, -1)
    depth = np.zeros_like(h)
    if axis == 0:
        depth[:, :, here] = np.maximum(eta[:, :, before], eta[:, :, here]) - np.maximum(
            z[:, before], z[:, here]
        )
        q = at.at_x_faces(water.qx)
        d = at.at_x_faces(depth.reshape(-1, columns))
    else:
        depth[:, here] = np.maximum(eta[:, before], eta[:, here]) - np.maximum(z[before], z[here])
        q = at.at_y_faces(water.qy)
        d = at.at_y_faces(depth.reshape(-1, columns))
    return np.where(d > float(LEAST_DEPTH), q / np.maximum(d, float(LEAST_DEPTH)), 0.0)


def _tabled_velocities(domain: Domain, tables: Subgrid, water: Water, axis: int) -> Array:
    """The same over sub-grid tables: discharge over the area at the higher level."""
    at = domain.layout
    level = np.nan_to_num(tables.level(at.at_cells(water.h)), nan=-np.inf)
    edge = [(0, 0), (0, 0), (1, 1)] if axis == 0 else [(0, 0), (1, 1), (0, 0)]
    wide = np.pad(level, edge, constant_values=-np.inf)
    if axis == 0:
        q, faces, pair = at.at_x_faces(water.qx), tables.x, (wide[:, :, :-1], wide[:, :, 1:])
    else:
        q, faces, pair = at.at_y_faces(water.qy), tables.y, (wide[:, :-1], wide[:, 1:])
    area = faces.area_at(np.maximum(*pair))
    return np.where(area > LEAST_DEPTH, q / np.maximum(area, LEAST_DEPTH), 0.0)
