"""Reads drainage networks from EPA-SWMM ``.inp`` files.

The formats follow the SWMM 5.2 User's Manual (Rossman and Simon 2022, EPA/600/R-22/030, app. D).
Read are nodes, links, cross sections, curves, series and inflows. Hydrology (subcatchments, rain
gages, groundwater, snow, LID) is not used: rain falls on the two-dimensional surface. What a file
has and this reader leaves out is listed in ``SwmmFile.report``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from anlan.hydraulics.drainage import (
    Conduit,
    CrossSection,
    Curve,
    Inflow,
    Junction,
    Link,
    Network,
    Node,
    Orifice,
    Outfall,
    Outlet,
    Pump,
    Storage,
    Weir,
)
from anlan.hydraulics.drainage import constant as constant_curve
from anlan.refusal import Refusal
from anlan.simulation.inp_sections import read_cross_section
from anlan.simulation.inp_series import Table, power_curve, read_curves, read_series, tide
from anlan.simulation.inp_text import FLOW_UNITS, FOOT, clock, day, read_sections
from anlan.simulation.text_lines import Line

_HYDROLOGY = """
RAINGAGES SUBCATCHMENTS SUBAREAS INFILTRATION EVAPORATION TEMPERATURE ADJUSTMENTS SNOWPACKS
AQUIFERS GROUNDWATER GWF LID_CONTROLS LID_USAGE HYDROGRAPHS RDII
"""
_READ = """
TITLE OPTIONS JUNCTIONS OUTFALLS STORAGE DIVIDERS CONDUITS PUMPS ORIFICES WEIRS OUTLETS
XSECTIONS LOSSES CURVES TIMESERIES INFLOWS DWF COORDINATES
"""
_SILENT = "REPORT TAGS MAP POLYGONS VERTICES LABELS SYMBOLS BACKDROP PROFILES"
_PUMP_LAWS = {"PUMP1": "volume_steps", "PUMP2": "depth_steps", "PUMP3": "head", "PUMP4": "depth"}
_WEIRS = {
    "TRANSVERSE": "transverse",
    "SIDEFLOW": "side",
    "V-NOTCH": "v_notch",
    "TRAPEZOIDAL": "trapezoidal",
}


@dataclass
class SwmmReport:
    """What was read, and what was not and why.

    Attributes:
        read: lines of data by section.
        not_read: reason by section.
        notes: single things changed or left out, each with its line.
    """

    read: dict[str, int] = field(default_factory=dict)
    not_read: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SwmmFile:
    """A network with what the file says beside it; SI units.

    Attributes:
        title: of the file.
        network: nodes, links and inflows; its step is the file's ROUTING_STEP.
        coordinates: x and y of nodes as written; map units, not converted.
        start: of the simulation, as written, without zone.
        end: of the simulation.
        report: what was left out.
    """

    title: str
    network: Network
    coordinates: Mapping[str, tuple[float, float]]
    start: datetime
    end: datetime
    report: SwmmReport


def read_swmm(path: Path) -> SwmmFile:
    """Read an EPA-SWMM input file.

    Raises:
        Refusal: names the file, the line and what to change.
    """
    return _Reader(path).file()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.sections = read_sections(path)
        self.report = SwmmReport()
        self.options: dict[str, Line] = {k.words[0].upper(): k for k in self.lines("OPTIONS")}
        self.flow, self.length = self._units()
        self.start, self.end = self._times()
        self.curves = read_curves(self.lines("CURVES"))
        self.series = read_series(self.lines("TIMESERIES"), self.start)
        self.shapes = {k.words[0]: k for k in self.lines("XSECTIONS")}
        self.losses = {k.words[0]: k for k in self.lines("LOSSES")}
        self.inverts: dict[str, float] = {}

    def file(self) -> SwmmFile:
        self._list_sections()
        nodes = self._nodes()
        links = self._links()
        nodes = self._raise_rims(nodes, links)
        try:
            network = Network(nodes, links, self._inflows(), step=self._step())
        except ValueError as error:
            raise Refusal(
                f"{self.path.name}: {error}", field="network", remedy="correct the file"
            ) from error
        return SwmmFile(
            title=" ".join(w for k in self.lines("TITLE") for w in k.words),
            network=network,
            coordinates={
                k.words[0]: (k.number_at(1, "x"), k.number_at(2, "y"))
                for k in self.lines("COORDINATES")
            },
            start=self.start,
            end=self.end,
            report=self.report,
        )

    def lines(self, section: str) -> list[Line]:
        return self.sections.get(section, [])

    def note(self, line: Line, said: str) -> None:
        self.report.notes.append(f"line {line.number}, [{line.section}]: {said}")

    def _list_sections(self) -> None:
        for section, lines in self.sections.items():
            if section in _READ.split():
                self.report.read[section] = len(lines)
            elif lines and section in _HYDROLOGY.split():
                self.report.not_read[section] = "hydrology: rain falls on the surface model"
            elif lines and section not in _SILENT.split():
                self.report.not_read[section] = "not supported"

    # Options

    def option(self, name: str, default: str) -> str:
        line = self.options.get(name)
        return line.word(1, name) if line else default

    def _units(self) -> tuple[float, float]:
        name = self.option("FLOW_UNITS", "CFS").upper()
        if name not in FLOW_UNITS:
            raise self.options["FLOW_UNITS"].refuse(
                f"FLOW_UNITS {name!r} is unknown", f"use one of {', '.join(FLOW_UNITS)}", name
            )
        return FLOW_UNITS[name]

    def _times(self) -> tuple[datetime, datetime]:
        moments: list[datetime] = []
        for end in ("START", "END"):
            at = datetime(2000, 1, 1)  # noqa: DTZ001  the file names no zone
            if f"{end}_DATE" in self.options:
                line = self.options[f"{end}_DATE"]
                at = day(line, line.word(1, f"{end}_DATE"))
            elif moments:
                at = moments[0]
            if f"{end}_TIME" in self.options:
                line = self.options[f"{end}_TIME"]
                at += clock(line, line.word(1, f"{end}_TIME"))
            moments.append(at)
        return moments[0], moments[1]

    def _step(self) -> float:
        if "ROUTING_STEP" not in self.options:
            return 5.0
        line = self.options["ROUTING_STEP"]
        word = line.word(1, "ROUTING_STEP")
        seconds = (
            clock(line, word).total_seconds() if ":" in word else line.number_at(1, "ROUTING_STEP")
        )
        if not seconds > 0.0:
            raise line.refuse(f"ROUTING_STEP is {word}", "give a time above 0", word)
        return seconds

    # Nodes

    def _nodes(self) -> list[Node]:
        nodes: list[Node] = []
        ponding = self.option("ALLOW_PONDING", "NO").upper() == "YES"
        for line in self.lines("JUNCTIONS"):
            nodes.append(self._junction(line, 2, ponding))
        for line in self.lines("DIVIDERS"):
            kind = line.word(3, "the divider's type").upper()
            used = {"OVERFLOW": 4, "CUTOFF": 5, "TABULAR": 5, "WEIR": 7}
            if kind not in used:
                raise line.refuse(f"divider type {kind!r} is unknown", f"use {', '.join(used)}")
            nodes.append(self._junction(line, used[kind], ponding))
            self.note(line, "the divider is a junction, as in EPA-SWMM's dynamic wave")
        for line in self.lines("OUTFALLS"):
            nodes.append(self._outfall(line))
        for line in self.lines("STORAGE"):
            nodes.append(self._storage(line))
        for node in nodes:
            self.inverts[node.name] = node.invert
        return nodes

    def _junction(self, line: Line, first: int, ponding: bool) -> Junction:
        m = self.length
        junction = Junction(
            line.words[0],
            invert=line.number_at(1, "the invert") * m,
            max_depth=line.number_at(first, "max. depth", 0.0, 0.0) * m,
            initial_depth=line.number_at(first + 1, "initial depth", 0.0, 0.0) * m,
            surcharge_depth=line.number_at(first + 2, "surcharge depth", 0.0, 0.0) * m,
            ponded_area=line.number_at(first + 3, "ponded area", 0.0, 0.0) * m**2 * ponding,
        )
        if "MIN_SURFAREA" in self.options:
            area = self.options["MIN_SURFAREA"].number_at(1, "MIN_SURFAREA", least=0.0)
            if area > 0.0:
                junction = replace(junction, shaft_area=area * m**2)
        return junction

    def _outfall(self, line: Line) -> Outfall:
        kind = line.word(2, "the outfall's type").upper()
        invert = line.number_at(1, "the invert") * self.length
        if kind in ("FREE", "NORMAL"):
            flap = line.yes_at(3) if line.optional(3).upper() in ("YES", "NO") else False
            name = "free" if kind == "FREE" else "normal"
            return Outfall(
                line.words[0], invert, "free" if name == "free" else "normal", None, flap
            )
        if kind == "FIXED":
            stage = constant_curve(line.number_at(3, "the stage") * self.length)
        elif kind == "TIDAL":
            table = self._table(line, 3, "TIDAL")
            stage = tide(table, self.start, self.end, self.length)
        elif kind == "TIMESERIES":
            stage = self._series(line, 3).curve(y_unit=self.length)
        else:
            raise line.refuse(
                f"outfall type {kind!r} is unknown", "use FREE, NORMAL, FIXED, TIDAL or TIMESERIES"
            )
        return Outfall(line.words[0], invert, "stage", stage, line.yes_at(4))

    def _storage(self, line: Line) -> Storage:
        m = self.length
        depth = line.number_at(2, "max. depth", least=0.0)
        kind = line.word(4, "the storage's curve type").upper()
        if kind == "FUNCTIONAL":
            a, b, c = (line.number_at(k, "the storage's function", 0.0) for k in (5, 6, 7))
            raw = power_curve(a, b, c, max(depth, 1.0))
            area = Curve(tuple(x * m for x in raw.x), tuple(y * m**2 for y in raw.y))
            after = 8
        elif kind == "TABULAR":
            area = self._table(line, 5, "STORAGE").curve(m, m**2)
            after = 6
        else:
            raise line.refuse(
                f"storage of kind {kind!r} is not supported", "describe it as TABULAR with a curve"
            )
        if line.number_at(after + 1, "evaporation factor", 0.0) != 0.0:
            self.note(line, "evaporation from the storage is not modelled")
        if len(line.words) > after + 2:
            self.note(line, "seepage from the storage is not modelled")
        try:
            return Storage(
                line.words[0],
                invert=line.number_at(1, "the invert") * m,
                max_depth=depth * m,
                area=area,
                initial_depth=line.number_at(3, "initial depth", 0.0, 0.0) * m,
                surcharge_depth=line.number_at(after, "surcharge depth", 0.0, 0.0) * m,
            )
        except ValueError as error:
            raise line.refuse(str(error), "correct the storage") from error

    def _raise_rims(self, nodes: list[Node], links: list[Link]) -> list[Node]:
        """Lift rims to the crowns of conduits, as EPA-SWMM does."""
        crowns = dict.fromkeys(self.inverts, 0.0)
        for link in links:
            if isinstance(link, Conduit):
                for end, offset in (
                    (link.from_node, link.from_offset),
                    (link.to_node, link.to_offset),
                ):
                    crowns[end] = max(crowns[end], offset + link.section.height)
        out: list[Node] = []
        for node in nodes:
            low = isinstance(node, Junction) and 0.0 < node.max_depth < crowns[node.name] - 1e-6
            if low and isinstance(node, Junction):
                self.report.notes.append(
                    f"node {node.name}: max. depth raised from {node.max_depth:.3f} m to its "
                    f"highest conduit, {crowns[node.name]:.3f} m"
                )
                node = replace(node, max_depth=crowns[node.name])
            out.append(node)
        return out

    # Links

    def _links(self) -> list[Link]:
        return [
            *(self._conduit(line) for line in self.lines("CONDUITS")),
            *(self._pump(line) for line in self.lines("PUMPS")),
            *(self._orifice(line) for line in self.lines("ORIFICES")),
            *(self._weir(line) for line in self.lines("WEIRS")),
            *(self._outlet(line) for line in self.lines("OUTLETS")),
        ]

    def _ends(self, line: Line) -> tuple[str, str, str]:
        names = line.words[0], line.word(1, "the first node"), line.word(2, "the second node")
        for name in names[1:]:
            if name not in self.inverts:
                raise line.refuse(
                    f"link {names[0]} leads to {name!r}, which is no node",
                    "name a node of [JUNCTIONS], [DIVIDERS], [OUTFALLS] or [STORAGE]",
                    name,
                )
        return names

    def _offset(self, line: Line, k: int, node: str, name: str) -> float:
        word = line.optional(k, "*")
        by_level = self.option("LINK_OFFSETS", "DEPTH").upper() == "ELEVATION"
        if word == "*":
            return 0.0
        value = line.number_at(k, name) * self.length
        if by_level:
            value -= self.inverts[node]
        if value < -1e-6:
            raise line.refuse(
                f"{name} of {line.words[0]} lies {-value:.3f} m below the node's invert",
                "give an offset of 0 or more",
                word,
            )
        return max(value, 0.0)

    def _section(self, line: Line) -> tuple[CrossSection, int]:
        if line.words[0] not in self.shapes:
            raise line.refuse(
                f"{line.words[0]} has no line in [XSECTIONS]", "add its shape and dimensions"
            )
        return read_cross_section(self.shapes[line.words[0]], self.length, self.curves)

    def _conduit(self, line: Line) -> Conduit:
        name, a, b = self._ends(line)
        section, barrels = self._section(line)
        loss = self.losses.get(name)
        numbers = [loss.number_at(k, "a loss", 0.0, 0.0) for k in (1, 2, 3)] if loss else [0.0] * 3
        if loss and loss.number_at(5, "seepage", 0.0) != 0.0:
            self.note(loss, "seepage from the conduit is not modelled")
        most = line.number_at(8, "max. flow", 0.0) * self.flow
        try:
            return Conduit(
                name,
                a,
                b,
                section,
                length=line.number_at(3, "the length") * self.length,
                roughness=line.number_at(4, "the roughness"),
                from_offset=self._offset(line, 5, a, "the first offset"),
                to_offset=self._offset(line, 6, b, "the second offset"),
                barrels=barrels,
                initial_flow=line.number_at(7, "initial flow", 0.0) * self.flow,
                max_flow=most if most > 0.0 else math.inf,
                entry_loss=numbers[0],
                exit_loss=numbers[1],
                average_loss=numbers[2],
                flap=loss.yes_at(4) if loss else False,
            )
        except ValueError as error:
            raise line.refuse(str(error), "correct the conduit") from error

    def _pump(self, line: Line) -> Pump:
        name, a, b = self._ends(line)
        m = self.length
        curve = None
        law = "ideal"
        if line.optional(3, "*") != "*":
            table = self._table(line, 3, "a pump curve")
            if table.kind not in _PUMP_LAWS:
                raise table.line.refuse(
                    f"pump curve of kind {table.kind!r} is not supported",
                    f"use {', '.join(_PUMP_LAWS)}",
                )
            law = _PUMP_LAWS[table.kind]
            curve = table.curve(m**3 if law == "volume_steps" else m, self.flow)
        try:
            return Pump(
                name,
                a,
                b,
                law=law,  # type: ignore[arg-type]  # a value of _PUMP_LAWS
                curve=curve,
                running=line.optional(4, "ON").upper() == "ON",
                startup_depth=line.number_at(5, "startup depth", 0.0, 0.0) * m,
                shutoff_depth=line.number_at(6, "shutoff depth", 0.0, 0.0) * m,
            )
        except ValueError as error:
            raise line.refuse(str(error), "correct the pump") from error

    def _orifice(self, line: Line) -> Orifice:
        name, a, b = self._ends(line)
        kind = line.word(3, "SIDE or BOTTOM").upper()
        section, _ = self._section(line)
        if kind not in ("SIDE", "BOTTOM") or section.shape not in ("circular", "rect_closed"):
            raise line.refuse(
                f"orifice {name} is {kind} with a {section.shape} opening",
                "use SIDE or BOTTOM, and CIRCULAR or RECT_CLOSED in [XSECTIONS]",
            )
        if line.number_at(7, "opening time", 0.0) != 0.0:
            self.note(line, "the orifice stands open; the time to open is not modelled")
        return Orifice(
            name,
            a,
            b,
            kind="side" if kind == "SIDE" else "bottom",
            height=section.height,
            width=section.width,
            offset=self._offset(line, 4, a, "the offset"),
            coefficient=line.number_at(5, "the coefficient", 0.65, 0.0),
            flap=line.yes_at(6),
        )

    def _weir(self, line: Line) -> Weir:
        name, a, b = self._ends(line)
        kind = line.word(3, "the weir's type").upper()
        if kind not in _WEIRS:
            raise line.refuse(f"weir type {kind!r} is not supported", f"use {', '.join(_WEIRS)}")
        section, _ = self._section(line)
        # the file's coefficient belongs to its unit of length: Q = C L h^1.5
        unit = math.sqrt(FOOT) if self.length != 1.0 else 1.0
        first = line.number_at(5, "the coefficient", least=0.0) * unit
        second = line.number_at(8, "the second coefficient", 0.0, 0.0) * unit
        return Weir(
            name,
            a,
            b,
            kind=_WEIRS[kind],  # type: ignore[arg-type]  # a value of _WEIRS
            height=section.height,
            width=section.width,
            slope=0.5 * (section.left_slope + section.right_slope),
            offset=self._offset(line, 4, a, "the crest"),
            coefficient=first,
            end_coefficient=second,
            contractions=int(line.number_at(7, "end contractions", 0.0, 0.0)),
            flap=line.yes_at(6),
            surcharges=line.yes_at(9, default=True),
        )

    def _outlet(self, line: Line) -> Outlet:
        name, a, b = self._ends(line)
        kind, _, over = line.word(4, "the outlet's type").upper().partition("/")
        m = self.length
        if kind == "TABULAR":
            curve = self._table(line, 5, "RATING").curve(m, self.flow)
            after = 6
        elif kind == "FUNCTIONAL":
            c, e = (line.number_at(k, "the outlet's function") for k in (5, 6))
            raw = power_curve(c, e, 0.0, 30.0 / m)
            curve = Curve(tuple(x * m for x in raw.x), tuple(y * self.flow for y in raw.y))
            after = 7
        else:
            raise line.refuse(f"outlet type {kind!r} is unknown", "use TABULAR or FUNCTIONAL")
        return Outlet(
            name,
            a,
            b,
            curve,
            by_head=over == "HEAD",
            offset=self._offset(line, 3, a, "the offset"),
            flap=line.yes_at(after),
        )

    # Water from outside

    def _inflows(self) -> list[Inflow]:
        inflows: list[Inflow] = []
        for line in self.lines("INFLOWS"):
            if line.word(1, "the constituent").upper() != "FLOW":
                self.note(line, "a pollutant, not read")
                continue
            scale = line.number_at(5, "the scale factor", 1.0)
            baseline = line.number_at(6, "the baseline", 0.0) * self.flow
            if line.optional(7):
                self.note(line, "the pattern of the baseline is not read; its mean is used")
            if line.optional(2) not in ("", "*"):
                raw = self._series(line, 2).curve(y_unit=scale * self.flow)
                # outside its times a series is 0
                x = (raw.x[0] - 1e-3, *raw.x, raw.x[-1] + 1e-3)
                y = (baseline, *(v + baseline for v in raw.y), baseline)
                inflows.append(Inflow(line.words[0], Curve(x, y)))
            elif baseline:
                inflows.append(Inflow(line.words[0], constant_curve(baseline)))
        for line in self.lines("DWF"):
            if line.word(1, "the constituent").upper() != "FLOW":
                continue
            mean = line.number_at(2, "the average") * self.flow
            inflows.append(Inflow(line.words[0], constant_curve(mean)))
            if line.optional(3):
                self.note(line, "patterns of dry weather flow are not read; its mean is used")
        return inflows

    def _table(self, line: Line, k: int, kind: str) -> Table:
        name = line.word(k, f"the name of {kind}")
        if name not in self.curves:
            raise line.refuse(f"curve {name!r} is not in [CURVES]", "add the curve", name)
        return self.curves[name]

    def _series(self, line: Line, k: int) -> Table:
        name = line.word(k, "the name of a time series")
        if name not in self.series:
            raise line.refuse(f"series {name!r} is not in [TIMESERIES]", "add the series", name)
        return self.series[name]


def duration(file: SwmmFile) -> timedelta:
    """How long the file's simulation lasts."""
    return file.end - file.start
