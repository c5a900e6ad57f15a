"""Files around the hydraulic core: a simulation from a file, run, and its results.

>>> from anlan.simulation import load, simulate
>>> summary = simulate(load("examples/simulate/polder.toml"), "out")  # doctest: +SKIP
>>> summary.volume.error_relative  # doctest: +SKIP

Simulations
    ``load`` reads one, ``Simulation`` and its tables make one in Python, ``simulate`` runs it.
Files
    ``Raster``, ``read_raster``; ``TimeTable``, ``read_series``.
"""

from anlan.simulation.document import Simulation
from anlan.simulation.raster import Raster, read_raster
from anlan.simulation.reading import read_any
from anlan.simulation.run import Progress, Summary, Volume, simulate
from anlan.simulation.series import TimeTable, read_series

load = read_any

__all__ = [
    "Progress",
    "Raster",
    "Simulation",
    "Summary",
    "TimeTable",
    "Volume",
    "load",
    "read_any",
    "read_raster",
    "read_series",
    "simulate",
]
