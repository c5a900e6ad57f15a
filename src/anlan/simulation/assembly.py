"""From the tables of a simulation to a model of the core: the one place that builds it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.hydraulics import (
    Boundary,
    Breach,
    Constant,
    Faces,
    GreenAmpt,
    Horton,
    Series,
    ShallowWater,
    Source,
    State,
    Structure,
    Subgrid,
)
from anlan.refusal import Refusal
from anlan.simulation.document import BarrierTable, Initial, Roughness, Simulation
from anlan.simulation.drains import drainage_at_cells
from anlan.simulation.fields import at_cells, limits_of
from anlan.simulation.forcing import BoundaryTable, Infiltration, SourceTable
from anlan.simulation.grid import EdgeFace, Grid, Side
from anlan.simulation.lines import Crossing, level_along, nearest_along, vertex_distances
from anlan.simulation.rain import MM_PER_HOUR
from anlan.simulation.record import SeriesValue
from anlan.simulation.series import TimeTable, read_series
from anlan.simulation.structure import StructureTable

PER_HOUR = 1.0 / 3600.0
SIDES: tuple[Side, ...] = ("west", "east", "south", "north")
LAWS: Mapping[str, type[Constant | Horton | GreenAmpt]] = {
    "constant": Constant,
    "horton": Horton,
    "green_ampt": GreenAmpt,
}
# From the unit of a file to that of the core.
INFILTRATION_UNITS: Mapping[str, float] = {
    "rate": MM_PER_HOUR,
    "initial": MM_PER_HOUR,
    "final": MM_PER_HOUR,
    "conductivity": MM_PER_HOUR,
    "decay": PER_HOUR,
    "recovery": PER_HOUR,
    "suction": 1.0,
    "deficit": 1.0,
}


# Cells that keep a thread busy for longer than it waits for the others in a step.
CELLS_OF_A_THREAD = 20_000


def threads_of(simulation: Simulation, cells: int) -> int:
    """Cores that a simulation uses: as it says, or all that this process may and ``cells`` need."""
    at_most = len(os.sched_getaffinity(0))
    return simulation.scheme.threads or min(at_most, 1 + cells // CELLS_OF_A_THREAD)


def has_tables(simulation: Simulation, grid: Grid) -> bool:
    """Whether the cells of a run keep their finer ground in sub-grid tables.

    Raises:
        Refusal: what needs the tables stands beside what does without them.
    """
    terrain, scheme = simulation.terrain, simulation.scheme
    if grid.fine is not None and terrain.subgrid:
        for key, value, instead in (
            ("[scheme] name", scheme.name, "second_order"),
            ("[scheme] device", scheme.device, "cuda"),
        ):
            if value == instead:
                raise Refusal(
                    f'{key} = "{value}" takes no ground finer than its cells; give [terrain] '
                    "subgrid = false for its mean",
                    field=key,
                    value=value,
                    remedy="[terrain] subgrid = false",
                )
        return True
    needing = "[[channel]]" if simulation.channels else ""
    if grid.porosity is not None:
        needing = '[terrain] building_mode = "porous"'
    if needing:
        raise Refusal(
            f"{needing} needs [terrain] subgrid = true; leave subgrid out",
            field="[terrain] subgrid",
            value=False,
            remedy="leave subgrid out",
        )
    return False


def tables_at_cells(simulation: Simulation, grid: Grid) -> Subgrid:
    """What the finer ground stores and lets through at each level."""
    assert grid.fine is not None
    finer = grid.finer()
    limits = limits_of(Roughness, "manning")
    return Subgrid.from_fine(
        grid.fine,
        grid.factor,
        finer.dx,
        at_cells(simulation.roughness.manning, finer, "[roughness] manning", limits),
        active=grid.active,
        porosity=grid.porosity,
    )


def settings(simulation: Simulation, cells: int) -> dict[str, Any]:
    """Scheme and machine, as the core takes them."""
    scheme = simulation.scheme
    return {
        "scheme": scheme.name,
        "precision": scheme.precision,
        "device": scheme.device,
        "threads": threads_of(simulation, cells),
        "courant": scheme.courant,
        "max_step": scheme.max_step,
    }


def assemble(simulation: Simulation, grid: Grid) -> ShallowWater:
    """The model of a simulation, with its initial water, before its first rain.

    Raises:
        Refusal: a table that does not fit the terrain or that the core does not take; the
            sentence names table, value and remedy.
    """
    crest_x, crest_y, breaches = barriers_at_faces(simulation.barriers, grid)
    ground: dict[str, Any]
    if has_tables(simulation, grid):
        ground = {"bed_elevation": tables_at_cells(simulation, grid)}
    else:
        limits = limits_of(Roughness, "manning")
        manning = at_cells(simulation.roughness.manning, grid, "[roughness] manning", limits)
        ground = {"bed_elevation": grid.bed, "manning": manning}
    more: dict[str, Any] = {}
    if simulation.drainage is not None:
        more["drainage"] = drainage_at_cells(simulation.drainage, grid)
    try:
        model = ShallowWater(
            dx=grid.dx,
            **ground,
            active=grid.active,
            face_crest_x=crest_x,
            face_crest_y=crest_y,
            breaches=breaches,
            boundaries=boundaries_at_faces(simulation.boundaries, grid),
            sources=[
                source_at_cells(table, number, grid)
                for number, table in enumerate(simulation.sources, start=1)
            ],
            infiltration=infiltration_at_cells(simulation.infiltration, grid),
            structures=[structure_at(table, grid) for table in simulation.structures],
            **settings(simulation, grid.ny * grid.nx),
            **more,
        )
        _fill(model, simulation.initial, grid, simulation.scheme.name)
        if simulation.evaporation is not None:
            model.set_evaporation(simulation.evaporation.rate * MM_PER_HOUR)
        if simulation.wind is not None:
            model.set_wind(*simulation.wind.stress)
    except (ValueError, RuntimeError) as problem:
        raise Refusal(f"the simulation cannot be built: {problem}", field="simulation") from None
    return model


def barriers_at_faces(
    tables: tuple[BarrierTable, ...], grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Breach]]:
    """Crests on faces, -inf where there is none, and the faces whose crest falls.

    Where two lines cross one link, the higher crest holds.

    Raises:
        Refusal: a line that crosses no link inside the domain.
    """
    crests = {
        "x": np.full((grid.ny, grid.nx + 1), -np.inf),
        "y": np.full((grid.ny + 1, grid.nx), -np.inf),
    }
    breaches: list[Breach] = []
    for number, table in enumerate(tables, start=1):
        crossed = [c for c in grid.crossings(table.polyline) if _inside(c, grid)]
        if not crossed:
            raise _apart(f"[[barrier]] no. {number} polyline", table.polyline, grid)
        for c in crossed:
            crest = float(level_along(table.polyline, table.crest, c.along))
            at = crests[c.axis]
            at[c.row, c.column] = max(at[c.row, c.column], crest)
        if table.breach is not None:
            breach = table.breach
            middle = (
                0.5 * float(vertex_distances(table.polyline)[-1])
                if breach.point is None
                else nearest_along(table.polyline, breach.point)
            )
            away = {c: abs(c.along - middle) for c in crossed}
            falling = [c for c in crossed if away[c] <= 0.5 * breach.width]
            falling = falling or [min(crossed, key=away.__getitem__)]
            faces = [(c.axis, c.row, c.column) for c in falling]
            breaches.append(Breach(faces, breach.time, breach.crest, breach.duration))
    return crests["x"], crests["y"], breaches


def stretches_of(
    tables: tuple[BoundaryTable, ...], grid: Grid
) -> list[tuple[BoundaryTable, list[EdgeFace]]]:
    """The faces of each stretch of the edge; a face of two stretches belongs to the later one.

    Raises:
        Refusal: a stretch without a face.
    """
    owner: dict[EdgeFace, int] = {}
    for number, table in enumerate(tables):
        what = f"[[boundary]] no. {number + 1}"
        if table.polyline is not None:
            faces = grid.edge_crossed(table.polyline)
            if not faces:
                raise Refusal(
                    f"{what} polyline crosses no link out of the domain; draw it along the "
                    f"domain's edge, at most half a cell ({0.5 * grid.dx:g} m) off: the domain "
                    f"spans {grid.area_words()}",
                    field=f"{what} polyline",
                    value=table.polyline,
                    remedy="a line along the domain's edge",
                )
        else:
            assert table.side is not None
            faces = grid.side(table.side, table.from_, table.to)
            if not faces:
                raise Refusal(
                    f"{what}: no cell of the domain lies on the {table.side} side between from "
                    f"and to; the domain spans {grid.area_words()}",
                    field=what,
                    remedy="a stretch that meets the domain",
                )
        owner.update(dict.fromkeys(faces, number))
    found = []
    for number, table in enumerate(tables):
        own = [face for face, holder in owner.items() if holder == number]
        if not own:
            raise Refusal(
                f"[[boundary]] no. {number + 1}: later boundaries take all of its faces; "
                "leave it out, or shorten them",
                field=f"[[boundary]] no. {number + 1}",
                remedy="leave it out",
            )
        found.append((table, own))
    return found


def boundaries_at_faces(tables: tuple[BoundaryTable, ...], grid: Grid) -> list[Boundary]:
    """The stretches that are not closed, as the core takes them."""
    made = []
    for table, faces in stretches_of(tables, grid):
        if table.kind == "closed":
            continue
        value: float | Series = table.value or 0.0
        if table.series is not None:
            value = _series(table.series, "value")
        made.append(Boundary(table.kind, _faces(faces), value=value, slope=table.slope or 0.0))
    return made


def source_at_cells(table: SourceTable, number: int, grid: Grid) -> Source:
    """Cells and discharge of a source.

    Raises:
        Refusal: it lies outside the domain, or its series cannot be read.
    """
    what = f"[[source]] no. {number}"
    if table.point is not None:
        cells = [grid.cell(table.point, f"{what} point")]
        if table.radius is not None:
            disc = shapely.Point(table.point).buffer(table.radius, quad_segs=32)
            cells = grid.cells_within(disc) or cells
    else:
        assert table.polygon is not None
        area = shapely.Polygon(table.polygon)
        cells = grid.cells_within(area)
        if not cells:
            middle = area.representative_point()
            cells = [grid.cell((middle.x, middle.y), f"{what} polygon")]
    discharge = table.discharge
    return Source(
        cells=tuple(np.array(axis) for axis in zip(*cells, strict=True)),
        discharge=_series(table.series, "discharge") if discharge is None else discharge,
    )


def infiltration_at_cells(table: Infiltration, grid: Grid) -> Constant | Horton | GreenAmpt | None:
    """The ground's thirst in SI units; None where it takes nothing."""
    if table.model == "none":
        return None
    law: type[Constant | Horton | GreenAmpt] = LAWS[table.model]
    values: dict[str, Any] = {}
    for name, unit in INFILTRATION_UNITS.items():
        given = getattr(table, name)
        if given is not None:
            limits = limits_of(Infiltration, name)
            values[name] = at_cells(given, grid, f"[infiltration] {name}", limits) * unit
    return law(**values)


