"""Running a simulation: from its tables to a folder of results."""

from __future__ import annotations

import json
import math
import resource
import sys
import time as clock
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from anlan import __version__
from anlan.hydraulics import ShallowWater
from anlan.simulation.assembly import assemble, threads_of
from anlan.simulation.document import Run, Simulation
from anlan.simulation.fine import FINE, check_fine, write_fine_depth
from anlan.simulation.grid import Grid
from anlan.simulation.rain import RainFrame, rain_frames
from anlan.simulation.records import Records
from anlan.simulation.results import ResultFile
from anlan.simulation.terrain import lay_grid

RESULT = "result.nc"
SUMMARY = "summary.json"


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        time: simulated so far, s; of ``duration``, s.
        steps: taken so far.
        cells: of the domain.
        wall: time of the loop so far, s.
    """

    time: float
    duration: float
    steps: int
    cells: int
    wall: float


@dataclass(frozen=True)
class Volume:
    """Where the water came from and went to, m3.

    ``error_relative`` is what appeared (or vanished, negative) as a share of all water seen.
    """

    initial: float
    rain: float
    inflow: float
    outflow: float
    infiltration: float
    evaporation: float
    drained: float
    final: float
    error_relative: float
    structures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """What a run was, as `summary.json` has it.

    ``wall_s`` is the time of the loop, hand-over of outputs included; ``compile_s`` that of
    making the machine code (or of fetching it from disk); ``total_s`` everything from reading
    the terrain to closing the files.
    """

    name: str
    cells: int
    steps: int
    simulated_s: float
    finished: bool
    wall_s: float
    compile_s: float
    total_s: float
    cell_updates_per_s: float
    peak_memory_mb: float
    volume: Volume
    scheme: str
    precision: str
    device: str
    threads: int
    version: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def simulate(
    simulation: Simulation,
    out: Path | str,
    *,
    progress: Callable[[Progress], bool] | None = None,
) -> Summary:
    """Run a simulation and write its results.

    Args:
        simulation: as `anlan.simulation.load` reads it or Python makes it.
        out: folder of the results; made where it is not there, a former result in it replaced.
        progress: told now and then how far it is; once it answers False the run ends there, and
            what was computed so far is kept.

    Returns:
        What `summary.json` holds; ``finished`` is False where ``progress`` ended the run.

    Raises:
        Refusal: a table that does not fit the terrain or that the core does not take.
        OSError: the results cannot be written.
    """
    began = clock.perf_counter()
    folder = Path(out)
    grid = lay_grid(simulation.terrain, simulation.channels)
    check_fine(simulation, grid)
    model = assemble(simulation, grid)
    frames = rain_frames(simulation.rain, grid, simulation.run.start)
    compile_s = warm_up(model)
    model.track(simulation.output.depth_thresholds, simulation.output.tracking_interval)
    folder.mkdir(parents=True, exist_ok=True)
    clear(folder)
    watched = Records(folder, simulation, grid)
    result = ResultFile(
        folder / RESULT,
        grid,
        simulation.run.name,
        simulation.output.depth_thresholds,
        simulation.run.start,
    )
    cells = int(grid.active.sum())
    with watched, result:
        loop_began = clock.perf_counter()

        def go_on(time: float) -> bool:
            if progress is None:
                return True
            wall = clock.perf_counter() - loop_began
            return progress(Progress(time, simulation.run.duration, model.steps, cells, wall))

        finished = _loop(model, simulation.run, frames, watched, result, go_on)
        wall = clock.perf_counter() - loop_began
        extremes = _extremes(model, grid)
        result.extremes(extremes)
    if simulation.output.fine:
        write_fine_depth(folder / FINE, grid, extremes["max_level"])
    summary = _summary(simulation, model, cells, finished, wall, compile_s)
    summary = replace(summary, total_s=round(clock.perf_counter() - began, 4))
    (folder / SUMMARY).write_text(
        json.dumps(summary.as_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return summary


def clear(folder: Path) -> None:
    """Take the files of a former result away."""
    for name in (
        RESULT, SUMMARY, "gauges.csv", "sections.csv", "structures.csv", FINE,
    ):  # fmt: skip
        (folder / name).unlink(missing_ok=True)


def warm_up(model: ShallowWater) -> float:
    """Let the machine code that a model needs be made; returns how long it took, s.

    The model takes one short step and goes back to where it stood; its budget begins anew.
    """
    began = clock.perf_counter()
    start = model.state.copy()
    model.advance(min(model.suggested_step(), 1e-3))
    model.restore(start)
    return clock.perf_counter() - began


def _loop(
    model: ShallowWater,
    times: Run,
    rain: Iterator[RainFrame],
    watched: Records,
    result: ResultFile,
    go_on: Callable[[float], bool],
) -> bool:
    """Run to the end, stopping where rain changes or something is written; False if cancelled."""
    coming = next(rain, None)
    for stop, is_frame, is_row in _stops(times, watched.watch):
        while coming is not None and coming.time < stop:
            if not _reach(model, coming.time, go_on):
                break
            model.set_rain(coming.rate)
            coming = next(rain, None)
        finished = _reach(model, stop, go_on)
        if is_row or (not finished and watched.watch):
            watched.row(model)
        if is_frame or not finished:
            result.frame(model.time, _fields(model))
        if not finished:
            return False
    return True


def _reach(model: ShallowWater, time: float, go_on: Callable[[float], bool]) -> bool:
    if model.time < time:
        model.run_until(time, on_progress=go_on)
    return model.time >= time and go_on(model.time)


def _stops(times: Run, watch: bool) -> Iterator[tuple[float, bool, bool]]:
    """(time, whether a frame is due, whether a row of gauges is due), rising, from 0."""
    due: dict[float, tuple[bool, bool]] = {}
    for every, what in ((times.frames_every, 0), (times.gauges_every, 1)):
        if what == 1 and not watch:
            continue
        count = math.ceil(times.duration / every * (1.0 - 1e-12))
        for k in range(count + 1):
            time = min(k * every, times.duration)
            flags = list(due.get(time, (False, False)))
            flags[what] = True
            due[time] = (flags[0], flags[1])
    for time in sorted(due):
        yield time, *due[time]


def _fields(model: ShallowWater) -> dict[str, Any]:
    u, v = model.velocity
    return {"depth": model.depth.copy(), "level": model.level, "u": u, "v": v}


def _extremes(model: ShallowWater, grid: Grid) -> dict[str, Any]:
    tracked = model.tracked
    return {
        "bed": grid.bed,
        "max_depth": tracked.max_depth,
        "max_level": np.where(tracked.max_depth > 0.0, tracked.max_level, np.nan),
        "max_speed": tracked.max_speed,
        "time_of_max": np.where(tracked.max_depth > 0.0, tracked.time_of_max, np.nan),
        "arrival_time": tracked.arrival_time,
        "duration_above": tracked.duration_above,
    }


def _summary(
    simulation: Simulation,
    model: ShallowWater,
    cells: int,
    finished: bool,
    wall: float,
    compile_s: float,
) -> Summary:
    budget = model.budget
    return Summary(
        name=simulation.run.name,
        cells=cells,
        steps=model.steps,
        simulated_s=model.time,
        finished=finished,
        wall_s=round(wall, 6),
        compile_s=round(compile_s, 4),
        total_s=0.0,
        cell_updates_per_s=round(cells * model.steps / wall) if wall > 0.0 else 0.0,
        peak_memory_mb=round(peak_memory_mb(), 1),
        volume=Volume(
            initial=budget.initial,
            rain=budget.rain,
            inflow=budget.inflow,
            outflow=budget.outflow,
            infiltration=budget.infiltration,
            evaporation=budget.evaporation,
            drained=budget.drained,
            final=budget.storage,
            error_relative=budget.relative_error,
            structures=dict(budget.structures),
        ),
        scheme=simulation.scheme.name,
        precision=simulation.scheme.precision,
        device=simulation.scheme.device,
        threads=threads_of(simulation, model.active.size),
        version=__version__,
    )


def peak_memory_mb() -> float:
    """Most memory that this process has held, MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (
        float(used)
        / (1e6 if sys.platform == "darwin" else 1e3)
        * (1.0 if sys.platform == "darwin" else 1.024)
    )
