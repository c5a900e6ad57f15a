"""What a SFINCS simulation has at places: levels, outflow, discharges, dams, pumps, watches."""

from __future__ import annotations

import itertools

import numpy as np

from anlan.simulation.document import BarrierTable, GaugeTable, SectionTable
from anlan.simulation.forcing import BoundaryTable, SourceTable
from anlan.simulation.other_models import WALL, KeyFile, at_line
from anlan.simulation.outlines import Face, cells_beside, faces_between, lines_along
from anlan.simulation.record import Line as Polyline
from anlan.simulation.series import TimeTable
from anlan.simulation.sfincs_grid import ACTIVE, LEVEL, OUTFLOW, CellGrid
from anlan.simulation.sfincs_series import (
    AtPoint,
    Clock,
    mixed,
    points_of,
    series_at_points,
    spun_up,
)
from anlan.simulation.structure import StructureTable
from anlan.simulation.text_lines import Line, read_lines

# A pump runs while the water at its intake is so deep: from, until, m.
STARTS, STOPS = 0.01, 0.001
DRAIN_KINDS = {2: "a culvert", 3: "a check valve", 4: "a gate", 5: "a gate"}


class Places:
    """Reads the files that speak of places on the grid of a simulation."""

    def __init__(self, keys: KeyFile, grid: CellGrid, clock: Clock) -> None:
        self.keys = keys
        self.grid = grid
        self.clock = clock

    def boundaries(self) -> tuple[BoundaryTable, ...]:
        """Open edges beside the cells of mask 3, levels beside those of mask 2."""
        mask, raster = self.grid.mask, self.grid.raster(self.grid.bed)
        leaving = lines_along(faces_between(mask == ACTIVE, mask == OUTFLOW), raster)
        tables = [BoundaryTable(polyline=line, kind="open") for line in leaving]
        faces = faces_between(mask == ACTIVE, mask == LEVEL)
        if not faces:
            return tuple(tables)
        given = series_at_points(
            self.keys, self.clock, "bndfile", "bzsfile", "netbndbzsbzifile", "zs"
        )
        if not given:
            self.keys.notes.append("mask 2 without bndfile: levels of 0 m, as in SFINCS")
            still = TimeTable(np.zeros(1), np.zeros(1))
            line = self.keys.lines["mskfile"]
            given = [AtPoint(line, (self.grid.x0, self.grid.y0), still)]
        spin_up, start = self.keys.number("tspinup", 0.0), self.keys.number("zsini", 0.0)
        levels = [spun_up(one.series, start, spin_up) for one in given]
        together: dict[tuple[int, int, float], list[Face]] = {}
        for face in faces:
            together.setdefault(self._weight(face, given), []).append(face)
        tables += [
            BoundaryTable(polyline=line, kind="level", series=mixed(levels, *weight))
            for weight, group in together.items()
            for line in lines_along(group, raster)
        ]
        return tuple(tables)

    def _weight(self, face: Face, given: list[AtPoint]) -> tuple[int, int, float]:
        """The two points nearest to the cell of mask 2 beside a face, and the first one's share."""
        cell = next(cell for cell in cells_beside(face) if self.grid.mask[cell] == LEVEL)
        if len(given) == 1:
            return 0, 0, 1.0
        x, y = self.grid.centre(cell)
        away = np.array([np.hypot(one.point[0] - x, one.point[1] - y) for one in given])
        first, second = (int(k) for k in np.argsort(away, kind="stable")[:2])
        return first, second, float(away[second] / max(away[first] + away[second], 1e-9))

    def sources(self) -> tuple[SourceTable, ...]:
        """Discharges at points."""
        found = series_at_points(
            self.keys, self.clock, "srcfile", "disfile", "netsrcdisfile", "discharge"
        )
        for one in found:
            self.grid.must_hold(one.line, one.point, "the discharge at")
        return tuple(SourceTable(point=one.point, series=one.series) for one in found)

    # Dams and pumps

    def barriers(self) -> tuple[BarrierTable, ...]:
        """Thin dams, which no water passes, and weirs, which it passes over their crest."""
        found = []
        for line, _, rows in self._polylines("thdfile", 2):
            with at_line(line):
                found.append(BarrierTable(polyline=_plan(rows), crest=WALL))
        for line, _, rows in self._polylines("weirfile", 3):
            with at_line(line):
                crest = tuple(row[2] for row in rows)
                found.append(BarrierTable(polyline=_plan(rows), crest=crest))
        if "weirfile" in self.keys:
            self.keys.notes.append(
                "left aside: coefficients of weirs; water passes their crests by the scheme"
            )
        return tuple(found)

    def pumps(self) -> tuple[StructureTable, ...]:
        """Drainage pumps: a discharge from one place to another while there is water."""
        found = []
        for number, (line, intake) in enumerate(points_of(self.keys, "drnfile"), start=1):
            kind = line.number_at(4, "the type")
            if kind != 1.0:
                what = DRAIN_KINDS.get(round(kind), f"of type {kind:g}")
                raise line.refuse(
                    f"the drain is {what}, of which the file gives no measures that are used here",
                    'write it as [[structure]] of kind "culvert" or "gate" of a TOML file',
                    line.word(4, "the type"),
                )
            outlet = line.number_at(2, "x of the outlet"), line.number_at(3, "y of the outlet")
            cell = self.grid.must_hold(line, intake, "the intake at")
            self.grid.must_hold(line, outlet, "the outlet at")
            bed = float(self.grid.bed[cell])
            with at_line(line):
                found.append(
                    StructureTable(
                        name=f"drain {number}",
                        kind="pump",
                        from_=intake,
                        to=outlet,
                        parameters={
                            "capacity": line.number_at(5, "the discharge", least=0.0),
                            "start_level": bed + STARTS,
                            "stop_level": bed + STOPS,
                        },
                    )
                )
        return tuple(found)

    # Watches

    def gauges(self) -> tuple[GaugeTable, ...]:
        """The observation points that lie in cells of mask 1."""
        found: dict[str, GaugeTable] = {}
        for number, (line, point) in enumerate(points_of(self.keys, "obsfile"), start=1):
            name = " ".join(line.words[2:]).strip("'\" ") or f"station_{number:03d}"
            if self.grid.cell(point) is None:
                self.keys.notes.append(f"left aside: observation {name}, in no active cell")
                continue
            name = name if name not in found else f"{name} ({number})"
            found[name] = GaugeTable(name=name, point=point)
        return tuple(found.values())

    def sections(self) -> tuple[SectionTable, ...]:
        """The cross sections, positive to the left-hand side of their direction in both models."""
        found: dict[str, SectionTable] = {}
        for number, (line, name, rows) in enumerate(self._polylines("crsfile", 2), start=1):
            own = name if name not in found else f"{name} ({number})"
            with at_line(line):
                found[own] = SectionTable(name=own, polyline=_plan(rows))
        return tuple(found.values())

    def _polylines(self, key: str, columns: int) -> list[tuple[Line, str, list[tuple[float, ...]]]]:
        """Lines of a file: a name, a count of rows and columns, rows that begin with x and y."""
        path = self.keys.file(key)
        lines = iter(read_lines(path, "*") if path else [])
        found = []
        for head in lines:
            size = next(lines, head)
            count = size.number_at(0, "the count of rows") if size is not head else 0.0
            rows = list(itertools.islice(lines, max(int(count), 0)))
            if count < 2.0 or len(rows) != count:
                raise size.refuse(
                    f"{count:g} rows are announced and {len(rows)} follow",
                    "give a name, the count of rows and columns, and at least two rows",
                )
            numbers = [tuple(row.number_at(k, "xyz"[k]) for k in range(columns)) for row in rows]
            found.append((head, " ".join(head.words), numbers))
        return found


def _plan(rows: list[tuple[float, ...]]) -> Polyline:
    return tuple((row[0], row[1]) for row in rows)