def structure_at(table: StructureTable, grid: Grid) -> Structure:
    """A structure between cells, or over the faces that its axis spans.

    Raises:
        Refusal: a place outside the domain, or an axis that crosses no link.
    """
    what = f"[[structure]] '{table.name}'"
    faces: list[tuple[str, int, int]] = []
    if table.kind == "bridge":
        axis = (table.from_, table.to)
        faces = [(c.axis, c.row, c.column) for c in grid.crossings(axis) if _inside(c, grid)]
        if not faces:
            raise _apart(f"{what} from and to", axis, grid)
    try:
        return table.build(lambda point: grid.cell(point, f"{what} at"), faces=faces)
    except Refusal as problem:
        if problem.message.startswith(what):
            raise
        raise Refusal(
            f"{what}: {problem.message}", field=what, value=problem.value, remedy=problem.remedy
        ) from None


def _fill(model: ShallowWater, initial: Initial, grid: Grid, scheme: str) -> None:
    state = model.state
    if initial.level is not None:
        state = model.still_water(at_cells(initial.level, grid, "[initial] level"))
    elif initial.depth is not None:
        depth = at_cells(initial.depth, grid, "[initial] depth", limits_of(Initial, "depth"))
        state = State(time=0.0, depth=np.broadcast_to(depth, (grid.ny, grid.nx)))
    for axis, name in ((1, "discharge_x"), (0, "discharge_y")):
        value = getattr(initial, name)
        if value is None:
            continue
        at = at_cells(value, grid, f"[initial] {name}")
        q = np.nan_to_num(np.broadcast_to(at, (grid.ny, grid.nx)))
        if scheme != "second_order":  # which keeps its discharges at cells
            q = _inner_faces(q, axis)
        state = replace(state, **{"qx" if axis else "qy": q})
    model.restore(replace(state, carry=None, speed=None))


