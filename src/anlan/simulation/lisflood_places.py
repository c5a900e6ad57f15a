"""What a LISFLOOD-FP simulation has at places: boundaries, sources, weirs, gauges, sections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from anlan.simulation.document import BarrierTable, GaugeTable, SectionTable
from anlan.simulation.forcing import BoundaryTable, SourceTable
from anlan.simulation.grid import Cell, Side
from anlan.simulation.other_models import WALL, KeyFile, at_line, rising
from anlan.simulation.outlines import Face, cells_beside, face_of, faces_between, lines_along
from anlan.simulation.raster import Raster
from anlan.simulation.record import Point, nearest
from anlan.simulation.series import TimeTable
from anlan.simulation.structure import StructureTable
from anlan.simulation.text_lines import Line, read_lines

SIDES: dict[str, Side] = {"N": "north", "E": "east", "S": "south", "W": "west"}
# From a cell to its neighbour, in rows and columns.
STEPS: dict[Side, Cell] = {"north": (1, 0), "east": (0, 1), "south": (-1, 0), "west": (0, -1)}
UNITS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86400.0}
# Q = C L H^1.5 of critical flow without losses, m^0.5/s.
CRITICAL = (2.0 / 3.0) ** 1.5 * math.sqrt(9.81)


@dataclass(frozen=True)
class Condition:
    """What holds at a face or cell: a kind of `BoundaryTable`, its number or series, its line."""

    line: Line
    kind: Literal["closed", "open", "level", "discharge", "normal_depth"]
    value: float | TimeTable | None = None
    slope: float | None = None

    def times(self, width: float) -> float | TimeTable | None:
        """The value of a width, from that per unit width."""
        if isinstance(self.value, TimeTable):
            return replace(self.value, values=self.value.values * width)
        return None if self.value is None else self.value * width


class Places:
    """Reads the files that speak of places on the ground of a simulation.

    Attributes:
        ground: the DEM; once `boundaries` are read without the cells that keep a given level.
        sources: water put in at cells, once `boundaries` are read.
        barriers, weirs: what stands on faces.
    """

    def __init__(self, keys: KeyFile, dem: Raster) -> None:
        self.keys = keys
        self.ground = dem
        self.sources: tuple[SourceTable, ...] = ()
        self.barriers: tuple[BarrierTable, ...] = ()
        self.weirs: tuple[StructureTable, ...] = ()
        self._series = self._read_series()
        self._used: set[str] = set()
        self._read_weirs()

    # Boundaries and sources

    def boundaries(self) -> tuple[BoundaryTable, ...]:
        """Conditions along the raster's edge and around cells that keep a level."""
        at_faces: dict[Face, Condition] = {}
        if "drain_nodata" in self.keys:
            open_ = Condition(self.keys.lines["drain_nodata"], "open")
            has = np.isfinite(self.ground.values)
            at_faces |= dict.fromkeys(faces_between(has, ~has), open_)
        elif "nodata_elevation" in self.keys:
            line = self.keys.lines["nodata_elevation"]
            raise line.refuse(
                "nodata_elevation makes ground where the DEM has none",
                "leave it out: no data is a wall; or write the level into the DEM",
            )
        held: dict[Cell, Condition] = {}
        path = self.keys.file("bcifile")
        for line in read_lines(path) if path else []:
            where = line.words[0].upper()
            if where in SIDES:
                condition = self._condition(line, 3)
                side = SIDES[where]
                at_faces |= {face_of(c, side): condition for c in self._edge(line, side)}
            elif where == "P":
                self._at_point(line, held)
            elif where == "F":
                raise line.refuse(
                    "F is an outflow of a channel inside a cell, which this reader does not take",
                    "leave the line out, or write the channel as [[channel]] of a TOML file",
                )
            else:
                raise line.refuse(
                    f"{line.words[0]!r} stands where N, E, S, W or P belongs", "write one of them"
                )
        for name in sorted(set(self._series) - self._used):
            self.keys.notes.append(f"left aside: series {name} of the bdyfile, which none names")
        at_faces |= self._around(held)
        return self._tables(at_faces)

    def _edge(self, line: Line, side: Side) -> list[Cell]:
        """Cells of a stretch: from the one that holds its begin to before the one of its end."""
        dem = self.ground
        rows, columns = dem.values.shape
        along, count = (dem.x0, columns) if side in ("north", "south") else (dem.y0, rows)
        ends = sorted(
            min(max((line.number_at(k, "an end of the stretch") - along) / dem.dx, 0.0), count)
            for k in (1, 2)
        )
        # The rim is counted clockwise: where that is against the axis the other end is rounded.
        first, last = (
            count - math.floor(count - end) if side in ("east", "south") else math.floor(end)
            for end in ends
        )
        outer = {"north": rows - 1, "east": columns - 1}.get(side, 0)
        cells = [
            (outer, k) if side in ("north", "south") else (k, outer) for k in range(first, last)
        ]
        has = [cell for cell in cells if self._has_ground(cell)]
        if not has:
            self.keys.notes.append(
                f"{line.path.name}, line {line.number}: no cell of the DEM lies there; left aside"
            )
        return has

    def _at_point(self, line: Line, held: dict[Cell, Condition]) -> None:
        point = line.number_at(1, "x"), line.number_at(2, "y")
        condition = self._condition(line, 3)
        if condition.kind == "closed":
            return
        if condition.kind in ("open", "normal_depth"):
            raise line.refuse(
                "FREE at a point is an outflow of a channel inside a cell, which this reader does "
                "not take",
                "give FREE on N, E, S or W",
            )
        if condition.kind == "level":
            held[self._cell(line, point)] = condition
            return
        value = condition.times(self.ground.dx)
        given = {"series": value} if isinstance(value, TimeTable) else {"discharge": value}
        self.sources += (SourceTable(point=point, **given),)

    def _around(self, held: dict[Cell, Condition]) -> dict[Face, Condition]:
        """A cell that keeps a level leaves the domain; its level stands at its faces."""
        values = self.ground.values.copy()
        for cell in held:
            values[cell] = np.nan
        self.ground = replace(self.ground, values=values)
        found = {}
        for (row, column), condition in held.items():
            for side, (up, right) in STEPS.items():
                if self._has_ground((row + up, column + right)):
                    found[face_of((row, column), side)] = condition
        return found

    def _tables(self, at_faces: dict[Face, Condition]) -> tuple[BoundaryTable, ...]:
        together: dict[int, tuple[Condition, list[Face]]] = {}
        for face, condition in at_faces.items():
            if sum(self._has_ground(cell) for cell in cells_beside(face)) == 1:
                together.setdefault(id(condition), (condition, []))[1].append(face)
        tables = []
        for condition, faces in together.values():
            # A discharge is one of each face, so that all get the same, as per unit width.
            apart = condition.kind == "discharge"
            groups = [[face] for face in faces] if apart else [faces]
            value = condition.times(self.ground.dx) if apart else condition.value
            with at_line(condition.line):
                tables += [
                    BoundaryTable(
                        polyline=line,
                        kind=condition.kind,
                        value=None if isinstance(value, TimeTable) else value,
                        series=value if isinstance(value, TimeTable) else None,
                        slope=condition.slope,
                    )
                    for group in groups
                    for line in lines_along(group, self.ground)
                ]
        return tuple(tables)

    def _condition(self, line: Line, at: int) -> Condition:
        word = line.word(at, "the kind of boundary").upper()
        if word == "CLOSED":
            return Condition(line, "closed")
        if word == "FREE":
            slope = line.number_at(at + 1, "the slope", -1.0)
            if slope > 0.0:
                return Condition(line, "normal_depth", slope=slope)
            return Condition(line, "open")
        kinds: dict[str, Literal["level", "discharge"]] = {"H": "level", "Q": "discharge"}
        if word not in ("HFIX", "HVAR", "QFIX", "QVAR"):
            raise line.refuse(
                f"{word} is no kind of boundary",
                "write CLOSED, FREE, HFIX, HVAR, QFIX or QVAR",
                word,
            )
        if word.endswith("FIX"):
            return Condition(line, kinds[word[0]], line.number_at(at + 1, "the value"))
        name = line.word(at + 1, "the series")
        if name not in self._series:
            known = f"; the nearest there is {nearest(name, self._series)}" if self._series else ""
            raise line.refuse(
                f"the bdyfile has no series {name}{known}", "name one that is there", name
            )
        self._used.add(name)
        return Condition(line, kinds[word[0]], self._series[name])

    def _read_series(self) -> dict[str, TimeTable]:
        path = self.keys.file("bdyfile")
        lines = read_lines(path, "\0")[1:] if path else []  # the first line is a comment
        found = {}
        k = 0
        while k < len(lines):
            name = lines[k].words[0]
            if k + 1 == len(lines):
                raise lines[k].refuse(f"series {name} has no rows", "give their count and unit")
            unit = unit_of_time(lines[k + 1])
            rows = read_counted(lines, k + 1)
            found[name] = rising(
                (row, row.number_at(1, "the time") * unit, row.number_at(0, "the value"))
                for row in rows
            )
            k += 2 + len(rows)
        return found

    # Weirs

    def _read_weirs(self) -> None:
        key = "weirfile" if "weirfile" in self.keys else "weir"
        for number, line in enumerate(self._counted(key), start=1):
            point = line.number_at(0, "x"), line.number_at(1, "y")
            direction = line.word(2, "the direction").upper()
            if direction[:1] not in SIDES or direction[1:] not in ("", "F"):
                raise line.refuse(
                    f"direction {direction} is none of a weir (N, E, S, W, NF, EF, SF, WF); "
                    "bridges belong to channels inside cells, which this reader does not take",
                    "leave the line out, or write it as [[structure]] of a TOML file",
                    direction,
                )
            cell, side = self._cell(line, point), SIDES[direction[:1]]
            beyond = cell[0] + STEPS[side][0], cell[1] + STEPS[side][1]
            for axis, name in ((0, "rows"), (1, "columns")):
                if not 0 <= beyond[axis] < self.ground.values.shape[axis]:
                    raise line.refuse(f"the weir leads out of the {name}", "name a face inside")
            self.barriers += tuple(
                BarrierTable(polyline=one, crest=WALL)
                for one in lines_along([face_of(cell, side)], self.ground)
            )
            with at_line(line):
                self.weirs += (
                    StructureTable(
                        name=f"weir {number}",
                        kind="weir",
                        from_=self._centre(cell),
                        to=self._centre(beyond),
                        parameters={
                            "crest": line.number_at(4, "the crest"),
                            "width": line.number_at(6, "the width", self.ground.dx),
                            "coefficient": line.number_at(3, "the coefficient") / CRITICAL,
                            "flap": direction.endswith("F"),
                        },
                    ),
                )
        if self.weirs:
            self.keys.notes.append(
                "left aside: modular limits of weirs; a drowned weir passes water by Villemonte"
            )

    # Gauges and sections

    def gauges(self) -> tuple[GaugeTable, ...]:
        """The points of the stage file that lie on ground."""
        found = []
        for number, line in enumerate(self._counted("stagefile"), start=1):
            point = line.number_at(0, "x"), line.number_at(1, "y")
            cell = self._cell_or_none(point)
            if cell is None or not self._has_ground(cell):
                self.keys.notes.append(
                    f"left aside: stage {number}, off the ground or where a level is given"
                )
            else:
                found.append(GaugeTable(name=f"stage {number}", point=self._centre(cell)))
        return tuple(found)

    def sections(self) -> tuple[SectionTable, ...]:
        """The sections of the gauge file: eastwards or southwards from a cell, over its face."""
        found = []
        for number, line in enumerate(self._counted("gaugefile"), start=1):
            point = line.number_at(0, "x"), line.number_at(1, "y")
            direction = line.word(2, "the direction").upper()
            if direction not in SIDES:
                raise line.refuse(f"direction {direction} is none", "write N, E, S or W", direction)
            row, column = self._cell(line, point)
            _, columns = self.ground.values.shape
            cells = math.ceil(line.number_at(3, "the width", least=0.0) / self.ground.dx)
            if direction in "NS":
                last = min(column + max(cells, 1), columns) - 1
                run = [(row, k) for k in range(column, last + 1)]
            else:
                run = [(k, column) for k in range(row, max(row - max(cells, 1), -1), -1)]
            faces = [face_of(cell, SIDES[direction]) for cell in run]
            corners = sorted({corner for face in faces for corner in face})
            # towards the east the left-hand side is the north, towards the south the east
            if direction in "SE":
                corners.reverse()
            found.append(
                SectionTable(
                    name=f"gauge {number}",
                    polyline=(self._corner(corners[0]), self._corner(corners[-1])),
                )
            )
        return tuple(found)

    def _counted(self, key: str) -> Sequence[Line]:
        path = self.keys.file(key)
        lines = read_lines(path) if path else []
        return read_counted(lines, 0) if lines else []

    # Places

    def _has_ground(self, cell: Cell) -> bool:
        (row, column), (rows, columns) = cell, self.ground.values.shape
        return (
            0 <= row < rows
            and 0 <= column < columns
            and math.isfinite(self.ground.values[row, column])
        )

    def _cell_or_none(self, point: Point) -> Cell | None:
        """The cell that holds a point; one on its northern or western face lies in it."""
        dem = self.ground
        rows, columns = dem.values.shape
        column = math.floor((point[0] - dem.x0) / dem.dx)
        row = rows - 1 - math.floor((dem.y0 + rows * dem.dx - point[1]) / dem.dx)
        row += row == -1 and point[1] >= dem.y0
        column -= column == columns and point[0] <= dem.x0 + columns * dem.dx
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def _cell(self, line: Line, point: Point) -> Cell:
        cell = self._cell_or_none(point)
        if cell is None:
            raise line.refuse(
                f"({point[0]:g}, {point[1]:g}) lies off the DEM", "give a point on it", point
            )
        return cell

    def _centre(self, cell: Cell) -> Point:
        return self._corner((cell[1] + 0.5, cell[0] + 0.5))

    def _corner(self, corner: tuple[float, float]) -> Point:
        dem = self.ground
        return dem.x0 + corner[0] * dem.dx, dem.y0 + corner[1] * dem.dx


def read_counted(lines: Sequence[Line], at: int) -> Sequence[Line]:
    """The lines that follow one that begins with their count."""
    count = lines[at].number_at(0, "the count of lines", least=0.0)
    if count != round(count):
        raise lines[at].refuse(f"{count:g} is no count of lines", "write a whole number", count)
    rows = lines[at + 1 : at + 1 + round(count)]
    if len(rows) < count or not rows:
        raise lines[at].refuse(
            f"{count:g} lines are announced and {len(rows)} follow", "correct the count", count
        )
    return rows


def unit_of_time(line: Line) -> float:
    """Seconds of the unit that follows a count."""
    word = line.optional(1, "seconds").lower()
    for name, seconds in UNITS.items():
        if word in (name, name[:-1]):
            return seconds
    raise line.refuse(f"{word} is no unit of time", f"write one of {', '.join(UNITS)}", word)
