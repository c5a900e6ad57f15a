"""The slow, obvious NumPy twin of the compiled scheme: whole arrays, one formula per line.

It shares no code with the package. Double precision, ``**`` for powers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
G = 9.81


class Twin:
    """Local-inertial flow on a grid with closed edges; arguments as ``LocalInertial``."""

    def __init__(
        self,
        z: Numbers,
        dx: float,
        n: float | Numbers,
        *,
        crest_x: Numbers | None = None,
        crest_y: Numbers | None = None,
        active: NDArray[np.bool_] | None = None,
        courant: float = 0.7,
        max_step: float = 60.0,
        theta: float = 0.9,
    ) -> None:
        ny, nx = z.shape
        self.z = z
        self.dx = dx
        self.theta = theta
        self.courant = min(courant, 0.98 * np.sqrt(theta / 2.0))
        self.max_step = max_step
        self.h = np.zeros((ny, nx))
        self.qx = np.zeros((ny, nx + 1))
        self.qy = np.zeros((ny + 1, nx))
        self.rain: float | Numbers = 0.0
        self.losses: float | Numbers = 0.0
        self.level = np.full((ny, nx), np.nan)
        self.time = 0.0
        self.speed = 0.0
        active = np.ones((ny, nx), np.bool_) if active is None else active
        n = np.broadcast_to(n, (ny, nx))
        crest_x = np.full((ny, nx + 1), -np.inf) if crest_x is None else crest_x
        crest_y = np.full((ny + 1, nx), -np.inf) if crest_y is None else crest_y
        self.faces_x = _Faces(z, n, active, crest_x[:, 1:-1], axis=1)
        self.faces_y = _Faces(z, n, active, crest_y[1:-1, :], axis=0)

    def suggested_step(self) -> float:
        if self.speed == 0.0:
            return self.max_step
        return float(min(self.courant * self.dx / self.speed, self.max_step))

    def advance(self, dt: float) -> None:
        eta = self.h + self.z
        qx, speed_x = self.faces_x.discharge(eta, self.qx, self.qy, self.theta, dt, self.dx)
        qy, speed_y = self.faces_y.discharge(eta, self.qy.T, self.qx.T, self.theta, dt, self.dx)
        qy = qy.T
        self.speed = max(speed_x, speed_y)

        leaving = (
            np.maximum(qx[:, 1:], 0.0)
            + np.maximum(-qx[:, :-1], 0.0)
            + np.maximum(qy[1:, :], 0.0)
            + np.maximum(-qy[:-1, :], 0.0)
        ) * (dt / self.dx)
        share = np.ones_like(leaving)
        short = leaving > self.h
        share[short] = self.h[short] / leaving[short]
        qx[:, 1:-1] *= np.where(qx[:, 1:-1] > 0.0, share[:, :-1], share[:, 1:])
        qy[1:-1, :] *= np.where(qy[1:-1, :] > 0.0, share[:-1, :], share[1:, :])

        self.h += dt / self.dx * (qx[:, :-1] - qx[:, 1:] + qy[:-1, :] - qy[1:, :])
        self.h += dt * np.broadcast_to(self.rain, self.h.shape)
        self.h = np.maximum(self.h, 0.0)  # round-off of the share
        self.h -= np.minimum(dt * np.broadcast_to(self.losses, self.h.shape), self.h)
        held = ~np.isnan(self.level)
        self.h[held] = np.maximum(self.level - self.z, 0.0)[held]
        self.qx, self.qy = qx, qy
        self.time += dt


class _Faces:
    """Inner faces of one direction; arrays come transposed for the other."""

    def __init__(
        self, z: Numbers, n: Numbers, active: NDArray[np.bool_], crest: Numbers, axis: int
    ) -> None:
        self.axis = axis
        a, b = _sides(z, axis)
        n_a, n_b = _sides(n, axis)
        active_a, active_b = _sides(active, axis)
        crest = crest if axis == 1 else crest.T
        bed = np.maximum(a, b)
        self.zf = np.maximum(bed, crest)
        self.zf[~(active_a & active_b)] = np.inf
        self.n = 0.5 * (n_a + n_b)
        self.over_crest = crest > bed

    def discharge(
        self, eta: Numbers, q: Numbers, across: Numbers, theta: float, dt: float, dx: float
    ) -> tuple[Numbers, float]:
        """New discharge at all faces of this direction, and the fastest wave."""
        eta_a, eta_b = _sides(eta, self.axis)
        hf = np.maximum(eta_a, eta_b) - self.zf
        wet = hf > 1e-5
        hf = np.where(wet, hf, 1.0)
        old = q[:, 1:-1]
        smooth = theta * old + 0.5 * (1.0 - theta) * (q[:, :-2] + q[:, 2:])
        star = smooth - G * hf * dt / dx * (eta_b - eta_a)
        beside = 0.25 * (across[:-1, :-1] + across[:-1, 1:] + across[1:, :-1] + across[1:, 1:])
        a = dt * G * self.n**2 / hf ** (7.0 / 3.0)
        b = 1.0 + a * (np.hypot(old, beside) - np.abs(old))
        size = 2.0 * np.abs(star) / (b + np.sqrt(b * b + 4.0 * a * np.abs(star)))
        critical = (2.0 / 3.0) ** 1.5 * np.sqrt(G) * hf**1.5
        size = np.where(self.over_crest, np.minimum(size, critical), size)
        size = np.where(wet & (size > 1e-15), size, 0.0)
        speed = np.where(wet, size / hf + np.sqrt(G * hf), 0.0)
        new = np.zeros_like(q)
        new[:, 1:-1] = np.sign(star) * size
        return new, float(speed.max(initial=0.0))


def _sides(at_cell: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Values of the two cells of each inner face, rows along the flow."""
    cells = at_cell if axis == 1 else at_cell.T
    return cells[:, :-1], cells[:, 1:]
