"""EPA-SWMM as referee: its own run of an input file, read back in SI units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from swmm.toolkit import output, shared_enum, solver

from anlan.simulation.inp_text import FLOW_UNITS

Series = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Refereed:
    """What EPA-SWMM reported: heads, m, and flows, m3/s, at equal intervals from the start."""

    heads: Series
    flows: Series
    interval: float
    continuity_error: float  # of flow routing, %


def run_swmm(inp: Path, folder: Path, flow_units: str) -> Refereed:
    """Run ``inp`` and read its results."""
    report, out = folder / "run.rpt", folder / "run.out"
    solver.swmm_run(str(inp), str(report), str(out))
    flow, length = FLOW_UNITS[flow_units]
    handle = output.init()
    output.open(handle, str(out))
    periods = output.get_times(handle, shared_enum.Time.NUM_PERIODS)
    interval = float(output.get_times(handle, shared_enum.Time.REPORT_STEP))
    _, nodes, links, *_ = output.get_proj_size(handle)
    kind = shared_enum.ElementType

    def series(count: int, element: int, get: object, attribute: int, unit: float) -> Series:
        assert callable(get)
        return {
            output.get_elem_name(handle, element, k): unit
            * np.array(get(handle, k, attribute, 0, periods - 1))
            for k in range(count)
        }

    heads = series(
        nodes,
        kind.NODE,
        output.get_node_series,
        shared_enum.NodeAttribute.HYDRAULIC_HEAD,
        length,
    )
    flows = series(
        links, kind.LINK, output.get_link_series, shared_enum.LinkAttribute.FLOW_RATE, flow
    )
    output.close(handle)
    errors = re.findall(r"Continuity Error \(%\) \.+ +(-?[\d.]+)", report.read_text())
    return Refereed(heads, flows, interval, float(errors[-1]))


def efficiency(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Nash and Sutcliffe (1970): 1 - sum (ours - theirs)^2 / sum (theirs - their mean)^2."""
    spread = float(((theirs - theirs.mean()) ** 2).sum())
    return 1.0 - float(((ours - theirs) ** 2).sum()) / spread
