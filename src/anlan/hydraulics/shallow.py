"""The flow model: shallow water on a grid of square cells, one run or an ensemble."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks, readings
from anlan.hydraulics.course import Course
from anlan.hydraulics.domain import lay_domain
from anlan.hydraulics.drainage import Drainage, DrainageRun
from anlan.hydraulics.edges import Boundary, Breach, Source
from anlan.hydraulics.lay_run import lay_run, lay_settings
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.restart import state_of
from anlan.hydraulics.soil import Infiltration
from anlan.hydraulics.state import Budget, State
from anlan.hydraulics.subgrid import Subgrid
from anlan.hydraulics.tracking import Tracked, Tracks
from anlan.hydraulics.works import Structure


class ShallowWater:
    """Depth-averaged flow with wetting and drying, kept to the last drop.

    Staggered grid: depths at cells, discharges and velocities at faces. ``full`` conserves
    momentum (Stelling and Duinmeijer 2003, doi:10.1002/fld.537, with limited slopes); it suits
    dam breaks, breaches and streets as well as plains. ``inertial`` leaves advection out (de
    Almeida and Bates 2013, doi:10.1002/wrcr.20366): faster, for rain, river and tide over low,
    rough ground at Froude numbers below about 0.5. ``second_order`` is the referee (MUSCL, HLLC):
    slower, with discharges at cells, for breaches and gates that open at once; threads share out
    its members only. Manning friction is implicit in all.

    All edges are closed unless a ``Boundary`` says otherwise. Volume is kept to round-off and
    depth never falls below zero: a cell that is asked for more than it holds gives each face a
    fair share, and nothing is clipped. Dry land costs nothing.

    Cells are (row, column) = (y, x); row 0 is called south and column 0 west, wherever they lie.

    Args:
        bed_elevation: (ny, nx) at cells, m; NaN allowed where inactive. Or the tables of a finer
            raster, which know the roughness too: depth is then water over the cell's area, level
            what it reaches, and ``fine_depth`` brings it back to the raster for maps.
        dx: side of a cell, m.
        manning: number or (ny, nx), s m^-1/3; a face takes the mean of its two cells. None with
            sub-grid tables.
        scheme: "full", "inertial" or "second_order".
        active: (ny, nx) bool, cells of the domain; none means all. Others are closed.
        face_crest_x: (ny, nx+1) crest of a barrier on the face between columns i-1 and i, m;
            -inf where there is none, +inf for a wall. Nothing crosses below it, and over it no
            more than a broad-crested weir passes (Villemonte 1947 where drowned).
        face_crest_y: (ny+1, nx) the same between rows j-1 and j.
        breaches: stretches of barrier that fall.
        boundaries: what happens at the edges.
        sources: water that enters or leaves at points.
        infiltration: ``Constant``, ``Horton`` or ``GreenAmpt``.
        structures: weirs, gates, culverts, pumps and bridges.
        drainage: a network below the surface; water passes between the two every
            ``DRAIN_INTERVAL`` of model time.
        members: of an ensemble; arrays of its state, rain and results get a leading (members,)
            dimension, and each member equals its single run bit for bit.
        precision: "single" or "double".
        device: "cpu", or "cuda" for an NVIDIA GPU. On a GPU neither the second-order scheme nor
            structures other than bridges nor drainage are to be had.
        threads: that share the work; at most the processors of the process.
        courant: share of dx / (|u| + sqrt(g h)) that a step takes; held below the limit of
            stability, 0.70 (0.66 in the inertial scheme at theta 0.9).
        max_step: longest step, s; it alone limits steps over dry ground.
        theta: inertial scheme: weight of a face's own discharge against its neighbours along the
            flow (de Almeida et al. 2012, doi:10.1029/2011WR011570).

    Raises:
        ValueError: an array of the wrong shape, NaN or infinite on active cells, negative
            Manning, or a setting outside its range. The message names the first bad index.
    """

    def __init__(
        self,
        bed_elevation: ArrayLike | Subgrid,
        dx: float,
        manning: ArrayLike | None = None,
        *,
        scheme: Literal["inertial", "full", "second_order"] = "full",
        active: ArrayLike | None = None,
        face_crest_x: ArrayLike | None = None,
        face_crest_y: ArrayLike | None = None,
        breaches: Sequence[Breach] = (),
        boundaries: Sequence[Boundary] = (),
        sources: Sequence[Source] = (),
        infiltration: Infiltration | None = None,
        structures: Sequence[Structure] = (),
        drainage: Drainage | None = None,
        members: int | None = None,
        precision: Literal["single", "double"] = "single",
        device: Literal["cpu", "cuda"] = "cpu",
        threads: int = 1,
        courant: float = 0.7,
        max_step: float = 60.0,
        theta: float = 0.9,
    ) -> None:
        checks.choice("device", device, ("cpu", "cuda"))
        self._domain = lay_domain(bed_elevation, dx, manning, scheme, active, members, precision)
        self._plan = lay_run(
            self._domain,
            face_crest_x=face_crest_x,
            face_crest_y=face_crest_y,
            breaches=breaches,
            boundaries=boundaries,
            sources=sources,
            infiltration=infiltration,
            structures=structures,
            drainage=drainage,
            threads=threads,
        )
        settings = lay_settings(self._domain, courant, max_step, theta)
        self._course = Course(self._plan, settings, device)
        self._held_cells = np.zeros((2, 0), np.int64), np.zeros(0, np.int64)
        self.restore(State(time=0.0, depth=np.zeros(self._domain.shape)))

    # State and restart

    @property
    def state(self) -> State:
        """Water and clock now, in the model's own arrays; ``copy`` it to keep it."""
        plan, course = self._plan, self._course
        drains = None if course.drains is None else course.drains.state
        return state_of(self._domain, course.run, course.water, plan.works, plan.soil, drains)

    @property
    def time(self) -> float:
        """Where the run stands, s; in an ensemble the member that is behind the others."""
        return self._course.time

    def restore(self, state: State) -> None:
        """Continue from a state; the budget and what is tracked begin anew.

        Rain, boundaries and held levels are not part of a state: they stay as they were last set.
        In an ensemble a state of a single run starts every member.

        Raises:
            ValueError: an array of the wrong shape, or depth negative or not finite on an active
                cell.
        """
        self._course.restore(state)

    def still_water(self, level: ArrayLike, time: float = 0.0) -> State:
        """Water at rest up to a level, for ``restore``.

        Args:
            level: number or (ny, nx), m, same datum as the bed.
            time: of the state, s.
        """
        domain = self._domain
        eta = checks.field("level", level, domain.shape)
        if domain.tables is not None:
            return State(time=time, depth=domain.tables.held(eta))
        depth = np.where(domain.active, np.maximum(eta - domain.bed, 0.0), 0.0)
        return State(time=time, depth=depth)

    # Forcing

    def set_rain(self, rate: ArrayLike) -> None:
        """Rain from now on, m/s: number, (ny, nx), or (M, ny, nx); ignored on inactive cells.

        Raises:
            ValueError: wrong shape, NaN or negative on an active cell.
        """
        members, active = self._domain.members, self._domain.active
        rates = np.asarray(rate, np.float64)
        stack = rates if rates.ndim == 3 else rates[None]
        if len(stack) not in (1, members):
            raise ValueError(f"rain has {len(stack)} fields; this run has {members} members")
        fields = np.stack([checks.rate("rain", one, active) for one in stack])
        self._course.set_rain(fields.astype(self._domain.real))

    def set_evaporation(self, rate: float) -> None:
        """Evaporation from now on, m/s, where there is water.

        Raises:
            ValueError: it is negative or not finite.
        """
        if not (math.isfinite(rate) and rate >= 0.0):
            raise ValueError(f"evaporation is {rate} m/s; it must be finite and at least 0")
        self._course.evaporation = float(rate)

    def set_wind(self, x: float, y: float) -> None:
        """Wind stress over the density of water from now on, m2/s2; it drives where it blows to.

        Raises:
            ValueError: it is not finite.
        """
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError(f"wind is {(x, y)} m2/s2; it must be finite")
        self._course.set_wind(float(x), float(y))

    def set_level_boundary(self, cells: Any, level: ArrayLike | None) -> None:
        """Hold cells at a level from now on; other cells held before stay held.

        The water that this adds or takes, now and after every step, counts as inflow or outflow.

        Args:
            cells: (ny, nx) bool, or (rows, columns).
            level: number, one per cell, or (M, …) of either, m, same datum as the bed; none lets
                the cells go.

        Raises:
            ValueError: a cell outside the grid or inactive, or a level that is not finite.
        """
        domain = self._domain
        asked = np.array(cells)
        before, flat = self._held_cells
        # A tide changes the level every few minutes, the cells never.
        if asked.dtype != before.dtype or not np.array_equal(asked, before):
            flat = checks.cells(cells, domain.active)
            self._held_cells = asked, flat
        if level is None:
            self._course.hold(flat, np.nan)
            return
        levels = np.asarray(level, np.float64)
        if levels.shape[-2:] == domain.shape and levels.shape[-1:] != flat.shape:
            levels = levels.reshape(*levels.shape[:-2], -1)[..., flat]
        if levels.shape == (domain.members, 1):
            levels = np.broadcast_to(levels, (domain.members, len(flat)))
        if levels.shape not in ((), flat.shape, (domain.members, *flat.shape)):
            raise ValueError(
                f"level has shape {levels.shape}; give one number or one for each of the "
                f"{len(flat)} cells"
            )
        checks.every("level", levels, np.isfinite(levels), "must be finite")
        self._course.hold(flat, levels - domain.zero)

    # Stepping

    def suggested_step(self) -> float:
        """Longest step that ``advance`` accepts now: C dx / (|u| + sqrt(g h)), s."""
        return self._course.longest_step()

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
        self._course.march(self.time + dt, first_step=float(dt))

    def run(self, duration: float) -> None:
        """Run for ``duration`` seconds."""
        self.run_until(self.time + duration)

    def run_until(
        self, time: float, on_progress: Callable[[float], bool | None] | None = None
    ) -> None:
        """Run to a time of the model, s.

        Args:
            time: s.
            on_progress: called now and then with the time reached; False ends the run there.

        Raises:
            ValueError: the time lies behind the model or is not finite.
        """
        if not (math.isfinite(time) and time >= self.time):
            raise ValueError(f"cannot run to {time} s: the model already stands at {self.time} s")
        self._course.march(float(time), on_progress=on_progress)

    # Results

    def track(
        self, thresholds: Sequence[float] = (0.05, 0.15, 0.3), interval: float = 10.0
    ) -> None:
        """Keep maxima, arrival and duration from now on.

        Args:
            thresholds: depths of arrival and duration, m.
            interval: of model time between two looks, s; 0 looks after every step.
        """
        shape = (self._domain.members, *self._domain.shape)
        self._course.track(Tracks(shape, thresholds, interval))

    @property
    def tracked(self) -> Tracked:
        """What was kept since ``track``.

        Raises:
            ValueError: ``track`` was not called.
        """
        if self._course.tracks is None:
            raise ValueError("nothing is tracked; call track() before the run")
        return readings.tracked(self._domain, self._course.tracks)

    @property
    def budget(self) -> Budget:
        """Volumes since the model was made or last restored."""
        return self._course.budget

    @property
    def depth(self) -> Array:
        """(ny, nx) water depth, m; a view, good until the next step.

        With sub-grid tables the water over the cell's area.
        """
        water = self._course.water
        return self._domain.shown_field(self._domain.layout.at_cells(water.h))

    @property
    def level(self) -> NDArray[np.float64]:
        """(ny, nx) water level, m, same datum as the bed; the bed where dry, NaN where inactive."""
        return self._domain.level(self.depth)

    @property
    def velocity(self) -> tuple[Array, Array]:
        """(ny, nx) velocities at cells along the columns and along the rows, m/s; 0 where dry."""
        u, v = readings.velocity(self._domain, self._course.water)
        return self._domain.shown_field(u), self._domain.shown_field(v)

    @property
    def discharge(self) -> tuple[Array, Array]:
        """Discharge per unit width at x faces (ny, nx+1) and y faces (ny+1, nx), m2/s.

        What the scheme keeps at faces; of ``second_order`` the mean of the cells on both sides.
        """
        x, y = readings.discharges(self._domain, self._course.water)
        return self._domain.shown_field(x), self._domain.shown_field(y)

    @property
    def active(self) -> NDArray[np.bool_]:
        """(ny, nx) cells of the domain."""
        return self._domain.active.copy()

    @property
    def discharges(self) -> dict[str, Any]:
        """What each structure passes now, m3/s, from its first to its second cell."""
        passing = zip(self._plan.links, self._plan.works.discharge.T, strict=True)
        return {s.name: self._domain.shown(q) for s, q in passing}

    @property
    def drainage(self) -> DrainageRun | None:
        """The drainage network in time, if there is one."""
        return self._course.drains

    @property
    def steps(self) -> int:
        """Steps taken since the model was made or last restored, all members together."""
        return int(self._course.run.clock.steps.sum())
