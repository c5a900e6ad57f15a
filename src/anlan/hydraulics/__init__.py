"""Shallow-water flow over a city: arrays in, arrays out.

No files, clock, network, logging or settings here. SI units; levels on one datum, the caller's.

>>> import numpy as np
>>> from anlan.hydraulics import ShallowWater, run
>>> basin = ShallowWater(bed_elevation=np.zeros((20, 20)), dx=50.0, manning=0.03)
>>> basin.set_rain(10.0 / 1000 / 3600)  # 10 mm/h
>>> run(basin, until=3600.0)
>>> round(float(basin.state.depth.mean()), 4)
0.01
"""

from anlan.hydraulics.edges import Boundary, Breach, Faces, Series, Source, edge_faces
from anlan.hydraulics.model import Model, run
from anlan.hydraulics.shallow import ShallowWater
from anlan.hydraulics.soil import Constant, GreenAmpt, Horton, Infiltration
from anlan.hydraulics.state import Budget, State
from anlan.hydraulics.subgrid import Channel, Subgrid, fine_depth
from anlan.hydraulics.tracking import Tracked
from anlan.hydraulics.works import (
    Bridge,
    Culvert,
    DifferenceCondition,
    Gate,
    LevelCondition,
    Pump,
    Rule,
    Structure,
    TimeCondition,
    Weir,
)

__all__ = [
    "Boundary",
    "Breach",
    "Bridge",
    "Budget",
    "Channel",
    "Constant",
    "Culvert",
    "DifferenceCondition",
    "Faces",
    "Gate",
    "GreenAmpt",
    "Horton",
    "Infiltration",
    "LevelCondition",
    "Model",
    "Pump",
    "Rule",
    "Series",
    "ShallowWater",
    "Source",
    "State",
    "Structure",
    "Subgrid",
    "TimeCondition",
    "Tracked",
    "Weir",
    "edge_faces",
    "fine_depth",
    "run",
]
