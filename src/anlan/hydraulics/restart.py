"""A state as the user holds it, and the water of a run: there and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from anlan.hydraulics import checks
from anlan.hydraulics.arrays import PAD, Run, Water
from anlan.hydraulics.domain import Domain
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.readings import face_velocities, flows
from anlan.hydraulics.soil import Soil
from anlan.hydraulics.state import State
from anlan.hydraulics.works import Works


def blank_water(domain: Domain) -> Water:
    """Dry ground."""
    at, real = domain.layout, domain.real
    velocities = [
        at.zeros(real) if domain.keeps_velocities else np.zeros((1, 1), real) for _ in range(2)
    ]
    return Water(*(at.zeros(real) for _ in range(4)), *velocities)


def water_of(domain: Domain, run: Run, state: State) -> Water:
    """The water of a state, in arrays of its own.

    Raises:
        ValueError: an array of the wrong shape, or depth negative or not finite on an active cell.
    """
    at, active = domain.layout, domain.active
    depth = domain.of_members("depth", state.depth, domain.shape)
    for member in depth:
        checks.every(
            "depth",
            member,
            (np.isfinite(member) & (member >= 0.0)) | ~active,
            "must be finite and at least 0 m on active cells",
        )
    depth = np.where(active, depth, 0.0)
    h = depth.astype(domain.real)
    if state.carry is None:
        carry = depth - h
    else:
        carry = domain.of_members("carry", state.carry, domain.shape)
    w = blank_water(domain)
    at.at_cells(w.h)[...] = h
    at.at_cells(w.c)[...] = carry
    for name, value, out in zip(("qx", "qy"), (state.qx, state.qy), flows(domain, w), strict=True):
        if value is None:
            continue
        if domain.flows_at_cells:
            field = domain.of_members(name, value, domain.shape)
            out[...] = np.where(depth > 0.0, field, 0.0)
        else:
            _fill_faces(domain, run, name, value, out)
    moving = (state.qx, state.qy, state.ux, state.uy)
    if domain.keeps_velocities and any(given is not None for given in moving):
        ux, uy = state.ux, state.uy
        if ux is None or uy is None:
            x, y = face_velocities(domain, run.ground, w)
            ux, uy = x if ux is None else ux, y if uy is None else uy
        _fill_faces(domain, run, "ux", ux, at.at_x_faces(w.ux))
        _fill_faces(domain, run, "uy", uy, at.at_y_faces(w.uy))
    return w


def state_of(
    domain: Domain, run: Run, water: Water, works: Works, soil: Soil, drainage: Any
) -> State:
    """What continues a run bit for bit, in the run's own arrays."""
    at, clock, shown = domain.layout, run.clock, domain.shown
    qx, qy = flows(domain, water)
    moves = domain.keeps_velocities
    return State(
        time=float(clock.time.min()) if domain.single else clock.time.copy(),
        depth=shown(at.at_cells(water.h)),
        qx=shown(qx),
        qy=shown(qy),
        carry=shown(at.at_cells(water.c)),
        ux=shown(at.at_x_faces(water.ux)) if moves else None,
        uy=shown(at.at_y_faces(water.uy)) if moves else None,
        speed=shown(clock.speed.copy()),
        last_step=shown(clock.last.copy()),
        works=shown(works.memory),
        soil=shown(at.at_cells(soil.memory)) if soil.lasting else None,
        drainage=drainage,
    )


def _fill_faces(domain: Domain, run: Run, name: str, value: Array, out: Array) -> None:
    """Put a field given at faces into its padded array; nothing flows where it is closed."""
    field = domain.of_members(name, value, out.shape[1:])
    for member in field:
        checks.every(name, member, np.isfinite(member), "must be finite")
    open_face = np.zeros(out.shape[1:], np.bool_)
    active, ways = domain.active, run.ways
    if name.endswith("x"):
        open_face[:, 1:-1] = active[:, 1:] & active[:, :-1]
        mine = slice(0, int(ways.start_y[0]))
    else:
        open_face[1:-1] = active[1:] & active[:-1]
        mine = slice(int(ways.start_y[0]), None)
    edge = ways.inward[mine] != 0
    open_face[ways.row[mine][edge] - PAD, ways.column[mine][edge] - PAD] = True
    out[...] = np.where(open_face, field, 0.0)
