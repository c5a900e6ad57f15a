"""The rain hour in ANUGA: full shallow water on triangles, scheme DE0, double precision, OpenMP.

Its million triangles are four to a square of 20 m, so its final depth is that of squares of 20 m.
"""

from __future__ import annotations

import contextlib
import sys
from importlib.metadata import version
from typing import Any

import anuga
import numpy as np

from benchmarks.peers.report import Task, task
from benchmarks.rain_case import DX, MANNING, RAIN_MM_H

SQUARE = 2.0 * DX  # m
LONGEST_STEP = 5.0  # s, as the default of itzi-core; dry ground would set none


def build(asked: Task) -> Any:
    """The domain, its corners at the height of the cells around them."""
    ny, nx = asked.bed.shape
    anuga.set_omp_num_threads(asked.threads, verbose=False)
    domain = anuga.rectangular_cross_domain(nx // 2, ny // 2, len1=nx * DX, len2=ny * DX)
    domain.set_flow_algorithm("DE0")
    domain.set_store(False)
    domain.set_evolve_max_timestep(LONGEST_STEP)
    padded = np.pad(asked.bed, 1, "edge")
    corners = 0.25 * (padded[1:, 1:] + padded[1:, :-1] + padded[:-1, 1:] + padded[:-1, :-1])

    def height(x: Any, y: Any) -> Any:
        rows = np.rint(np.asarray(y) / DX).astype(int)
        columns = np.rint(np.asarray(x) / DX).astype(int)
        return corners[rows, columns]

    domain.set_quantity("elevation", height)
    domain.set_quantity("friction", MANNING)
    domain.set_quantity("stage", expression="elevation")
    wall = anuga.Reflective_boundary(domain)
    domain.set_boundary(dict.fromkeys(("left", "right", "top", "bottom"), wall))
    anuga.Rate_operator.rainfall(domain, rate=RAIN_MM_H)
    return domain


def depth_on_squares(domain: Any, asked: Task) -> Any:
    """Depth on the squares of four triangles, m, from their volume."""
    volume = np.asarray(domain.get_quantity("height").centroid_values) * domain.areas
    ny, nx = (s // 2 for s in asked.bed.shape)
    columns, rows = (domain.centroid_coordinates // SQUARE).astype(int).T
    held = np.bincount(rows * nx + columns, volume, ny * nx).reshape(ny, nx)
    return held / SQUARE**2


def main() -> None:
    """Run and print the line."""
    asked = task()
    steps = 0
    with contextlib.redirect_stdout(sys.stderr):
        domain = build(asked)

        def until(stop: float) -> None:
            nonlocal steps
            now = domain.get_time()
            for _ in domain.evolve(
                yieldstep=stop - now, finaltime=stop, skip_initial_step=now > 0.0
            ):
                steps += domain.number_of_steps

        asked.march(until, lambda: depth_on_squares(domain, asked), dx=SQUARE)
    asked.report(version("anuga"), steps, len(domain.areas))


if __name__ == "__main__":
    main()
