"""Drains under the grid: a SWMM network coupled to the cells that hold its nodes."""

from __future__ import annotations

from anlan.hydraulics.drainage import Drainage, Inlet, Outfall
from anlan.refusal import Refusal
from anlan.simulation.forcing import DrainageTable
from anlan.simulation.grid import Cell, Grid
from anlan.simulation.swmm import read_swmm


def drainage_at_cells(table: DrainageTable, grid: Grid) -> Drainage:
    """The network of a table, its nodes under the cells that hold them.

    Raises:
        Refusal: the file cannot be used, or none of its nodes lies in the domain.
    """
    file = read_swmm(table.swmm)
    cells: dict[str, Cell] = {}
    for node in file.network.nodes:
        if isinstance(node, Outfall) and (table.outfalls == "file" or node.kind != "free"):
            continue
        cell = _cell(file.coordinates.get(node.name), grid)
        if cell is not None:
            cells[node.name] = cell
    if not cells:
        raise Refusal(
            f"[drainage] swmm: no node of {table.swmm} lies in the domain "
            f"({grid.area_words()}); give [COORDINATES] in the terrain's system",
            field="[drainage] swmm",
            value=table.swmm,
            remedy="[COORDINATES] in the terrain's system",
        )
    inlet = Inlet(
        table.weir_length, table.orifice_area, table.weir_coefficient, table.orifice_coefficient
    )
    outfalls = {node.name for node in file.network.nodes if isinstance(node, Outfall)}
    return Drainage(file.network, cells, {name: inlet for name in cells if name not in outfalls})


def _cell(point: tuple[float, float] | None, grid: Grid) -> Cell | None:
    if point is None:
        return None
    try:
        return grid.cell(point, "node")
    except Refusal:
        return None
