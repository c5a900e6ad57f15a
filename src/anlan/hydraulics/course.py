"""The course of a run: steps to a time, and what is due between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from anlan.hydraulics import march, readings
from anlan.hydraulics.arrays import PAD, Settings, Water
from anlan.hydraulics.drainage import DrainageRun, drain
from anlan.hydraulics.lay_run import Plan
from anlan.hydraulics.ledger import Ledger
from anlan.hydraulics.numerics import Array, G, address_of
from anlan.hydraulics.restart import blank_water, water_of
from anlan.hydraulics.soil import INTERVAL
from anlan.hydraulics.state import Budget, State
from anlan.hydraulics.tracking import Tracks

DRAIN_INTERVAL = 5.0
"""Time between two exchanges with the drainage network, s."""
# Water that a dry cell over sub-grid tables answers like, m over its area.
FILM = 1e-3
# Cell updates between two looks at whoever watches the progress: a fraction of a second's.
UPDATES_AT_ONCE = 50_000_000
ALL = int(np.iinfo(np.int64).max)


class Course:
    """A run in time; begins with ``restore``.

    Args:
        plan: its records, which the course changes as it goes.
        settings: its numbers.
        device: "cpu" or "cuda".

    Attributes:
        run: the records now; rain and held levels are replaced as they are set.
        evaporation: m/s.
        drains: the drainage network in time, if there is one.
        tracks: what is kept on the way, if anything is.
    """

    def __init__(self, plan: Plan, settings: Settings, device: str) -> None:
        domain = plan.domain
        self._plan, self._domain = plan, domain
        self.run, self.settings = plan.run, settings
        self.evaporation = 0.0
        self.drains: DrainageRun | None = None
        self.tracks: Tracks | None = None
        self._tile = domain.tile
        self._addresses: dict[bool, int] = {}  # of the tile's code, without and with ways
        self._works = plan.works if plan.links else None
        self._work_level = np.zeros((plan.threads, len(plan.works.cell)))
        self._first_memory = plan.works.memory.copy()
        self._levels = np.full((domain.members, domain.active.size), np.nan)
        self._held = np.zeros(0, np.int64)  # cells of it that hold a level in some member
        self._ledger = Ledger(plan)
        self._gpu: Any = _to_gpu(plan) if device == "cuda" else None

    # Water and clock

    @property
    def time(self) -> float:
        """Where the run stands, s; in an ensemble the member that is behind the others."""
        return float(self.run.clock.time.min())

    @property
    def water(self) -> Water:
        """The water as it is now, on the host, to look at."""
        if self._gpu is not None:
            self._gpu.bring(self._host_water, self.run)
        return self._host_water

    @property
    def budget(self) -> Budget:
        """Volumes since the last ``restore``."""
        if self._gpu is not None:
            self._gpu.collect(self.run)
        return self._ledger.budget(readings.volume(self._domain, self.water))

    def restore(self, state: State) -> None:
        """Go on from a state.

        Raises:
            ValueError: an array of the wrong shape, or depth negative or not finite on an active
                cell.
        """
        domain, run, soil = self._domain, self.run, self._plan.soil
        self._host_water, self._spare = water_of(domain, run, state), blank_water(domain)
        if self._gpu is not None:
            self._gpu.forget()
        memory = self._plan.works.memory
        if state.works is None:
            memory[...] = self._first_memory
        else:
            memory[...] = domain.of_members("works", state.works, memory.shape[1:])
        if soil.lasting:
            if state.soil is None:
                soil.reset()
            else:
                kept = domain.of_members("soil", state.soil, domain.shape)
                domain.layout.at_cells(soil.memory)[...] = kept
            soil.rates(run.forcing.losses)
            run.forcing.soaked[...] = 0.0
        if self._plan.drainage is not None:
            self.drains = DrainageRun(self._plan.drainage, domain.members, domain.area)
            if state.drainage is not None:
                self.drains.state = state.drainage.copy()
        clock = run.clock
        clock.time[...] = state.time
        clock.last[...] = state.last_step
        if state.speed is None:
            clock.speed[...] = readings.fastest_wave(domain, run.ground, self.water)
        else:
            clock.speed[...] = np.asarray(state.speed)
        clock.steps[...] = 0
        self._begin_sums()
        self._unsettled = True
        self._look()

    def _begin_sums(self) -> None:
        run, now = self.run, self.run.clock.time
        if self._gpu is not None:
            self._gpu.collect(run)
        self._ledger.begin(readings.volume(self._domain, self.water))
        run.tiles.wet[...] = 1
        run.tiles.calm[...] = 0
        self._drained_at = now.copy()
        self._soaked_at = now.copy()
        if (t := self.tracks) is not None:
            self.tracks = Tracks(t.depth.shape, t.thresholds.tolist(), t.interval)

    # Forcing

    def set_rain(self, fields: Array) -> None:
        """Rain from now on at cells, (1, ny, nx) or (M, ny, nx) m/s of the run's real type."""
        domain, run = self._domain, self.run
        totals = fields.sum(axis=(1, 2), dtype=np.float64) * domain.area
        self._ledger.set_rain(np.broadcast_to(totals, domain.members).copy())
        forcing = run.forcing._replace(
            rain=domain.layout.padded(fields, 0.0, domain.real),
            rain_stride=domain.layout.shape[0] if len(fields) > 1 else 0,
        )
        self.run = run._replace(forcing=forcing)
        rainy = domain.layout.any_in_tiles(fields > 0.0)
        run.tiles.rainy[...] = rainy | self._plan.edge_tiles

    def set_wind(self, x: float, y: float) -> None:
        """Wind stress over the density of water from now on, m2/s2."""
        self.settings = self.settings._replace(wind_x=x, wind_y=y)

    def hold(self, cells: Array, levels: Array | float) -> None:
        """Hold cells at levels over the run's zero from now on, or let them go where NaN.

        Args:
            cells: (k,) flat indices in (ny, nx).
            levels: (M, k), (k,) or a number, m.
        """
        before = np.isnan(self._levels[:, cells]).all(axis=0)
        self._levels[:, cells] = levels
        held = self.run.held
        # A tide changes the levels often, the cells never: they are not searched for each time.
        if before.any() or np.isnan(levels).any():
            self._held = np.flatnonzero(~np.isnan(self._levels).all(axis=0))
            held = held._replace(cell=self._domain.flat(self._held))
        held = held._replace(level=self._levels[:, self._held])
        self.run = self.run._replace(held=held)
        self._apply_levels()

    def _apply_levels(self) -> None:
        run = self.run
        self._take_hold()
        for member in range(self._domain.members):
            fast = march.apply_levels(
                run.held, run.ground, self.water, run.tiles, member, self._domain.area, run.sums
            )
            run.clock.speed[member] = max(run.clock.speed[member], fast)

    def _take_hold(self) -> None:
        """Have the water, and what the soil took, on the host to change it there."""
        if self._gpu is not None:
            self._gpu.bring(self._host_water, self.run)
            self._gpu.changed()

    # Steps

    def longest_step(self) -> float:
        """C dx / (|u| + sqrt(g h)), s; of dry ground the longest there is."""
        self._settle()
        fastest = float(march.fastest_wave(self.run, self.settings))
        if fastest <= 0.0:
            return self.settings.max_step
        return min(self.settings.courant * self.settings.dx / fastest, self.settings.max_step)

    def march(
        self,
        until: float,
        first_step: float = 0.0,
        on_progress: Callable[[float], bool | None] | None = None,
    ) -> None:
        """Step every member to a time, s; above 0, ``first_step`` is the one step taken."""
        self._settle()
        clock = self.run.clock
        while clock.time.min() < until:
            pause = self._next_pause()
            rounds = self._step_together(until, pause, first_step, on_progress is not None)
            if rounds % 2 and self._domain.members == 1:
                self._host_water, self._spare = self._spare, self._host_water
            self._pause(until)
            if first_step > 0.0:
                break
            if on_progress is not None and on_progress(self.time) is False:
                break

    def _settle(self) -> None:
        """Give all held cells their level before the first step after ``restore``."""
        if self._unsettled:
            self._unsettled = False
            self._apply_levels()

    def _step_together(
        self, until: float, pause: float, first_step: float, interruptible: bool
    ) -> int:
        """Rounds that a run took to ``until`` or ``pause``, or a fraction of a second's."""
        run, size = self.run, self._host_water.h.size
        run.crew.shared[...] = 0
        most = max(UPDATES_AT_ONCE // size, 1) if interruptible else ALL
        if self._gpu is not None:
            self._gpu.advance(run, self.settings, self._host_water, until, pause, first_step, most)
            return 0
        if not (run.ways.row.size or run.held.cell.size or run.sources.cell.size):
            run = run._replace(ways=None, edges=None, held=None, sources=None)
        water, spare, threads = self.water, self._spare, self._plan.threads
        rest = (self._works, self._work_level, water, spare, until, pause, first_step, most)
        plain = run.ways is None
        if plain not in self._addresses:
            self._addresses[plain] = address_of(self._tile, run, self.settings, water, spare, 0, 0)
        tile = self._addresses[plain]
        work = (threads, tile, run, self.settings, *rest)
        if threads == 1:
            return int(march.advance(0, *work))
        with ThreadPoolExecutor(threads - 1) as pool:
            others = [pool.submit(march.advance, rank, *work) for rank in range(1, threads)]
            rounds = int(march.advance(0, *work))
            for other in others:
                other.result()  # an error there is one here
        return rounds

    # Between the steps

    def track(self, tracks: Tracks) -> None:
        """Keep something from now on."""
        self.tracks = tracks
        self._look()

    def _look(self) -> None:
        if self.tracks is None:
            return
        h = self._domain.layout.at_cells(self.water.h)
        west, east, south, north, discharges = readings.around(self._domain, self.water)
        self.tracks.look(h, west, east, south, north, self.run.clock.time, discharges)

    def _next_pause(self) -> float:
        """Time at which something besides the flow is due: a multiple of its interval."""
        now = self.time
        due = [math.inf]
        if self.drains is not None:
            due.append((math.floor(now / DRAIN_INTERVAL) + 1) * DRAIN_INTERVAL)
        if self._plan.soil.lasting or self.evaporation > 0.0:
            due.append((math.floor(now / INTERVAL) + 1) * INTERVAL)
        if self.tracks is not None:
            every = self.tracks.interval
            due.append((math.floor(now / every) + 1) * every if every > 0.0 else now)
        return max(min(due), math.nextafter(now, math.inf))

    def _pause(self, until: float) -> None:
        """Let soil, air and drains take what the time since they last did makes due, and look."""
        now, then = self.run.clock.time, self._soaked_at
        due = self.time >= until or bool((now // INTERVAL > then // INTERVAL).all())
        if due and (self._plan.soil.lasting or self.evaporation > 0.0):
            self._weather(now - then)
        then = self._drained_at
        due = self.time >= until or bool((now // DRAIN_INTERVAL > then // DRAIN_INTERVAL).all())
        if due and self.drains is not None:
            self._exchange(self.drains, now - then)
        if self.tracks is not None and (self.time >= until or self.tracks.due(now)):
            self._look()

    def _weather(self, span: Array) -> None:
        """Let soil and air take what the last ``span`` (M,) seconds make due."""
        forcing, soil = self.run.forcing, self._plan.soil
        self._take_hold()
        if soil.lasting:
            soil.change(forcing.losses, forcing.soaked, span)
        if self.evaporation > 0.0:
            rows, area = self._domain.layout.shape[0], self._domain.area
            taken = march.evaporate(self.water, self.evaporation * span, rows, area)
            self._ledger.evaporated += taken
            self._apply_levels()
        self._soaked_at = self.run.clock.time.copy()

    def _exchange(self, drains: DrainageRun, span: Array) -> None:
        """Let surface and network pass water to each other for the last ``span`` (M,) seconds."""
        if not (span > 0.0).all():
            return
        domain, run, cell = self._domain, self.run, self._plan.drain_cells
        at = np.arange(domain.members)[:, None] * run.ground.z.size + cell
        held = self.water.h.reshape(-1)[at].astype(np.float64)
        depth, area = held, np.broadcast_to(drains.cell_area, held.shape).copy()
        if domain.tables is not None:
            rows, columns = np.divmod(cell, domain.layout.shape[1])
            depth = domain.tables.rise(held, rows - PAD, columns - PAD)
            # What stands on part of a cell falls faster than over all of it.
            wet = np.where(depth > 0.0, held, FILM)
            area *= wet / domain.tables.rise(wet, rows - PAD, columns - PAD)
        bed = run.ground.z.reshape(-1)[cell].astype(np.float64) + domain.zero
        taken = np.zeros_like(depth)
        drain(
            drains.packed,
            drains.inlets,
            drains.state,
            bed + depth,
            depth,
            area,
            self._drained_at[:, None].copy(),
            span[:, None].copy(),
            taken,
        )
        gain = -taken / domain.area
        given = march.give(run.ground, self.water, run.tiles, cell, gain, domain.members)
        self._ledger.drained -= given.sum(axis=1) * domain.area
        self._drained_at = run.clock.time.copy()
        deepest = self.water.h.reshape(-1)[at].max(axis=1, initial=0.0).astype(np.float64)
        run.clock.speed[...] = np.maximum(run.clock.speed, np.sqrt(G * deepest))


def _to_gpu(plan: Plan) -> Any:
    """The device's copy of a run.

    Raises:
        ValueError: it asks for what a device cannot do, or there is none.
    """
    domain = plan.domain
    named = [s.name for s in plan.links]
    for what, asked in (
        ("scheme 'second_order'", domain.flows_at_cells),
        (f"structures other than bridges ({', '.join(named)})", bool(named)),
        ("drainage", plan.drainage is not None),
        ("sub-grid tables", domain.tables is not None),
    ):
        if asked:
            raise ValueError(f"device 'cuda' does not run {what} yet; choose device 'cpu'")
    # The compiler for the device is there only where it was asked for.
    from anlan.hydraulics.cuda import Gpu, check_device

    check_device()
    return Gpu(domain.layout, domain.keeps_velocities, domain.real, plan.run)
