"""The slow, obvious NumPy twins of the compiled schemes: whole arrays, one formula per line.

They share no code with the package. Double precision, ``**`` for powers. Each face lies between
cell a (west or south) and cell b; both directions use the same functions, the second with its
arrays transposed. Arrays are padded by ``P`` cells of dry wall.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics import State

Numbers = NDArray[np.float64]
G = 9.81
P = 3
LEAST_DEPTH = 1e-6
CREST_FLOW = (2.0 / 3.0) ** 1.5 * G**0.5


class Twin:
    """Flow on a grid with closed edges; arguments as ``ShallowWater``. Steps are the caller's."""

    def __init__(
        self,
        z: Numbers,
        dx: float,
        n: Numbers,
        active: NDArray[np.bool_],
        crest_x: Numbers,
        crest_y: Numbers,
        *,
        full: bool,
        theta: float = 0.9,
    ) -> None:
        self.shape = ny, nx = z.shape
        self.dx, self.theta, self.full = dx, theta, full
        self.z = _pad(np.where(active, z, 0.0))
        self.n = _pad(np.where(active, n, 0.0))
        self.inside = _pad(active)
        # The crest of the face west (south) of each cell; index of the cell.
        self.crest = [_pad(crest_x[:, :nx], -np.inf), _pad(crest_y[:ny], -np.inf)]
        self.h = np.zeros_like(self.z)
        self.q = [np.zeros_like(self.z), np.zeros_like(self.z)]
        self.u = [np.zeros_like(self.z), np.zeros_like(self.z)]
        self.rain, self.losses = np.zeros_like(self.z), np.zeros_like(self.z)
        self.level = np.full_like(self.z, np.nan)
        self.wind = (0.0, 0.0)
        self.last_step = 0.0

    def cells(self, array: Numbers) -> Numbers:
        """The part of a padded array that is the grid."""
        ny, nx = self.shape
        return array[P : P + ny, P : P + nx]

    def take(self, state: State) -> None:
        """Continue from the water of a model."""
        carry = 0.0 if state.carry is None else state.carry
        self.cells(self.h)[...] = state.depth.astype(np.float64) + carry
        faces = (state.qx, state.qy, state.ux, state.uy)
        for own, given in zip((*self.q, *self.u), faces, strict=True):
            if given is not None:
                ny, nx = given.shape
                own[P : P + ny, P : P + nx] = given
        self.last_step = float(state.last_step)

    def advance(self, dt: float) -> None:
        """One step: momentum at faces, then volume at cells, then what is held."""
        dt_u = 0.5 * (dt + self.last_step)
        self.last_step = dt
        flow = self._full if self.full else self._inertial
        new = [flow(axis, dt, dt_u) for axis in (0, 1)]
        q, self.u = [one[0] for one in new], [one[1] for one in new]
        q_x, q_y = q
        wanted = dt / self.dx * (_out(q_x, 1) + _out(q_y, 0))
        short = wanted > self.h
        share = np.where(short, self.h / np.where(short, wanted, 1.0), 1.0)
        q_x = q_x * np.where(q_x > 0.0, _before(share, 1), share)
        q_y = q_y * np.where(q_y > 0.0, _before(share, 0), share)
        net = q_x - _after(q_x, 1) + q_y - _after(q_y, 0)
        self.h = np.maximum(self.h + dt / self.dx * net + dt * self.rain, 0.0)
        self.h -= np.minimum(dt * self.losses, self.h)
        held = ~np.isnan(self.level)
        self.h[held] = np.maximum(self.level - self.z, 0.0)[held]
        self.q = [q_x, q_y]

    def _faces(self, axis: int) -> tuple[Any, ...]:
        """Fields at cells b, then at faces and across, turned so that rows run along the flow."""
        cells = (self.h, self.z, self.n, self.inside, self.rain)
        along, across = (self.q[axis], self.u[axis]), (self.q[1 - axis], self.u[1 - axis])
        fields = (*cells, self.crest[axis], *along, *across)
        return fields if axis == 0 else tuple(f.T for f in fields)

    def _inertial(self, axis: int, dt: float, _: float) -> tuple[Numbers, Numbers]:
        h, z, n, inside, _, crest, q, _, p, _ = self._faces(axis)
        open_face = inside & _before(inside, 1)
        bed = np.maximum(z, _before(z, 1))
        across = 0.25 * (p + _before(p, 1) + _after(p, 0) + _before(_after(p, 0), 1))
        before, after = _before(q, 1), _after(q, 1)
        discharge = self._local_inertial(
            h, z, n, bed, q, before, after, across, self.theta, self.wind[axis], dt
        )
        over, speed = self._over_crest(h, z, n, np.maximum(bed, crest), q, dt)
        barrier = crest > bed
        discharge = np.where(open_face, np.where(barrier, over, discharge), 0.0)
        speed = np.where(barrier, speed, 0.0)
        return (discharge, speed) if axis == 0 else (discharge.T, speed.T)

    def _local_inertial(
        self,
        h: Numbers,
        z: Numbers,
        n: Numbers,
        bed: Numbers,
        q: Numbers,
        before: Any,
        after: Any,
        across: Any,
        theta: float,
        wind: float,
        dt: float,
    ) -> Numbers:
        """de Almeida and Bates (2013) with theta-weighting and friction that takes the new |q|."""
        eta = h + z
        eta_a = _before(eta, 1)
        depth = np.maximum(eta, eta_a) - bed
        wet = depth > LEAST_DEPTH
        depth = np.where(wet, depth, 1.0)
        star = theta * q + (1.0 - theta) / 2.0 * (before + after)
        star = star + dt * (G * depth * (eta_a - eta) / self.dx + wind)
        a = dt * G * (0.5 * (n + _before(n, 1))) ** 2 / depth ** (7.0 / 3.0)
        b = 1.0 + a * (np.hypot(q, across) - np.abs(q))
        new = 2.0 * star / (b + np.sqrt(b**2 + 4.0 * a * np.abs(star)))
        return np.where(wet & (np.abs(new) > 1e-15), new, 0.0)

    def _over_crest(
        self, h: Numbers, z: Numbers, n: Numbers, crest: Numbers, q: Numbers, dt: float
    ) -> tuple[Numbers, Numbers]:
        """The same over a barrier, at most what a weir passes, drowned by Villemonte's factor."""
        eta = h + z
        eta_a = _before(eta, 1)
        crest = np.where(np.isfinite(crest), crest, 1e5)
        up = np.maximum(eta, eta_a) - crest
        down = np.maximum(np.minimum(eta, eta_a) - crest, 0.0)
        wet = up > LEAST_DEPTH
        up = np.where(wet, up, 1.0)
        ratio = np.where(wet, down / up, 0.0)
        most = CREST_FLOW * up**1.5 * np.maximum(1.0 - ratio**1.5, 0.0) ** 0.385
        new = self._local_inertial(h, z, n, crest, q, q, q, 0.0, 1.0, 0.0, dt)
        new = np.where(wet, np.clip(new, -most, most), 0.0)
        return new, new / up

    def _full(self, axis: int, dt: float, dt_u: float) -> tuple[Numbers, Numbers]:
        """Stelling and Duinmeijer (2003): du/dt + advection / h + g d(eta)/dx + friction = 0."""
        h, z, n, inside, rain, crest, q, u, p, v = self._faces(axis)
        eta = h + z
        open_face = inside & _before(inside, 1)
        mean = 0.5 * (h + _before(h, 1))

        # Flow through the cells a and b along the face's axis, and the velocity it carries.
        through = 0.5 * (q + _after(q, 1))
        carried = _carried(through, u, dt / self.dx)
        push = _before(through, 1) * (_before(carried, 1) - u) - through * (carried - u)
        # Flow across, below and above the face, carries the velocity of the next face.
        low = 0.5 * (p + _before(p, 1))
        high = _after(low, 0)
        push = push + np.maximum(low, 0.0) * (_before(u, 0) - u)
        push = push - np.minimum(high, 0.0) * (_after(u, 0) - u)

        star = mean * (u + G * dt_u / self.dx * (_before(eta, 1) - eta))
        star = star + dt_u / self.dx * push + dt_u * self.wind[axis]

        depth = _taken_depth(star > 0.0, h, z, inside, u, dt / self.dx)
        wet = open_face & (depth > LEAST_DEPTH)
        depth = np.where(wet, depth, 1.0)
        speed = np.hypot(0.5 * (u + _after(u, 1)), 0.5 * (v + _after(v, 0)))
        turn = np.maximum(0.5 * (speed + _before(speed, 1)) - np.abs(u), 0.0)
        rough = dt_u * G * (0.5 * (n + _before(n, 1))) ** 2 / depth ** (4.0 / 3.0)
        # Rain falls without horizontal momentum.
        b = mean * (1.0 + rough * turn) + dt_u * 0.5 * (rain + _before(rain, 1))
        below = np.where(wet, b + np.sqrt(b**2 + 4.0 * rough * mean * np.abs(star)), 1.0)
        new = np.where(wet, 2.0 * star / below, 0.0)
        discharge = new * depth

        bed = np.maximum(z, _before(z, 1))
        over, over_speed = self._over_crest(h, z, n, np.maximum(bed, crest), q, dt)
        barrier = open_face & (crest > bed)
        discharge = np.where(barrier, over, discharge)
        new = np.where(barrier, over_speed, new)
        return (discharge, new) if axis == 0 else (discharge.T, new.T)


