"""The rain hour in itzi-core: local inertia, theta 0.9, single precision, OpenMP."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version

import numpy as np
from itzi_core import (
    DomainData,
    Simulation,
    SimulationBuilder,
    SimulationConfig,
    SurfaceFlowParameters,
    TemporalType,
)
from itzi_core.providers.memory_input import MemoryRasterInputProvider

from benchmarks.peers.report import Task, task
from benchmarks.rain_case import DX, MANNING, RAIN_MM_H

START = datetime(2000, 1, 1)  # noqa: DTZ001 - the engine's clock knows no zone


def build(asked: Task) -> Simulation:
    """The simulation with its rain given in mm/h, which is what its input converts."""
    ny, nx = asked.bed.shape
    end = START + timedelta(seconds=asked.stops[-1])
    arrays = {
        "ground_elevation": asked.bed,
        "friction": np.full((ny, nx), MANNING),
        "rainfall_rate": np.full((ny, nx), RAIN_MM_H),
    }
    domain = DomainData(
        north=ny * DX, south=0.0, east=nx * DX, west=0.0, rows=ny, cols=nx, crs_wkt=""
    )
    config = SimulationConfig(
        start_time=START,
        end_time=end,
        record_step=end - START,
        temporal_type=TemporalType.RELATIVE,
        input_map_names={key: key for key in arrays},
        output_map_names={},
        surface_flow_parameters=SurfaceFlowParameters(),
    )
    provider = MemoryRasterInputProvider(
        {
            "domain_data": domain,
            "simulation_start_time": START,
            "simulation_end_time": end,
            "static_arrays": {k: a.astype(np.float32) for k, a in arrays.items()},
        }
    )
    return (
        SimulationBuilder(config, np.zeros((ny, nx), bool), np.float32)
        .with_input_provider(provider)
        .build()
        .initialize()
    )


def main() -> None:
    """Run and print the line."""
    asked = task()
    model = build(asked)
    asked.march(
        lambda stop: model.update_until(timedelta(seconds=stop)),
        lambda: model.get_array("water_depth"),
    )
    asked.report(version("itzi-core"), model.time_steps_counters["since_start"], asked.bed.size)


if __name__ == "__main__":
    main()
