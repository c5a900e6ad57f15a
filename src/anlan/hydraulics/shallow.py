"""The flow model: shallow water on a grid of square cells, one run or an ensemble."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks, march, second_order
from anlan.hydraulics.arrays import (
    PAD,
    Clock,
    Crew,
    Forcing,
    Ground,
    Run,
    Settings,
    Sums,
    Water,
)
from anlan.hydraulics.crew import counters
from anlan.hydraulics.drainage import Drainage, DrainageRun, drain
from anlan.hydraulics.edges import Boundary, Breach, Source, per_member
from anlan.hydraulics.face_rows import SCRATCH_ROWS, SPARE
from anlan.hydraulics.lay_ways import lay_ways, table
from anlan.hydraulics.layout import Layout
from anlan.hydraulics.movers import Held, Sources
from anlan.hydraulics.numerics import Array, G, address_of
from anlan.hydraulics.physics import LEAST_DEPTH, WALL
from anlan.hydraulics.soil import INTERVAL, Infiltration, Soil
from anlan.hydraulics.state import Budget, State
from anlan.hydraulics.subgrid import Subgrid
from anlan.hydraulics.tables import TabledGround
from anlan.hydraulics.tile import (
    tabled_tile_full,
    tabled_tile_inertial,
    tile_full,
    tile_inertial,
)
from anlan.hydraulics.tracking import THIN, Tracked, Tracks
from anlan.hydraulics.way_laws import BRIDGE
from anlan.hydraulics.works import Bridge, Structure, check_structures, pack_works

# Two-dimensional staggered schemes are stable up to a Courant number of 1/sqrt(2) on |u| +
# sqrt(g h); theta-weighting lowers that of the inertial scheme to sqrt(theta / 2). A little less
# leaves room for water that rises within the step.
STABLE_SHARE = 0.99
DRAIN_INTERVAL = 5.0
"""Time between two exchanges with the drainage network, s."""
# Cell updates between two looks at whoever watches the progress: a fraction of a second's.
UPDATES_AT_ONCE = 50_000_000
ALL = int(np.iinfo(np.int64).max)
TILES: dict[str, Any] = {
    "inertial": tile_inertial,
    "full": tile_full,
    "second_order": second_order.tile_second_order,
}
TABLED_TILES: dict[str, Any] = {"inertial": tabled_tile_inertial, "full": tabled_tile_full}


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
        tables = bed_elevation if isinstance(bed_elevation, Subgrid) else None
        if tables is not None:
            tables.check(dx, manning)
            bed_elevation, manning = tables.bed, tables.manning
        if manning is None:
            raise ValueError("manning is missing; give a number or (ny, nx)")
        bed = np.array(bed_elevation, np.float64)
        if bed.ndim != 2 or 0 in bed.shape:
            raise ValueError(
                f"bed_elevation has shape {bed.shape}; it must have rows and columns (ny, nx)"
            )
        ny, nx = bed.shape
        self._active = checks.mask("active", active, (ny, nx))
        if tables is not None:
            self._active &= tables.active
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
        checks.choice("precision", precision, ("single", "double"))
        checks.choice("scheme", scheme, tuple(TILES))
        if tables is not None and scheme not in TABLED_TILES:
            raise ValueError(
                f"the scheme {scheme!r} takes no sub-grid tables; choose one of "
                f"{', '.join(map(repr, TABLED_TILES))}, or give it the mean ground"
            )
        checks.choice("device", device, ("cpu", "cuda"))
        if not 0.5 <= theta <= 1.0:
            raise ValueError(f"theta is {theta}; it must lie between 0.5 and 1")
        if members is not None and members < 1:
            raise ValueError(f"members is {members}; it must be 1 or more, or left out")
        processors = len(os.sched_getaffinity(0))
        if not 1 <= threads <= processors:
            raise ValueError(f"threads is {threads}; choose 1 to {processors}, the processors here")
        self._single = members is None
        self._members = members or 1
        self._real = np.dtype(np.float32 if precision == "single" else np.float64)
        self._full = scheme == "full"
        self._second = scheme == "second_order"
        self._tile = TILES[scheme] if tables is None else TABLED_TILES[scheme]
        self._addresses: dict[bool, int] = {}  # of the tile's code, without and with ways
        self._threads = threads
        self._dx = checks.positive("dx", dx)
        limit = STABLE_SHARE * math.sqrt(0.5 if self._full else theta / 2.0)
        if self._second:
            limit = second_order.COURANT
        self._settings = Settings(
            dx=self._dx,
            theta=float(theta),
            courant=min(checks.positive("courant", courant), limit),
            max_step=checks.positive("max_step", max_step),
            wind_x=0.0,
            wind_y=0.0,
        )
        self._zero = float(np.median(bed[self._active]))
        layout = self._layout = Layout(ny, nx, self._members, whole=self._second)
        z = np.where(self._active, bed - self._zero, WALL)
        # What a face compares must be what the run holds, not what was given.
        z = z.astype(self._real).astype(np.float64)
        self._bed = np.where(self._active, z + self._zero, np.nan)
        self._tables = None if tables is None else tables.held_as(self._bed, self._real.type)
        n = np.where(self._active, n, 0.0)
        check_structures(structures, self._active)
        ways, edges = lay_ways(
            layout,
            z,
            self._active,
            checks.crest("face_crest_x", face_crest_x, (ny, nx + 1)) - self._zero,
            checks.crest("face_crest_y", face_crest_y, (ny + 1, nx)) - self._zero,
            breaches,
            [s for s in structures if isinstance(s, Bridge)],
            boundaries,
            n,
            self._zero,
        )
        self._structures = tuple(structures)
        works = pack_works(structures, self._active, self._zero, self._members)
        works = works._replace(
            cell=layout.flat(works.cell // nx, works.cell % nx),
            from_cell=layout.flat(works.from_cell // nx, works.from_cell % nx),
            to_cell=layout.flat(works.to_cell // nx, works.to_cell % nx),
        )
        self._works = works
        self._work_level = np.zeros(len(works.cell))
        self._first_memory = works.memory.copy()
        self._soil = Soil(
            infiltration,
            self._active,
            lambda a: layout.padded(a, 0.0, np.float64),
            self._members,
            threads,
        )
        rows, columns = layout.shape
        per_soil = self._members * rows if self._soil.lasting else rows
        forcing = Forcing(
            rain=np.zeros((rows, columns), self._real),
            losses=np.zeros((per_soil, columns), self._real),
            rain_stride=0,
            losses_stride=rows if self._soil.lasting else 0,
            has_losses=self._soil.any,
            soaks=self._soil.lasting,
            soaked=layout.zeros(self._real) if self._soil.lasting else np.zeros((1, 1), self._real),
        )
        self._soil.rates(forcing.losses)
        tiles = layout.tiles()
        self._run = Run(
            ground=self._lay_ground(z, n),
            forcing=forcing,
            ways=ways,
            edges=edges,
            held=Held(np.zeros(0, np.int64), np.zeros((self._members, 0))),
            sources=self._lay_sources(sources),
            tiles=tiles,
            scratch=second_order.scratch(threads, layout.shape, self._real)
            if self._second
            else np.zeros((threads, SCRATCH_ROWS, layout.tile_width + SPARE), self._real),
            sums=Sums(np.zeros(self._members), np.zeros(self._members)),
            clock=Clock(
                np.zeros(self._members),
                np.zeros(self._members),
                np.zeros(self._members),
                np.zeros(self._members, np.int64),
            ),
            crew=Crew(
                counters(),
                np.zeros(self._members),
                np.zeros(self._members),
                np.zeros(self._members, np.bool_),
                np.zeros(self._members, np.bool_),
            ),
        )
        self._gpu: Any = self._to_gpu(drainage) if device == "cuda" else None
        self._held = np.full((self._members, ny * nx), np.nan)
        self._drainage = drainage
        self._drains: DrainageRun | None = None
        if drainage is not None:
            checks.cells((drainage.rows, drainage.columns), self._active)
            self._drain_cells = layout.flat(drainage.rows, drainage.columns)
        self._always = self._tiles_of_edges(boundaries)
        self._rain_sum = np.zeros(self._members)
        self._rain = np.zeros(self._members)
        self._rained_at = np.zeros(self._members)
        self._drained_at = np.zeros(self._members)
        self._evaporation = 0.0
        self._tracks: Tracks | None = None
        self.restore(State(time=0.0, depth=np.zeros((ny, nx))))

    # State and restart

    @property
    def state(self) -> State:
        """Water and clock now, in the model's own arrays; ``copy`` it to keep it."""
        w, at = self._water, self._layout
        clock = self._run.clock
        return State(
            time=self.time if self._single else clock.time.copy(),
            depth=self._own(at.at_cells(w.h)),
            qx=self._own(self._at(w.qx, 0)),
            qy=self._own(self._at(w.qy, 1)),
            carry=self._own(at.at_cells(w.c)),
            ux=self._own(at.at_x_faces(w.ux)) if self._full else None,
            uy=self._own(at.at_y_faces(w.uy)) if self._full else None,
            speed=self._own(clock.speed.copy()),
            last_step=self._own(clock.last.copy()),
            works=self._own(self._works.memory),
            soil=self._own(at.at_cells(self._soil.memory)) if self._soil.lasting else None,
            drainage=None if self._drains is None else self._drains.state,
        )

    @property
    def time(self) -> float:
        """Where the run stands, s; in an ensemble the member that is behind the others."""
        return float(self._run.clock.time.min())

    def restore(self, state: State) -> None:
        """Continue from a state; the budget and what is tracked begin anew.

        Rain, boundaries and held levels are not part of a state: they stay as they were last set.
        In an ensemble a state of a single run starts every member.

        Raises:
            ValueError: an array of the wrong shape, or depth negative or not finite on an active
                cell.
        """
        at, run = self._layout, self._run
        ny, nx = self._active.shape
        depth = self._members_of("depth", state.depth, (ny, nx))
        for member in depth:
            checks.every(
                "depth",
                member,
                (np.isfinite(member) & (member >= 0.0)) | ~self._active,
                "must be finite and at least 0 m on active cells",
            )
        depth = np.where(self._active, depth, 0.0)
        h = depth.astype(self._real)
        if state.carry is None:
            carry = depth - h
        else:
            carry = self._members_of("carry", state.carry, (ny, nx))
        tiny = np.zeros((1, 1), self._real)

        def blank(kept: bool) -> Water:
            faces = [at.zeros(self._real) if kept else tiny.copy() for _ in range(2)]
            return Water(*(at.zeros(self._real) for _ in range(4)), *faces)

        self._host_water, self._spare = blank(self._full), blank(self._full)
        if self._gpu is not None:
            self._gpu.forget()
        w = self._host_water
        at.at_cells(w.h)[...] = h
        at.at_cells(w.c)[...] = carry
        if self._second:
            for name, value, array in (("qx", state.qx, w.qx), ("qy", state.qy, w.qy)):
                if value is not None:
                    field = self._members_of(name, value, (ny, nx))
                    at.at_cells(array)[...] = np.where(depth > 0.0, field, 0.0)
        else:
            self._fill_faces("qx", state.qx, at.at_x_faces(w.qx), 0)
            self._fill_faces("qy", state.qy, at.at_y_faces(w.qy), 1)
        moving = (state.qx, state.qy, state.ux, state.uy)
        if self._full and any(given is not None for given in moving):
            ux = state.ux if state.ux is not None else self._velocities(w, 0)
            uy = state.uy if state.uy is not None else self._velocities(w, 1)
            self._fill_faces("ux", ux, at.at_x_faces(w.ux), 0)
            self._fill_faces("uy", uy, at.at_y_faces(w.uy), 1)
        if state.works is None:
            self._works.memory[...] = self._first_memory
        else:
            memory = self._works.memory
            memory[...] = self._members_of("works", state.works, memory.shape[1:])
        if self._soil.lasting:
            if state.soil is None:
                self._soil.reset()
            else:
                at.at_cells(self._soil.memory)[...] = self._members_of("soil", state.soil, (ny, nx))
            self._soil.rates(run.forcing.losses)
            run.forcing.soaked[...] = 0.0
        if self._drainage is not None:
            self._drains = DrainageRun(self._drainage, self._members, self._dx**2)
            if state.drainage is not None:
                self._drains.state = state.drainage.copy()
        run.clock.time[...] = state.time
        run.clock.last[...] = state.last_step
        run.clock.speed[...] = (
            self._fastest_wave() if state.speed is None else np.asarray(state.speed)
        )
        run.clock.steps[...] = 0
        self._clear_sums()
        self._initial = self._storage()
        self._unsettled = True
        self._look()

    def still_water(self, level: ArrayLike, time: float = 0.0) -> State:
        """Water at rest up to a level, for ``restore``.

        Args:
            level: number or (ny, nx), m, same datum as the bed.
            time: of the state, s.
        """
        eta = checks.field("level", level, self._active.shape)
        if self._tables is not None:
            return State(time=time, depth=self._tables.held(eta))
        depth = np.where(self._active, np.maximum(eta - self._bed, 0.0), 0.0)
        return State(time=time, depth=depth)

    # Forcing

    def set_rain(self, rate: ArrayLike) -> None:
        """Rain from now on, m/s: number, (ny, nx), or (M, ny, nx); ignored on inactive cells.

        Raises:
            ValueError: wrong shape, NaN or negative on an active cell.
        """
        self._count_rain()
        rates = np.asarray(rate, np.float64)
        stack = rates if rates.ndim == 3 else rates[None]
        if len(stack) not in (1, self._members):
            raise ValueError(f"rain has {len(stack)} fields; this run has {self._members} members")
        fields = np.stack([checks.rate("rain", one, self._active) for one in stack])
        fields = fields.astype(self._real)
        rows = self._layout.shape[0]
        self._run = self._run._replace(
            forcing=self._run.forcing._replace(
                rain=self._layout.padded(fields, 0.0, self._real),
                rain_stride=rows if len(stack) > 1 else 0,
            )
        )
        totals = fields.sum(axis=(1, 2), dtype=np.float64) * self._dx**2
        self._rain_sum = np.broadcast_to(totals, self._members).copy()
        rainy = self._layout.any_in_tiles(fields > 0.0)
        self._run.tiles.rainy[...] = rainy | self._always

    def set_evaporation(self, rate: float) -> None:
        """Evaporation from now on, m/s, where there is water.

        Raises:
            ValueError: it is negative or not finite.
        """
        if not (math.isfinite(rate) and rate >= 0.0):
            raise ValueError(f"evaporation is {rate} m/s; it must be finite and at least 0")
        self._evaporation = float(rate)

    def set_wind(self, x: float, y: float) -> None:
        """Wind stress over the density of water from now on, m2/s2; it drives where it blows to.

        Raises:
            ValueError: it is not finite.
        """
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError(f"wind is {(x, y)} m2/s2; it must be finite")
        self._settings = self._settings._replace(wind_x=float(x), wind_y=float(y))

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
        flat = checks.cells(cells, self._active)
        if level is None:
            self._held[:, flat] = np.nan
        else:
            levels = np.asarray(level, np.float64)
            ny, nx = self._active.shape
            if levels.shape[-2:] == (ny, nx) and levels.shape[-1:] != flat.shape:
                levels = levels.reshape(*levels.shape[:-2], -1)[..., flat]
            if levels.shape == (self._members, 1):
                levels = np.broadcast_to(levels, (self._members, len(flat)))
            if levels.shape not in ((), flat.shape, (self._members, *flat.shape)):
                raise ValueError(
                    f"level has shape {levels.shape}; give one number or one for each of the "
                    f"{len(flat)} cells"
                )
            checks.every("level", levels, np.isfinite(levels), "must be finite")
            self._held[:, flat] = levels - self._zero
        held = np.flatnonzero(~np.isnan(self._held).all(axis=0))
        nx = self._active.shape[1]
        self._run = self._run._replace(
            held=Held(self._layout.flat(held // nx, held % nx), self._held[:, held])
        )
        self._apply_levels()

    # Stepping

    def suggested_step(self) -> float:
        """Longest step that ``advance`` accepts now: C dx / (|u| + sqrt(g h)), s."""
        self._settle()
        fastest = float(march.fastest_wave(self._run, self._settings))
        if fastest <= 0.0:
            return self._settings.max_step
        return min(self._settings.courant * self._dx / fastest, self._settings.max_step)

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
        self._march(self.time + dt, first_step=float(dt))

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
        self._settle()
        self._march(float(time), on_progress=on_progress)

    # Results

    def track(
        self, thresholds: Sequence[float] = (0.05, 0.15, 0.3), interval: float = 10.0
    ) -> None:
        """Keep maxima, arrival and duration from now on.

        Args:
            thresholds: depths of arrival and duration, m.
            interval: of model time between two looks, s; 0 looks after every step.
        """
        ny, nx = self._active.shape
        self._tracks = Tracks((self._members, ny, nx), thresholds, interval)
        self._look()

    @property
    def tracked(self) -> Tracked:
        """What was kept since ``track``.

        Raises:
            ValueError: ``track`` was not called.
        """
        t = self._tracks
        if t is None:
            raise ValueError("nothing is tracked; call track() before the run")
        inside = self._active
        wet = t.depth > 0.0
        dry = np.where(inside, 0.0, np.nan)

        def shown(array: Array) -> Array:
            return self._own_fields(np.where(inside, array, np.nan))

        return Tracked(
            max_depth=shown(t.depth),
            max_level=self._own_fields(np.where(wet & inside, self._levels(t.depth), np.nan)),
            max_speed=shown(t.speed),
            max_hazard=self._own_fields(t.hazard + dry),
            time_of_max=shown(t.time),
            thresholds=tuple(t.thresholds.tolist()),
            arrival_time=shown(t.arrival),
            duration_above=shown(t.duration),
        )

    @property
    def budget(self) -> Budget:
        """Volumes since the model was made or last restored."""
        self._count_rain()
        if self._gpu is not None:
            self._gpu.collect(self._run)
        run, ways = self._run, self._run.ways
        moved = dict(zip((s.name for s in self._links()), self._works.volume.T, strict=True))
        into = np.where(ways.inward > 0, ways.came, ways.went)
        out = np.where(ways.inward > 0, ways.went, ways.came)
        edge = ways.inward != 0
        owner = np.where(ways.kind == BRIDGE, ways.bridge, -1)
        for b, bridge in enumerate(s for s in self._structures if isinstance(s, Bridge)):
            here = np.isin(owner, np.flatnonzero(ways.bridges.owner == b))
            moved[bridge.name] = (ways.came - ways.went)[:, here].sum(axis=1)
        each = (into - out)[:, run.edges.way]
        return Budget(
            initial=self._own(self._initial),
            rain=self._own(self._rain.copy()),
            inflow=self._own(run.sums.inflow + into[:, edge].sum(axis=1)),
            outflow=self._own(run.sums.outflow + out[:, edge].sum(axis=1)),
            infiltration=self._own(run.tiles.taken.sum(axis=(1, 2)) * self._dx**2),
            evaporation=self._own(self._evaporated.copy()),
            drained=self._own(self._drained.copy()),
            storage=self._own(self._storage()),
            structures={s.name: self._own(moved[s.name]) for s in self._structures},
            boundaries=tuple(
                self._own(each[:, a:b].sum(axis=1)) for a, b in itertools.pairwise(run.edges.first)
            ),
        )

    @property
    def depth(self) -> Array:
        """(ny, nx) water depth, m; a view, good until the next step.

        With sub-grid tables the water over the cell's area.
        """
        return self._own_fields(self._layout.at_cells(self._water.h))

    @property
    def level(self) -> NDArray[np.float64]:
        """(ny, nx) water level, m, same datum as the bed; the bed where dry, NaN where inactive."""
        return self._levels(self.depth)

    @property
    def velocity(self) -> tuple[Array, Array]:
        """(ny, nx) velocities at cells along the columns and along the rows, m/s; 0 where dry."""
        h = self._layout.at_cells(self._water.h).astype(np.float64)
        west, east, south, north, discharges = self._around()
        u, v = 0.5 * (west + east), 0.5 * (south + north)
        if discharges:
            u, v = (np.where(h > THIN, q / np.maximum(h, THIN), 0.0) for q in (u, v))
        dry = h <= 0.0
        return self._own_fields(np.where(dry, 0.0, u)), self._own_fields(np.where(dry, 0.0, v))

    @property
    def discharge(self) -> tuple[Array, Array]:
        """Discharge per unit width at x faces (ny, nx+1) and y faces (ny+1, nx), m2/s.

        What the scheme keeps at faces; of ``second_order`` the mean of the cells on both sides.
        """
        w = self._water
        if not self._second:
            return self._own_fields(self._at(w.qx, 0)), self._own_fields(self._at(w.qy, 1))
        x, y = self._layout.at_x_faces(w.qx), self._layout.at_y_faces(w.qy)
        before_x = np.concatenate((np.zeros_like(x[:, :, :1]), x[:, :, :-1]), axis=2)
        before_y = np.concatenate((np.zeros_like(y[:, :1]), y[:, :-1]), axis=1)
        return self._own_fields(0.5 * (before_x + x)), self._own_fields(0.5 * (before_y + y))

    @property
    def active(self) -> NDArray[np.bool_]:
        """(ny, nx) cells of the domain."""
        return self._active.copy()

    @property
    def discharges(self) -> dict[str, Any]:
        """What each structure passes now, m3/s, from its first to its second cell."""
        passing = self._works.discharge.T
        return {s.name: self._own(q) for s, q in zip(self._links(), passing, strict=True)}

    @property
    def drainage(self) -> DrainageRun | None:
        """The drainage network in time, if there is one."""
        return self._drains

    @property
    def steps(self) -> int:
        """Steps taken since the model was made or last restored, all members together."""
        return int(self._run.clock.steps.sum())

    # Inside

    def _march(
        self,
        until: float,
        first_step: float = 0.0,
        on_progress: Callable[[float], bool | None] | None = None,
    ) -> None:
        clock = self._run.clock
        while clock.time.min() < until:
            pause = self._next_pause()
            rounds = self._step_together(until, pause, first_step, on_progress is not None)
            if rounds % 2:
                self._host_water, self._spare = self._spare, self._host_water
            self._pause(until)
            if first_step > 0.0:
                break
            if on_progress is not None and on_progress(self.time) is False:
                break

    def _step_together(
        self, until: float, pause: float, first_step: float, interruptible: bool
    ) -> int:
        """Rounds that all threads took to ``until`` or ``pause``, or a fraction of a second's."""
        run, size = self._run, self._host_water.h.size
        most = max(UPDATES_AT_ONCE // size, 1) if interruptible else ALL
        if self._gpu is not None:
            self._gpu.advance(run, self._settings, self._host_water, until, pause, first_step, most)
            return 0
        if not (run.ways.row.size or run.held.cell.size or run.sources.cell.size):
            run = run._replace(ways=None, edges=None, held=None, sources=None)
        water, spare = self._water, self._spare
        works = self._works if self._links() else None
        rest = (works, self._work_level, water, spare, until, pause, first_step, most)
        plain = run.ways is None
        if plain not in self._addresses:
            self._addresses[plain] = address_of(self._tile, run, self._settings, water, spare, 0, 0)
        tile = self._addresses[plain]
        work = (self._threads, tile, self._full, run, self._settings, *rest)
        if self._threads == 1:
            return int(march.advance(0, *work))
        with ThreadPoolExecutor(self._threads - 1) as others:
            for rank in range(1, self._threads):
                others.submit(march.advance, rank, *work)
            return int(march.advance(0, *work))

    def _to_gpu(self, drainage: Drainage | None) -> Any:
        """The device's copy of the run; what it cannot do is refused here."""
        named = [s.name for s in self._links()]
        for what, asked in (
            ("scheme 'second_order'", self._second),
            (f"structures other than bridges ({', '.join(named)})", bool(named)),
            ("drainage", drainage is not None),
            ("sub-grid tables", self._tables is not None),
        ):
            if asked:
                raise ValueError(f"device 'cuda' does not run {what} yet; choose device 'cpu'")
        # The compiler for the device is there only where it was asked for.
        from anlan.hydraulics.cuda import Gpu, check_device

        check_device()
        return Gpu(self._layout, self._full, self._real, self._run)

    @property
    def _water(self) -> Water:
        """The water as it is now, on the host, to look at."""
        if self._gpu is not None:
            self._gpu.bring(self._host_water, self._run)
        return self._host_water

    def _take_hold(self) -> None:
        """Have the water, and what the soil took, on the host to change it there."""
        if self._gpu is not None:
            self._gpu.bring(self._host_water, self._run)
            self._gpu.changed()

    def _next_pause(self) -> float:
        """Time at which something besides the flow is due: a multiple of its interval."""
        now = self.time
        due = [math.inf]
        if self._drains is not None:
            due.append((math.floor(now / DRAIN_INTERVAL) + 1) * DRAIN_INTERVAL)
        if self._soil.lasting or self._evaporation > 0.0:
            due.append((math.floor(now / INTERVAL) + 1) * INTERVAL)
        if self._tracks is not None:
            every = self._tracks.interval
            due.append((math.floor(now / every) + 1) * every if every > 0.0 else now)
        return max(min(due), math.nextafter(now, math.inf))

    def _pause(self, until: float) -> None:
        """Let soil and air take what the time since they last did makes due, and look."""
        now, then = self._run.clock.time, self._soaked_at
        due = self.time >= until or bool((now // INTERVAL > then // INTERVAL).all())
        if due and (self._soil.lasting or self._evaporation > 0.0):
            self._weather(now - then)
        then = self._drained_at
        due = self.time >= until or bool((now // DRAIN_INTERVAL > then // DRAIN_INTERVAL).all())
        if due and self._drains is not None:
            self._exchange(self._drains, now - then)
        if self._tracks is not None and (self.time >= until or self._tracks.due(now)):
            self._look()

    def _exchange(self, drains: DrainageRun, span: Array) -> None:
        """Let surface and network pass water to each other for the last ``span`` (M,) seconds."""
        if not (span > 0.0).all():
            return
        area, run, cell = self._dx**2, self._run, self._drain_cells
        size = run.ground.z.size
        at = np.arange(self._members)[:, None] * size + cell
        depth = self._water.h.reshape(-1)[at].astype(np.float64)
        if self._tables is not None:
            rows, columns = self._places(cell)
            depth = self._tables.rise(depth, rows, columns)
        bed = run.ground.z.reshape(-1)[cell].astype(np.float64) + self._zero
        volume = np.zeros_like(depth)
        drain(
            drains.packed,
            drains.inlets,
            drains.state,
            bed + depth,
            depth,
            drains.cell_area,
            self._drained_at[:, None].copy(),
            span[:, None].copy(),
            volume,
        )
        given = march.give(run.ground, self._water, run.tiles, cell, -volume / area, self._members)
        self._drained -= given.sum(axis=1) * area
        self._drained_at = run.clock.time.copy()
        deepest = self._water.h.reshape(-1)[at].max(axis=1, initial=0.0).astype(np.float64)
        run.clock.speed[...] = np.maximum(run.clock.speed, np.sqrt(G * deepest))

    def _places(self, cell: Array) -> tuple[Array, Array]:
        """Rows and columns of cells given by their flat index in the padded grid."""
        rows, columns = np.divmod(cell, self._layout.shape[1])
        return rows - PAD, columns - PAD

    def _weather(self, span: Array) -> None:
        forcing = self._run.forcing
        self._take_hold()
        if self._soil.lasting:
            self._soil.change(forcing.losses, forcing.soaked, span)
        if self._evaporation > 0.0:
            self._evaporated += march.evaporate(
                self._water, self._evaporation * span, self._layout.shape[0], self._dx**2
            )
            self._apply_levels()
        self._soaked_at = self._run.clock.time.copy()

    def _count_rain(self) -> None:
        """Sum the rain since the rate was last changed."""
        now = self._run.clock.time
        self._rain += self._rain_sum * (now - self._rained_at)
        self._rained_at = now.copy()

    def _clear_sums(self) -> None:
        run = self._run
        if self._gpu is not None:
            self._gpu.collect(run)
        sums = (run.ways.came, run.ways.went, self._works.volume, run.tiles.taken, *run.sums)
        for array in sums:
            array[...] = 0.0
        run.tiles.wet[...] = 1
        run.tiles.calm[...] = 0
        self._rain = np.zeros(self._members)
        self._evaporated = np.zeros(self._members)
        self._drained = np.zeros(self._members)
        self._drained_at = run.clock.time.copy()
        self._rained_at = run.clock.time.copy()
        self._soaked_at = run.clock.time.copy()
        if (t := self._tracks) is not None:
            self._tracks = Tracks(t.depth.shape, t.thresholds.tolist(), t.interval)

    def _look(self) -> None:
        if self._tracks is None:
            return
        h = self._layout.at_cells(self._water.h)
        west, east, south, north, discharges = self._around()
        time = self._run.clock.time
        self._tracks.look(h, west, east, south, north, time, discharges)

    def _at(self, array: Array, axis: int) -> Array:
        """View of discharges where the scheme keeps them."""
        if self._second:
            return self._layout.at_cells(array)
        return self._layout.at_y_faces(array) if axis else self._layout.at_x_faces(array)

    def _around(self) -> tuple[Array, Array, Array, Array, bool]:
        """Velocities west, east, south and north of the cells, or discharges if so said."""
        if self._second:
            x, y = self._at(self._water.qx, 0), self._at(self._water.qy, 1)
            return x, x, y, y, True
        x, y, discharges = self._face_speeds()
        return x[:, :, :-1], x[:, :, 1:], y[:, :-1], y[:, 1:], discharges

    def _face_speeds(self) -> tuple[Array, Array, bool]:
        """Velocities at x and y faces, or discharges where the scheme keeps no velocities."""
        at, w = self._layout, self._water
        if self._full:
            return at.at_x_faces(w.ux), at.at_y_faces(w.uy), False
        return at.at_x_faces(w.qx), at.at_y_faces(w.qy), True

    def _velocities(self, w: Water, axis: int) -> Array:
        """Velocities that discharges stand for, at the faces of one axis, all members."""
        at = self._layout
        rows, columns = at.shape
        if self._tables is not None:
            return self._tabled_velocities(self._tables, w, axis)
        h = w.h.reshape(self._members, rows, columns).astype(np.float64)
        z = self._run.ground.z.astype(np.float64)
        eta = h + z
        here, before = slice(1, None), slice(None, -1)
        depth = np.zeros_like(h)
        if axis == 0:
            depth[:, :, here] = np.maximum(eta[:, :, before], eta[:, :, here]) - np.maximum(
                z[:, before], z[:, here]
            )
            q = at.at_x_faces(w.qx)
            d = at.at_x_faces(depth.reshape(-1, columns))
        else:
            depth[:, here] = np.maximum(eta[:, before], eta[:, here]) - np.maximum(
                z[before], z[here]
            )
            q = at.at_y_faces(w.qy)
            d = at.at_y_faces(depth.reshape(-1, columns))
        return np.where(d > float(LEAST_DEPTH), q / np.maximum(d, float(LEAST_DEPTH)), 0.0)

    def _settle(self) -> None:
        """Give all held cells their level before the first step after ``restore``."""
        if self._unsettled:
            self._unsettled = False
            self._apply_levels()

    def _apply_levels(self) -> None:
        run = self._run
        self._take_hold()
        for member in range(self._members):
            fast = march.apply_levels(
                run.held, run.ground, self._water, run.tiles, member, self._dx**2, run.sums
            )
            run.clock.speed[member] = max(run.clock.speed[member], fast)

    def _fastest_wave(self) -> Array:
        """Bound of |u| + sqrt(g h), (M,) m/s."""
        at = self._layout
        h = at.at_cells(self._water.h).max(axis=(1, 2))
        if self._tables is not None:
            deep = self._tables.level(at.at_cells(self._water.h)) - self._bed
            h = np.nanmax(deep, axis=(1, 2))
        if self._second:
            u, v = self.velocity
            fast = np.maximum(np.abs(u), np.abs(v)).reshape(self._members, -1).max(axis=1)
            return np.asarray(fast + np.sqrt(G * h.astype(np.float64)))
        x, y, discharges = self._face_speeds()
        if discharges:
            x, y = self._velocities(self._water, 0), self._velocities(self._water, 1)
        fast = np.maximum(np.abs(x).max(axis=(1, 2)), np.abs(y).max(axis=(1, 2)))
        return np.asarray(fast + np.sqrt(G * h.astype(np.float64)))

    def _storage(self) -> Array:
        at, w = self._layout, self._water
        held = at.at_cells(w.h).sum(axis=(1, 2), dtype=np.float64)
        held = held + at.at_cells(w.c).sum(axis=(1, 2), dtype=np.float64)
        return np.asarray(held * self._dx**2)

    def _fill_faces(self, name: str, value: Array | None, out: Array, axis: int) -> None:
        """Put a field given at faces into its padded array; nothing flows where it is closed."""
        if value is None:
            return
        field = self._members_of(name, value, out.shape[1:])
        for member in field:
            checks.every(name, member, np.isfinite(member), "must be finite")
        open_face = np.zeros(out.shape[1:], np.bool_)
        inner = (
            self._active[:, 1:] & self._active[:, :-1]
            if axis == 0
            else (self._active[1:] & self._active[:-1])
        )
        if axis == 0:
            open_face[:, 1:-1] = inner
        else:
            open_face[1:-1] = inner
        ways = self._run.ways
        mine = slice(int(ways.start_y[0]), None) if axis else slice(0, int(ways.start_y[0]))
        edge = ways.inward[mine] != 0
        open_face[ways.row[mine][edge] - PAD, ways.column[mine][edge] - PAD] = True
        out[...] = np.where(open_face, field, 0.0)

    def _levels(self, depth: Array) -> NDArray[np.float64]:
        """(…, ny, nx) level of cells with so much water, m."""
        if self._tables is not None:
            return self._tables.level(depth)
        return np.asarray(self._bed + depth)

    def _tabled_velocities(self, tables: Subgrid, w: Water, axis: int) -> Array:
        """``_velocities`` over sub-grid tables: discharge over the area at the higher level."""
        at = self._layout
        level = np.nan_to_num(tables.level(at.at_cells(w.h)), nan=-np.inf)
        edge = [(0, 0), (0, 0), (1, 1)] if axis == 0 else [(0, 0), (1, 1), (0, 0)]
        wide = np.pad(level, edge, constant_values=-np.inf)
        if axis == 0:
            q, faces, pair = at.at_x_faces(w.qx), tables.x, (wide[:, :, :-1], wide[:, :, 1:])
        else:
            q, faces, pair = at.at_y_faces(w.qy), tables.y, (wide[:, :-1], wide[:, 1:])
        area = faces.area_at(np.maximum(*pair))
        return np.where(area > LEAST_DEPTH, q / np.maximum(area, LEAST_DEPTH), 0.0)

    def _lay_ground(self, z: Array, n: Array) -> Ground | TabledGround:
        """Ground of a run; ``z`` (ny, nx) from its zero, m, ``n`` (ny, nx)."""
        at = self._layout
        bed, rough = at.padded(z, float(WALL), self._real), at.padded(n, 0.0, self._real)
        if self._tables is None:
            return Ground(bed, rough)
        return TabledGround(bed, rough, self._tables.packed(at, self._zero, self._real))

    def _members_of(self, name: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
        """A field of every member, (M, *shape) float64."""
        array = np.asarray(value, np.float64)
        wanted = (self._members, *shape)
        if array.shape not in (shape, wanted):
            raise ValueError(f"{name} has shape {array.shape}; it must have the shape {shape}")
        return np.broadcast_to(array, wanted)

    def _links(self) -> list[Any]:
        return [s for s in self._structures if not isinstance(s, Bridge)]

    def _lay_sources(self, sources: Sequence[Source]) -> Sources:
        nx = self._active.shape[1]
        cells = [checks.cells(s.cells, self._active) for s in sources]
        for s, flat in zip(sources, cells, strict=True):
            if not flat.size:
                raise ValueError(f"the source {s.name!r} has no cell")
        flat = np.concatenate(cells) if cells else np.zeros(0, np.int64)
        series = [
            one
            for s in sources
            for one in per_member(s.discharge, self._members, f"source {s.name!r}")
        ]
        return Sources(
            cell=self._layout.flat(flat // nx, flat % nx),
            share=np.concatenate([np.full(len(c), 1.0 / len(c)) for c in cells])
            if cells
            else np.zeros(0),
            source=np.repeat(np.arange(len(cells)), [len(c) for c in cells]).astype(np.int64),
            series=table(series, [0.0] * len(series)),
            flow=np.zeros((self._members, len(sources))),
        )

    def _tiles_of_edges(self, boundaries: Sequence[Boundary]) -> Array:
        """(tiles,) those at boundaries, where water may come to dry ground."""
        tiles = np.zeros(self._run.tiles.wet.shape[1], np.uint8)
        for boundary in boundaries:
            for faces in boundary.stretches:
                tiles[self._layout.tile_of(faces.rows, faces.columns)] = 1
        self._run.tiles.rainy[...] = tiles
        return tiles

    def _own(self, values: Any) -> Any:
        """What a single run shows of something kept for all members."""
        if not self._single:
            return values
        one = values[0]
        return float(one) if np.ndim(one) == 0 else one

    def _own_fields(self, array: Array) -> Array:
        """The same for fields (…, M, ny, nx)."""
        return array[..., 0, :, :] if self._single else array
