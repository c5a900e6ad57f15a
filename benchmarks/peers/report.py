"""What every driver takes and prints: the same arguments, one JSON line, depths beside it."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rain_case import DX, rained


@dataclass
class Task:
    """What a driver is asked: the bed, how long, on how many threads.

    Attributes:
        bed: (ny, nx) at cells, m.
        stops: simulated times at which the clock is read, s; the last ends the run.
        threads: of the time loop.
        option: a word for drivers with a choice, as the scheme.
        folder: for the depths at the stops, ``STOP.npy``.
        walls: seconds of the time loop up to each stop, without saving.
    """

    bed: NDArray[np.float64]
    stops: tuple[float, ...]
    threads: int
    option: str
    folder: Path
    walls: dict[str, float] = field(default_factory=dict)
    error: float = 0.0

    def march(
        self,
        run_until: Callable[[float], Any],
        depth: Callable[[], NDArray[Any]],
        removed: Callable[[], float] = lambda: 0.0,
        dx: float = DX,
    ) -> None:
        """Run to each stop, timing ``run_until`` alone.

        Args:
            run_until: the time loop to that simulated time, s.
            depth: on squares of ``dx``, m.
            removed: volume that left on purpose so far, m3.
            dx: m.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        wall = 0.0
        for stop in self.stops:
            begin = time.perf_counter()
            run_until(stop)
            wall += time.perf_counter() - begin
            self.walls[f"{stop:g}"] = wall
            now = depth()
            np.save(self.folder / f"{stop:g}.npy", now.astype(np.float32))
            held = float(now.sum(dtype=np.float64)) * dx * dx
            self.error = (held + removed() - rained(stop)) / rained(stop)

    def report(self, version: str, steps: int, cells: int) -> None:
        """Print the line."""
        line = {
            "version": version,
            "wall_s": self.walls,
            "steps": steps,
            "cells": cells,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
            "volume_error": self.error,
            "threads": self.threads,
        }
        print(json.dumps(line))


def task() -> Task:
    """Read the arguments: BED.npy FOLDER SECONDS[,SECONDS...] THREADS [OPTION]."""
    parser = argparse.ArgumentParser()
    parser.add_argument("bed", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("stops")
    parser.add_argument("threads", type=int)
    parser.add_argument("option", nargs="?", default="")
    given = parser.parse_args()
    stops = tuple(float(s) for s in given.stops.split(","))
    return Task(np.load(given.bed), stops, given.threads, given.option, given.folder)