def _carried(through: Numbers, u: Numbers, dt_dx: float) -> Numbers:
    """Velocity that arrives at the downstream end of a cell: upwind, with a limited slope."""
    ahead_face, down = _after(u, 1), through > 0.0
    near = np.where(down, u, ahead_face)
    behind = np.where(down, u - _before(u, 1), ahead_face - _after(ahead_face, 1))
    ahead = np.where(down, ahead_face - u, u - ahead_face)
    return np.asarray(near + 0.5 * (1.0 - np.abs(near) * dt_dx) * _limited(behind, ahead))


def _taken_depth(
    down: NDArray[np.bool_],
    h: Numbers,
    z: Numbers,
    inside: NDArray[np.bool_],
    u: Numbers,
    dt_dx: float,
) -> Numbers:
    """Depth that the flow takes over a face: the giving cell's, less a step up that it meets."""
    h_a, z_a = _before(h, 1), _before(z, 1)
    near, ahead = np.where(down, h_a, h), np.where(down, h, h_a)
    far = np.where(down, _before(h_a, 1), _after(h, 1))
    far_inside = np.where(down, _before(_before(inside, 1), 1), _after(inside, 1))
    rise = np.maximum(np.where(down, z - z_a, z_a - z), 0.0)
    behind = np.where(far_inside, near - far, 0.0)
    slope = 0.5 * (1.0 - np.abs(u) * dt_dx) * _limited(behind, ahead - near)
    slope = np.maximum(slope, -0.5 * near)
    z_near, z_far = np.where(down, z_a, z), np.where(down, _before(z_a, 1), _after(z, 1))
    going_on = np.where(far_inside, z_near - z_far, 0.0)
    smooth = np.maximum(np.minimum(near, ahead), going_on)
    return np.asarray(near + slope - np.maximum(rise - smooth, 0.0))


def _limited(a: Numbers, b: Numbers) -> Numbers:
    """Monotonised central difference (van Leer 1977)."""
    least = np.minimum(np.minimum(2.0 * np.abs(a), 2.0 * np.abs(b)), 0.5 * np.abs(a + b))
    return np.where(a * b > 0.0, np.sign(a) * least, 0.0)


def _out(q: Numbers, axis: int) -> Numbers:
    """What leaves a cell over its two faces of one direction."""
    return np.asarray(np.maximum(-q, 0.0) + np.maximum(_after(q, axis), 0.0))


def _before(array: NDArray[Any], axis: int) -> NDArray[Any]:
    """The value one cell (or face) west, axis 1, or south, axis 0."""
    return np.roll(array, 1, axis)


def _after(array: NDArray[Any], axis: int) -> NDArray[Any]:
    return np.roll(array, -1, axis)


def _pad(array: NDArray[Any], fill: float = 0.0) -> NDArray[Any]:
    return np.pad(array, P, constant_values=fill)
