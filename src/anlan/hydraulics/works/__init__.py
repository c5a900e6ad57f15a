"""Hydraulic structures: what a user writes, and what a run does with them.

Structures
    ``Weir``, ``Gate``, ``Culvert``, ``Pump`` between two cells; ``Bridge`` over faces.
Rules of operation
    ``Rule`` with ``LevelCondition``, ``DifferenceCondition`` and ``TimeCondition``.
For the models of this package
    ``check_structures``, ``pack_works``, ``pack_bridges``; compiled: ``set_discharges``,
    ``limited_volume``, ``bridge_loss``, ``through_bridge``.
"""

from anlan.hydraulics.works.bridges import Bridges, bridge_loss, through_bridge
from anlan.hydraulics.works.flow import Works, set_discharges
from anlan.hydraulics.works.kinds import Bridge, Culvert, Gate, Pump, Structure, Weir
from anlan.hydraulics.works.laws import limited_volume
from anlan.hydraulics.works.pack import check_structures, pack_bridges, pack_works
from anlan.hydraulics.works.rules import (
    DifferenceCondition,
    LevelCondition,
    Rule,
    TimeCondition,
)

__all__ = [
    "Bridge",
    "Bridges",
    "Culvert",
    "DifferenceCondition",
    "Gate",
    "LevelCondition",
    "Pump",
    "Rule",
    "Structure",
    "TimeCondition",
    "Weir",
    "Works",
    "bridge_loss",
    "check_structures",
    "limited_volume",
    "pack_bridges",
    "pack_works",
    "set_discharges",
    "through_bridge",
]
