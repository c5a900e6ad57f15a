"""The local-inertial model of shallow flow on a grid of square cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks, loop
from anlan.hydraulics.arrays import WALL, Forcing, Volumes, Water
from anlan.hydraulics.ground import lay_ground
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.state import Budget, State
from anlan.hydraulics.structures import Structure, pack

# Still water over a flat bed is stable up to a Courant number of sqrt(theta / 2) in two
# dimensions (amplification of the shortest waves); a little less leaves room for rising water.
STABLE_SHARE = 0.98


class LocalInertial:
    """Shallow flow without advection, for rain, river and tide over low, rough ground.

    The momentum equation keeps acceleration, surface slope and friction:
    dq/dt + g h d(eta)/dx + g n^2 |q| q / h^(7/3) = 0, with dh/dt + div q = rain - losses
    (Bates, Horritt and Fewtrell 2010, doi:10.1016/j.jhydrol.2010.03.027; de Almeida and Bates
    2013, doi:10.1002/wrcr.20366). It suits Froude numbers below about 0.5; it is not the scheme
    for a dam break.

    All edges are closed unless their cells carry a prescribed level. Volume is kept to round-off
    and depth never falls below zero: a cell that is asked for more than it holds gives each face
    a fair share, and nothing is clipped.

    Cells are (row, column) = (y, x); row 0 may lie north or south, as the caller likes.

    Args:
        bed_elevation: (ny, nx) at cells, m; NaN allowed where inactive.
        dx: side of a cell, m.
        manning: number or (ny, nx), s m^-1/3; a face takes the mean of its two cells.
        active: (ny, nx) bool, cells of the domain; none means all. Others are closed.
        face_crest_x: (ny, nx+1) crest of a barrier on the face between columns i-1 and i, m;
            -inf where there is none, +inf for a wall. Nothing crosses below it, and no more than
            critical flow over it.
        face_crest_y: (ny+1, nx) the same between rows j-1 and j.
        precision: "single" or "double".
        structures: pumps and gates.
        courant: share of dx / (|u| + sqrt(g h)) that a step takes; held below the limit of
            stability, 0.66 at theta 0.9.
        max_step: longest step, s; it alone limits steps over dry ground.
        theta: weight of a face's own discharge against its neighbours along the flow (de Almeida
            et al. 2012, doi:10.1029/2011WR011570); 1 leaves them out, less is calmer where
            friction is low.

    Raises:
        ValueError: an array of the wrong shape, NaN or infinite on active cells, negative
            Manning, or a setting outside its range. The message names the first bad index.
    """

    def __init__(
        self,
        bed_elevation: ArrayLike,
        dx: float,
        manning: ArrayLike,
        *,
        active: ArrayLike | None = None,
        face_crest_x: ArrayLike | None = None,
        face_crest_y: ArrayLike | None = None,
        precision: Literal["single", "double"] = "single",
        structures: Sequence[Structure] = (),
        courant: float = 0.7,
        max_step: float = 60.0,
        theta: float = 0.9,
    ) -> None:
        bed = np.array(bed_elevation, np.float64)
        if bed.ndim != 2 or 0 in bed.shape:
            raise ValueError(
                f"bed_elevation has shape {bed.shape}; it must have rows and columns (ny, nx)"
            )
        ny, nx = bed.shape
        self._active = checks.mask("active", active, (ny, nx))
        if not self._active.any():
            raise ValueError("active has no active cell; mark at least one")
        checks.every(
            "bed_elevation",
            bed,
            np.isfinite(bed) | ~self._active,
            "must be finite on active cells",
        )
        n = checks.field("manning", manning, (ny, nx))
        checks.every(
            "manning",
            n,
            (np.isfinite(n) & (n >= 0.0) & (n <= 10.0)) | ~self._active,
            "must lie between 0 and 10 s m^-1/3 on active cells",
        )
        if precision not in ("single", "double"):
            raise ValueError(f'precision is {precision!r}; choose "single" or "double"')
        if not 0.5 <= theta <= 1.0:
            raise ValueError(f"theta is {theta}; it must lie between 0.5 and 1")
        self._real = np.dtype(np.float32 if precision == "single" else np.float64)
        self._dx = checks.positive("dx", dx)
        self._max_step = checks.positive("max_step", max_step)
        self._theta = float(theta)
        self._courant = min(
            checks.positive("courant", courant), STABLE_SHARE * math.sqrt(theta / 2.0)
        )
        self._zero = float(np.median(bed[self._active]))
        self._bed = np.where(self._active, bed, np.nan)
        self._ground = lay_ground(
            np.where(self._active, bed - self._zero, 0.0),
            np.where(self._active, n, 0.0),
            self._active,
            checks.crest("face_crest_x", face_crest_x, (ny, nx + 1)) - self._zero,
            checks.crest("face_crest_y", face_crest_y, (ny + 1, nx)) - self._zero,
            self._real,
        )
        self._names = [s.name for s in structures]
        self._works = pack(structures, self._active, self._zero)
        self._level = np.full(ny * nx, np.nan)
        self._forcing = Forcing(
            rain=np.zeros((ny, nx), self._real),
            losses=np.zeros((ny, nx), self._real),
            has_losses=False,
            rain_sum=0.0,
            level_cell=np.zeros(0, np.int64),
            level=np.zeros(0),
        )
        self._steps = 0
        self.restore(State(time=0.0, depth=np.zeros((ny, nx))))

    # State and restart

    @property
    def state(self) -> State:
        """Water and clock now, in the model's own arrays; ``copy`` it to keep it."""
        return State(
            time=self._time,
            depth=self._water.h,
            qx=self._qx,
            qy=self._qy,
            carry=self._water.c,
            speed=self._speed,
            running=self._works.running.astype(np.bool_),
        )

    def restore(self, state: State) -> None:
        """Continue from a state; the budget and the maxima begin anew.

        Rain, losses and levels are not part of a state: they stay as they were last set, and held
        cells take their level when the next step begins. What a caller sets anew before that
        step leaves no trace of what was set for an earlier run.

        Raises:
            ValueError: an array of the wrong shape, or depth negative or not finite on an active
                cell.
        """
        ny, nx = self._active.shape
        depth = checks.field("depth", state.depth, (ny, nx))
        checks.every(
            "depth",
            depth,
            (np.isfinite(depth) & (depth >= 0.0)) | ~self._active,
            "must be finite and at least 0 m on active cells",
        )
        depth = np.where(self._active, depth, 0.0)
        h = depth.astype(self._real)
        carry = depth - h if state.carry is None else checks.field("carry", state.carry, (ny, nx))
        self._qx = self._discharge("qx", state.qx, self._ground.zf_x)
        self._qy = self._discharge("qy", state.qy, self._ground.zf_y)
        self._spare_qx = np.zeros_like(self._qx)
        self._spare_qy = np.zeros_like(self._qy)
        self._water = Water(h=h, c=carry.astype(self._real), highest=h.copy())
        if state.running is not None and len(state.running) != len(self._names):
            raise ValueError(
                f"running has {len(state.running)} entries; this model has "
                f"{len(self._names)} structures"
            )
        self._works.running[:] = 0 if state.running is None else state.running
        self._works.volume[:] = 0.0
        self._volumes = Volumes(*(np.zeros(1) for _ in Volumes._fields))
        self._time = float(state.time)
        self._initial = self._storage()
        self._speed = (
            self._fastest_wave(np.flatnonzero(self._active))
            if state.speed is None
            else float(state.speed)
        )
        self._unsettled = True

    def still_water(self, level: ArrayLike, time: float = 0.0) -> State:
        """Water at rest up to a level, for ``restore``.

        Args:
            level: number or (ny, nx), m, same datum as the bed.
            time: of the state, s.
        """
        eta = checks.field("level", level, self._bed.shape)
        depth = np.where(self._active, np.maximum(eta - self._bed, 0.0), 0.0)
        return State(time=time, depth=depth)

    # Forcing

    def set_rain(self, rate: ArrayLike) -> None:
        """Rain from now on, number or (ny, nx), m/s; ignored on inactive cells.

        Raises:
            ValueError: wrong shape, NaN or negative on an active cell.
        """
        rain = checks.rate("rain", rate, self._active).astype(self._real)
        total = float(rain.sum(dtype=np.float64))
        self._forcing = self._forcing._replace(rain=rain, rain_sum=total)

    def set_losses(self, rate: ArrayLike) -> None:
        """Losses to ground and drains from now on, number or (ny, nx), m/s, where water is there.

        Raises:
            ValueError: wrong shape, NaN or negative on an active cell.
        """
        losses = checks.rate("losses", rate, self._active).astype(self._real)
        self._forcing = self._forcing._replace(losses=losses, has_losses=bool(losses.any()))

    def set_level_boundary(self, cells: Any, level: ArrayLike | None) -> None:
        """Hold cells at a level from now on; other cells held before stay held.

        The water that this adds or takes, now and after every step, counts as inflow or outflow.

        Args:
            cells: (ny, nx) bool, or (rows, columns).
            level: number or one per cell, m, same datum as the bed; none lets the cells go.

        Raises:
            ValueError: a cell outside the grid or inactive, or a level that is not finite.
        """
        flat = checks.cells(cells, self._active)
        if level is None:
            self._level[flat] = np.nan
        else:
            levels = np.asarray(level, np.float64)
            if levels.shape == self._active.shape and levels.shape != flat.shape:
                levels = levels.reshape(-1)[flat]
            if levels.shape not in ((), flat.shape):
                raise ValueError(
                    f"level has shape {levels.shape}; give one number or one for each of the "
                    f"{len(flat)} cells"
                )
            levels = np.broadcast_to(levels, flat.shape)
            checks.every("level", levels, np.isfinite(levels), "must be finite")
            self._level[flat] = levels - self._zero
        held = np.flatnonzero(~np.isnan(self._level)).astype(np.int64)
        self._forcing = self._forcing._replace(level_cell=held, level=self._level[held])
        self._apply_levels(flat)

    # Stepping

    def suggested_step(self) -> float:
        """Longest step that ``advance`` accepts now: C dx / (|u| + sqrt(g h)), s."""
        self._settle()
        if self._speed <= 0.0:
            return self._max_step
        return min(self._courant * self._dx / self._speed, self._max_step)

    def advance(self, dt: float) -> None:
        """Take one step of ``dt`` seconds.

        Raises:
            ValueError: ``dt`` is not positive or exceeds ``suggested_step``.
        """
        longest = self.suggested_step()
        if not 0.0 < dt <= longest:
            raise ValueError(
                f"dt is {dt} s; it must lie above 0 and not exceed suggested_step(), "
                f"now {longest} s"
            )
        self._advance(self._time + dt, first_step=float(dt))

    def run(self, duration: float) -> None:
        """Run for ``duration`` seconds without returning to Python."""
        self.run_until(self._time + duration)

    def run_until(self, time: float) -> None:
        """Run to a time of the model, s.

        Raises:
            ValueError: the time lies behind the model or is not finite.
        """
        if not (math.isfinite(time) and time >= self._time):
            raise ValueError(f"cannot run to {time} s: the model already stands at {self._time} s")
        self._settle()
        self._advance(float(time), first_step=0.0)

    # Results

    @property
    def budget(self) -> Budget:
        """Volumes since the model was made or last restored."""
        return Budget(
            initial=self._initial,
            rain=float(self._volumes.rain[0]),
            inflow=float(self._volumes.inflow[0]),
            outflow=float(self._volumes.outflow[0]),
            losses=float(self._volumes.losses[0]),
            storage=self._storage(),
            structures=dict(zip(self._names, self._works.volume.tolist(), strict=True)),
        )

    @property
    def level(self) -> NDArray[np.float64]:
        """(ny, nx) water level, m, same datum as the bed; the bed where dry, NaN where inactive."""
        return self._bed + self._water.h

    @property
    def max_depth(self) -> Array:
        """(ny, nx) greatest depth since the model was made or last restored, m."""
        return self._water.highest.copy()

    @property
    def active(self) -> NDArray[np.bool_]:
        """(ny, nx) cells of the domain."""
        return self._active.copy()

    @property
    def steps(self) -> int:
        """Steps taken since the model was made."""
        return self._steps

    def _advance(self, until: float, first_step: float) -> None:
        self._time, self._speed, steps = loop.advance(
            self._ground,
            self._forcing,
            self._works,
            self._water,
            self._volumes,
            self._qx,
            self._qy,
            self._spare_qx,
            self._spare_qy,
            self._time,
            until,
            self._speed,
            first_step,
            self._courant,
            self._max_step,
            self._dx,
            self._theta,
        )
        if steps % 2:
            self._qx, self._spare_qx = self._spare_qx, self._qx
            self._qy, self._spare_qy = self._spare_qy, self._qy
        self._steps += steps

    def _settle(self) -> None:
        """Give all held cells their level before the first step after ``restore``."""
        if self._unsettled:
            self._unsettled = False
            self._apply_levels(self._forcing.level_cell)

    def _apply_levels(self, cells: NDArray[np.int64]) -> None:
        held = cells[~np.isnan(self._level[cells])]
        only = self._forcing._replace(level_cell=held, level=self._level[held])
        changed = loop.apply_levels(self._water, self._ground, only, self._dx**2, self._volumes)
        if changed:
            # Elsewhere the last step found the speed; only here has the water changed since.
            self._speed = max(self._speed, self._fastest_wave(held))

    def _fastest_wave(self, cells: NDArray[np.int64]) -> float:
        return float(loop.fastest_wave(self._ground, self._water, self._qx, self._qy, cells))

    def _storage(self) -> float:
        held = self._water.h.sum(dtype=np.float64) + self._water.c.sum(dtype=np.float64)
        return float(held) * self._dx**2

    def _discharge(self, name: str, value: Array | None, zf: Array) -> Array:
        shape = (zf.shape[0], zf.shape[1])
        q = checks.field(name, 0.0 if value is None else value, shape, "faces")
        checks.every(name, q, np.isfinite(q), "must be finite")
        return np.where(zf < WALL, q, 0.0).astype(self._real)
