"""All structures in one compiled call per step."""

from __future__ import annotations

from typing import NamedTuple

from anlan.hydraulics.numerics import Array
from anlan.hydraulics.works.compiled import law
from anlan.hydraulics.works.culverts import Barrel, culvert_discharge
from anlan.hydraulics.works.laws import gate_discharge, on_curve, weir_discharge
from anlan.hydraulics.works.operation import (
    OPENING,
    RUNNING,
    RuleTable,
    follow_rules,
    mind_levels,
    move_opening,
)

WEIR, GATE, CULVERT, PUMP = 0, 1, 2, 3


class Curves(NamedTuple):
    """Capacities of pumps.

    Attributes:
        first: (k + 1,) int64 points of structure k are [first[k], first[k + 1]).
        head: (p,) m.
        discharge: (p,) m3/s.
    """

    first: Array
    head: Array
    discharge: Array


class Works(NamedTuple):
    """Structures between cells, k of them in the order given; levels relative to the run's zero.

    The caller gathers the levels of ``cell`` before each call of ``set_discharges``, moves the
    water (see ``limited_volume``), and writes what truly moved into ``discharge`` and ``volume``.
    ``memory`` is all that a restart needs.

    Attributes:
        kind: (k,) int64.
        cell: (w,) int64 flat indices of all cells whose level is looked at.
        from_at: (k,) int64 places of the cells among these.
        to_at: (k,) int64 see ``from_at``.
        sensor_at: (k,) int64 see ``from_at``; a pump's sensor.
        from_cell: (k,) int64 flat index.
        to_cell: (k,) int64 flat index.
        lifts: (k,) bool, whether it is a pump.
        flap: (k,) bool, whether water passes from -> to alone.
        crest: (k,) m, level below which it draws nothing; -inf for a pump.
        width: (k,) m.
        height: (k,) m.
        coefficient: (k,).
        speed: (k,) share per second.
        start: (k,) m.
        stop: (k,) m.
        curves: capacities of pumps.
        barrels: (k,) each, measures of culverts; 0 for other kinds.
        rules: rules of operation.
        memory: (members, k, 3) running, share open, target.
        discharge: (members, k) m3/s, positive from -> to.
        volume: (members, k) m3 moved so far.
    """

    kind: Array
    cell: Array
    from_at: Array
    to_at: Array
    sensor_at: Array
    from_cell: Array
    to_cell: Array
    lifts: Array
    flap: Array
    crest: Array
    width: Array
    height: Array
    coefficient: Array
    speed: Array
    start: Array
    stop: Array
    curves: Curves
    barrels: Barrel
    rules: RuleTable
    memory: Array
    discharge: Array
    volume: Array


@law
def _barrel(all_of: Barrel, k: int) -> Barrel:
    return Barrel(
        all_of.is_round[k],
        all_of.width[k],
        all_of.height[k],
        all_of.length[k],
        all_of.manning[k],
        all_of.losses[k],
        all_of.barrels[k],
        all_of.inlet_level[k],
        all_of.outlet_level[k],
        all_of.form[k],
        all_of.k[k],
        all_of.m[k],
        all_of.c[k],
        all_of.y[k],
        all_of.free_head[k],
        all_of.full_head[k],
    )


@law
def _passed(works: Works, k: int, share: float, forward: bool, up: float, down: float) -> float:
    """Discharge of weir, gate or culvert ``k`` from the higher to the lower level, m3/s."""
    crest = works.crest[k]
    if works.kind[k] == CULVERT:
        b = _barrel(works.barrels, k)
        near = b.inlet_level if forward else b.outlet_level
        far = b.outlet_level if forward else b.inlet_level
        return share * culvert_discharge(b, near, far, up, down)
    if works.kind[k] == GATE:
        # An endless height times a share of 0 is no number.
        opening = works.height[k] * share if share > 0.0 else 0.0
        return gate_discharge(
            works.width[k], opening, works.coefficient[k], up - crest, down - crest
        )
    return weir_discharge(works.width[k] * share, works.coefficient[k], up - crest, down - crest)


@law
def set_discharges(
    works: Works, memory: Array, discharge: Array, level: Array, time: float, dt: float
) -> None:
    """Follow the rules, and find what every structure would pass now.

    Args:
        works: the structures.
        memory: (k, 3) of one member, changed in place.
        discharge: (k,) of that member, filled, m3/s, positive from -> to; not yet limited by the
            water at hand.
        level: (w,) float64 levels at ``works.cell`` in that member, m; a dry cell stands at its
            bed.
        time: since the start of the run, s.
        dt: step over which openings move, s.
    """
    for k in range(works.kind.shape[0]):
        follow_rules(works.rules, k, memory, level, time)
        a = level[works.from_at[k]]
        b = level[works.to_at[k]]
        if works.kind[k] == PUMP:
            mind_levels(k, memory, level[works.sensor_at[k]], works.start[k], works.stop[k])
            discharge[k] = 0.0
            if memory[k, RUNNING] == 1.0:
                curves = works.curves
                discharge[k] = on_curve(
                    curves.head, curves.discharge, curves.first[k], curves.first[k + 1], b - a
                )
            continue
        move_opening(k, memory, works.speed[k], dt)
        forward = a >= b
        if works.flap[k] and not forward:
            discharge[k] = 0.0
            continue
        passed = _passed(works, k, memory[k, OPENING], forward, max(a, b), min(a, b))
        discharge[k] = passed if forward else -passed
