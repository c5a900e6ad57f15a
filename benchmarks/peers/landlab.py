"""The rain hour in landlab's OverlandFlow: local inertia, theta 0.8, double precision, OpenMP."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
from landlab import RasterModelGrid
from landlab.components import OverlandFlow

from benchmarks.peers.report import task
from benchmarks.rain_case import DX, MANNING, RAIN_MM_H

LONGEST_CALL = 10.0  # s; the first steps, over a film of 10 micrometres, would be far longer


class Counted(OverlandFlow):  # type: ignore[misc]
    """The component, counting the steps that it makes within a call."""

    steps = 0

    def calc_time_step(self) -> Any:
        self.steps += 1
        return super().calc_time_step()


def main() -> None:
    """Run and print the line. A ring of closed nodes surrounds the cells."""
    asked = task()
    ny, nx = asked.bed.shape
    grid = RasterModelGrid((ny + 2, nx + 2), xy_spacing=DX)
    grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
    grid.add_field("topographic__elevation", np.pad(asked.bed, 1, "edge").ravel(), at="node")
    depth = grid.add_zeros("surface_water__depth", at="node")
    flow = Counted(grid, mannings_n=MANNING, rainfall_intensity=RAIN_MM_H / 3.6e6)
    film = float(depth[0])  # the component lays one to divide by
    clock = 0.0

    def until(stop: float) -> None:
        nonlocal clock
        while clock < stop:
            clock += flow.run_one_step(dt=min(LONGEST_CALL, stop - clock))

    asked.march(until, lambda: depth.reshape(ny + 2, nx + 2)[1:-1, 1:-1] - film)
    asked.report(version("landlab"), flow.steps, asked.bed.size)


if __name__ == "__main__":
    main()