def _inner_faces(q: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Mean of the two cells of each face; nothing through the outer ones."""
    inner = 0.5 * (np.delete(q, 0, axis) + np.delete(q, -1, axis))
    wide = [(0, 0), (0, 0)]
    wide[axis] = (1, 1)
    return np.pad(inner, wide)


def _faces(own: list[EdgeFace]) -> list[Faces]:
    """The faces of a stretch, side by side."""
    return [
        Faces(
            rows=np.array([face.cell[0] for face in own if face.side == side], np.int64),
            columns=np.array([face.cell[1] for face in own if face.side == side], np.int64),
            side=side,
        )
        for side in SIDES
        if any(face.side == side for face in own)
    ]


def _series(given: SeriesValue | None, column: str) -> Series:
    assert given is not None
    table = given if isinstance(given, TimeTable) else read_series(given, column)
    return Series(table.times, table.values)


def _inside(crossing: Crossing, grid: Grid) -> bool:
    row, column = crossing.row, crossing.column
    before = (row, column - 1) if crossing.axis == "x" else (row - 1, column)
    return grid.holds(before) and grid.holds((row, column))


def _apart(what: str, line: object, grid: Grid) -> Refusal:
    return Refusal(
        f"{what} crosses no link between cells of the domain; lengthen it or move it: the domain "
        f"spans {grid.area_words()} and its cells measure {grid.dx:g} m",
        field=what,
        value=line,
        remedy="a line that crosses the domain",
    )
