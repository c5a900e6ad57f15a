"""Everything at once: rain, soil, tide, inflow, a breach, structures and drains; where the water went."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from anlan.hydraulics import (
    Boundary,
    Breach,
    Culvert,
    Gate,
    Horton,
    Pump,
    Series,
    ShallowWater,
    Source,
    Weir,
    edge_faces,
)
from anlan.hydraulics.drainage import Conduit, CrossSection, Drainage, Junction, Network, Outfall
from validation.flow import SCHEMES, Precision, Scheme, make_model
from validation.record import Figure, Section, Table, Volume, number

SIDE, DX = 80, 20.0
END = 7200.0
RAIN = 60e-3 / 3600.0
DIKE = 40  # column


def _network() -> Network:
    """Two manholes on a sewer that ends in a free outfall."""
    pipe = CrossSection("circular", 0.8)
    return Network(
        [Junction("upper", -2.0), Junction("lower", -2.4), Outfall("end", -3.0)],
        [
            Conduit("first", "upper", "lower", pipe, 200.0, 0.013),
            Conduit("second", "lower", "end", pipe, 200.0, 0.013),
        ],
    )


def model(scheme: Scheme, precision: Precision) -> ShallowWater:
    """A town behind a dike: the river and the tide on one side, rain and drains on the other."""
    rng = np.random.default_rng(5)
    x = np.arange(SIDE) * DX
    bed = rng.normal(0.0, 0.15, (SIDE, SIDE)) + 0.5 * np.sin(x / 300.0)[None, :] - 0.3
    active = np.ones(bed.shape, np.bool_)
    crest = np.full((SIDE, SIDE + 1), -np.inf)
    crest[:, DIKE] = 1.2
    tide_times = np.arange(0.0, END + 1.0, 300.0)
    tide = Series(tide_times, 0.4 + 0.9 * np.sin(2.0 * math.pi * tide_times / END))
    return make_model(
        bed,
        DX,
        rng.uniform(0.02, 0.08, bed.shape),
        level=np.where(np.arange(SIDE) < DIKE, 0.4, -9.0) * np.ones((SIDE, 1)),
        scheme=scheme,
        precision=precision,
        face_crest_x=crest,
        breaches=[Breach([("x", j, DIKE) for j in range(30, 34)], 1800.0, -0.2, 600.0)],
        boundaries=[
            Boundary("level", edge_faces(active, "west", 0, 39), tide),
            Boundary("discharge", edge_faces(active, "west", 40, 49), 30.0),
            Boundary("normal_depth", edge_faces(active, "east", 0, 19), slope=1e-3),
            Boundary("open", edge_faces(active, "east", 60, 79)),
        ],
        sources=[
            Source((np.array([70]), np.array([60])), 1.0),
            Source((np.array([10]), np.array([60])), -0.2),
        ],
        infiltration=Horton(30e-3 / 3600.0, 3e-3 / 3600.0, 1.0 / 1800.0),
        structures=(
            Weir("weir", (5, DIKE - 1), (5, DIKE), crest=0.5, width=8.0),
            Gate("gate", (15, DIKE), (15, DIKE - 1), sill=-0.3, width=4.0, height=1.0, flap=True),
            Culvert("culvert", (25, DIKE - 1), (25, DIKE), -0.4, -0.5, 40.0, diameter=1.0),
            Pump("pump", (60, DIKE + 10), (60, DIKE - 1), 1.5, start_level=0.0, stop_level=-0.2),
        ),
        drainage=Drainage(_network(), cells={"upper": (50, 55), "lower": (50, 65)}),
    )


def run(images: Path, quick: bool) -> Section:
    """The budget of every scheme and precision."""
    rows, volumes = [], []
    worst: dict[Precision, float] = {"single": 0.0, "double": 0.0}
    for scheme in SCHEMES:
        for precision in worst:
            made = model(scheme, precision)
            made.set_rain(RAIN)
            made.set_evaporation(5e-3 / 86_400.0)
            made.run_until(END)
            b = made.budget
            worst[precision] = max(worst[precision], abs(b.relative_error))
            volumes.append(Volume(scheme, precision, b.relative_error))
            moved = sum(abs(v) for v in b.structures.values())
            terms = (
                b.initial,
                b.rain,
                b.inflow,
                b.outflow,
                b.infiltration,
                b.evaporation,
                b.drained,
            )
            rows.append(
                (
                    scheme.replace("_", " "),
                    precision,
                    *(f"{term:,.0f}" for term in terms),
                    f"{moved:,.0f}",
                    f"{b.storage:,.0f}",
                    number(abs(b.relative_error), 2),
                )
            )
    return Section(
        name="everything",
        title="Volume with everything on",
        source="The budget of the core, summed in double precision.",
        setup=f"{SIDE} × {SIDE} cells of {DX:g} m on a random bed with random roughness, two hours: rain of 60 mm/h, infiltration of "
        "Horton, evaporation, a tide, a river, an outflow at normal depth and an open one, a point source and a point sink, a "
        "dike that breaches, weir, flap gate, culvert and pump through it, and a sewer with two inlets.",
        figures=(
            Figure("largest volume error, single precision", worst["single"], "", 1e-6),
            Figure("largest volume error, double precision", worst["double"], "", 1e-12),
        ),
        tables=(
            Table(
                "Where the water went, m³",
                (
                    "scheme",
                    "precision",
                    "initial",
                    "rain",
                    "inflow",
                    "outflow",
                    "infiltration",
                    "evaporation",
                    "drained",
                    "through structures",
                    "storage",
                    "relative error",
                ),
                tuple(rows),
            ),
        ),
        volumes=tuple(volumes),
    )
