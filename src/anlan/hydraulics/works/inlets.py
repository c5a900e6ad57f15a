"""What the shape of a culvert's inlet does to the water that enters it: published constants.

Source: FHWA, Hydraulic Design Series 5 (HDS-5), third edition 2012, FHWA-HIF-12-026, table A.1,
from experiments of the US National Bureau of Standards. They hold for barrels from about 0.3 to
4.5 m high under up to some three barrel heights of water.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Inlet(NamedTuple):
    """Constants of equations A.1 to A.3 for one kind of inlet.

    Attributes:
        form: 1 where the critical head enters the unsubmerged equation, 2 where it does not.
        k: factor of the unsubmerged equation.
        m: power of the unsubmerged equation.
        c: factor of the submerged equation.
        y: constant of the submerged equation.
    """

    form: int
    k: float
    m: float
    c: float
    y: float


ROUND: Mapping[str, Inlet] = {
    "headwall": Inlet(1, 0.0098, 2.0, 0.0398, 0.67),
    "groove_headwall": Inlet(1, 0.0018, 2.0, 0.0292, 0.74),
    "groove_projecting": Inlet(1, 0.0045, 2.0, 0.0317, 0.69),
    "metal_headwall": Inlet(1, 0.0078, 2.0, 0.0379, 0.69),
    "metal_mitered": Inlet(1, 0.0210, 1.33, 0.0463, 0.75),
    "metal_projecting": Inlet(1, 0.0340, 1.50, 0.0553, 0.54),
    "bevel_45": Inlet(1, 0.0018, 2.5, 0.0300, 0.74),
    "bevel_33": Inlet(1, 0.0018, 2.5, 0.0243, 0.83),
}
"""Inlets of round barrels: square-edged concrete in a headwall first, which is the default."""

BOX: Mapping[str, Inlet] = {
    "wingwall_90": Inlet(1, 0.061, 0.75, 0.0400, 0.80),
    "wingwall_30_75": Inlet(1, 0.026, 1.0, 0.0347, 0.81),
    "wingwall_0": Inlet(1, 0.061, 0.75, 0.0423, 0.82),
    "wingwall_45_bevel": Inlet(2, 0.510, 0.667, 0.0309, 0.80),
    "wingwall_18_33_bevel": Inlet(2, 0.486, 0.667, 0.0249, 0.83),
    "headwall_chamfer": Inlet(2, 0.515, 0.667, 0.0375, 0.79),
    "headwall_bevel_45": Inlet(2, 0.495, 0.667, 0.0314, 0.82),
    "headwall_bevel_33": Inlet(2, 0.486, 0.667, 0.0252, 0.865),
}
"""Inlets of boxes: wingwalls at 90 (or 15) degrees first, which is the default."""
