"""Shallow-water flow over a city: arrays in, arrays out.

No files, clock, network, logging or settings here. SI units; levels on one datum, the caller's.

>>> import numpy as np
>>> from anlan.hydraulics import LocalInertial, run
>>> basin = LocalInertial(bed_elevation=np.zeros((20, 20)), dx=50.0, manning=0.03)
>>> basin.set_rain(10.0 / 1000 / 3600)  # 10 mm/h
>>> run(basin, until=3600.0)
>>> round(float(basin.state.depth.mean()), 4)
0.01
"""

from anlan.hydraulics.inertial import LocalInertial
from anlan.hydraulics.model import Model, run
from anlan.hydraulics.state import Budget, State
from anlan.hydraulics.structures import FlapGate, Pump, Structure

__all__ = [
    "Budget",
    "FlapGate",
    "LocalInertial",
    "Model",
    "Pump",
    "State",
    "Structure",
    "run",
]
