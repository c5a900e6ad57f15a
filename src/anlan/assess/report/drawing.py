"""What every figure shares: size, fonts, colours, and how it becomes bytes."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.dates import DateFormatter, HourLocator, date2num
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from anlan.assess.report.fonts import FALLBACK, Fonts

#: (n, 2) positions.
Points = NDArray[np.float64]

MM = 1.0 / 25.4
DPI = 220

INK = "#1d2733"
QUIET = "#6b7785"
LAND = "#f5f3ec"
SEA = "#e3ebf0"
WATER = "#8fb4cf"
ACCENT = "#1f5f99"
WARNING = "#d98200"
GUARANTEE = "#b3202c"

#: Water on the map: from hardly anything to certain, or to deep.
BLUES = LinearSegmentedColormap.from_list(
    "anlan_water", ["#c3e0f2", "#8fc3e3", "#4b9bcd", "#1c64a5", "#0b2f66"]
)
#: Hazard places: from white through gold to dark red, so that dots stand out on water.
HEAT = LinearSegmentedColormap.from_list(
    "anlan_heat", ["#ffffff", "#fde7a8", "#f9b44c", "#e4592b", "#8c0d25"]
)

#: Matplotlib's settings belong to the process; two reports may be asked for at once.
_settings = threading.Lock()


@contextmanager
def styled(fonts: Fonts) -> Iterator[None]:
    """Matplotlib settings for the report, for the time of one figure, one figure at a time."""
    with (
        _settings,
        mpl.rc_context(
            {
                "font.family": [fonts.sans, FALLBACK],
                "font.size": 7.5,
                "axes.edgecolor": QUIET,
                "axes.labelcolor": INK,
                "axes.linewidth": 0.6,
                "axes.unicode_minus": False,
                "text.color": INK,
                "xtick.color": QUIET,
                "ytick.color": QUIET,
                "xtick.labelcolor": INK,
                "ytick.labelcolor": INK,
                "xtick.major.width": 0.5,
                "ytick.major.width": 0.5,
                "legend.frameon": False,
                "svg.hashsalt": "anlan",
            }
        ),
    ):
        yield


def figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure of that size, free of any global state."""
    fig = Figure(figsize=(width_mm * MM, height_mm * MM), dpi=DPI, layout="constrained")
    FigureCanvasAgg(fig)
    return fig


def png(fig: Figure) -> bytes:
    """The figure as PNG; the same figure gives the same bytes."""
    out = io.BytesIO()
    fig.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def svg(fig: Figure) -> bytes:
    """The figure as SVG with text as outlines, so that it needs no font where it is read."""
    out = io.BytesIO()
    fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


@dataclass(frozen=True)
class Drawn:
    """A chart twice: with lines that stay sharp at any size, and as Word takes it."""

    svg: bytes
    png: bytes


def both(fig: Figure) -> Drawn:
    """The figure as SVG and as PNG."""
    return Drawn(svg(fig), png(fig))


def days(times: Sequence[datetime]) -> NDArray[np.float64]:
    """Moments as the numbers that Matplotlib draws time with."""
    return np.asarray(date2num(list(times)), dtype=np.float64)  # type: ignore[no-untyped-call]


def local_time_axis(
    ax: Axes, start: datetime, end: datetime, zone: ZoneInfo, chinese: bool
) -> None:
    """Days and hours of the city's zone along the bottom, from ``start`` to ``end``."""
    hours = (end - start).total_seconds() / 3600.0
    step = 6 if hours <= 60 else 12
    ax.set_xlim(*days([start, end]))
    midnight, clock = ("0时\n%-m月%-d日", "%-H时") if chinese else ("00:00\n%-d %b", "%H:%M")
    between = list(range(step, 24, step))
    # Matplotlib's dates carry no types.
    ax.xaxis.set_major_locator(HourLocator(byhour=[0], tz=zone))  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter(midnight, tz=zone))  # type: ignore[no-untyped-call]
    ax.xaxis.set_minor_locator(HourLocator(byhour=between, tz=zone))  # type: ignore[no-untyped-call]
    ax.xaxis.set_minor_formatter(DateFormatter(clock, tz=zone))  # type: ignore[no-untyped-call]
    ax.tick_params(axis="x", which="both", labelsize=6.5, length=2.5)
    ax.grid(axis="both", which="major", color="#e3e6ea", linewidth=0.5)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def stamp(ax: Axes, text: str) -> None:
    """What a map must say of itself, in its corner."""
    ax.text(
        0.012, 0.985, text, transform=ax.transAxes, ha="left", va="top", fontsize=6,
        color=GUARANTEE, path_effects=[withStroke(linewidth=1.8, foreground="white")], zorder=8,
    )  # fmt: skip


def rings(geometry: shapely.Geometry, turn: Callable[[Points], Points]) -> list[Points]:
    """The parts of a line geometry as (n, 2) positions, each passed through ``turn``."""
    return [turn(shapely.get_coordinates(part)) for part in shapely.get_parts(geometry)]
