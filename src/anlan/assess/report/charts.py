"""Hydrographs of the report: the ensemble as a fan, with the levels that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from anlan.assess.document import Assessment, StationPart
from anlan.assess.reads import Products
from anlan.assess.report import drawing
from anlan.assess.report.edge import moment_text
from anlan.assess.report.fonts import Fonts
from anlan.assess.report.words import Words
from anlan.assess.water import tide_station
from anlan.city import City, Station

#: River stations drawn; all of them stand in the table.
DRAWN_RIVERS = 4


@dataclass(frozen=True)
class Course:
    """A station's level over time: (M, T) m on the city's datum."""

    station: Station
    times: Sequence[datetime]
    level: NDArray[np.float64]


def tide_course(city: City, products: Products) -> Course | None:
    """The tide station's course; None without tide."""
    station = tide_station(city)
    if station is None or products.tide is None or np.size(products.tide) == 0:
        return None
    return Course(station, products.fine_times, np.asarray(products.tide, dtype=np.float64))


def river_courses(city: City, assessment: Assessment, products: Products) -> list[Course]:
    """The river stations most likely above their warning level, at most `DRAWN_RIVERS`."""
    ids = list(products.station_ids)
    ranked = sorted(
        (part for part in assessment["stations"] if _is_river(city, part)),
        key=lambda part: (-_warned(part), ids.index(part["id"])),
    )
    level = np.asarray(products.station_level, dtype=np.float64)
    return [
        Course(city.stations[part["id"]], products.times, level[:, :, ids.index(part["id"])])
        for part in ranked[:DRAWN_RIVERS]
    ]


def _is_river(city: City, part: StationPart) -> bool:
    return city.stations[part["id"]].quantity == "river_level"


def _warned(part: StationPart) -> float:
    return max((level["probability"] for level in part["exceedance"]), default=0.0)


def tide_chart(course: Course, city: City, words: Words, fonts: Fonts) -> drawing.Drawn:
    """The tide as a wide chart."""
    with drawing.styled(fonts):
        fig = drawing.figure(178, 68)
        ax = fig.add_subplot()
        _fan(ax, course, words)
        _thresholds(ax, course, words)
        _peak(ax, course, city.zone, words)
        ax.set_title(words("tide_chart", name=_name(course.station, words)), fontsize=9, loc="left")
        ax.set_ylabel(words("level_axis", datum=city.datum))
        drawing.local_time_axis(
            ax, course.times[0], course.times[-1], city.zone, words.language == "zh"
        )
        ax.legend(loc="upper right", ncols=3, fontsize=6.5, bbox_to_anchor=(1.0, 1.13))
        return drawing.both(fig)


def river_chart(courses: Sequence[Course], city: City, words: Words, fonts: Fonts) -> drawing.Drawn:
    """The rivers as small charts side by side, two to a row.

    Raises:
        ValueError: if there is no course.
    """
    if not courses:
        raise ValueError("no river station to draw: leave the chart out")
    rows = (len(courses) + 1) // 2
    with drawing.styled(fonts):
        fig = drawing.figure(178, 50 * rows)
        axes = fig.subplots(rows, 2, squeeze=False)
        for ax, course in zip(axes.ravel(), courses, strict=False):
            _fan(ax, course, words)
            _thresholds(ax, course, words)
            ax.set_title(
                words("river_chart", name=_name(course.station, words)), fontsize=8, loc="left"
            )
            ax.set_ylabel(words("level_axis", datum=city.datum), fontsize=6.5)
            drawing.local_time_axis(
                ax, course.times[0], course.times[-1], city.zone, words.language == "zh"
            )
        for ax in axes.ravel()[len(courses) :]:
            ax.axis("off")
        return drawing.both(fig)


def _name(station: Station, words: Words) -> str:
    return station.name if words.language == "zh" else station.name_en or station.name


def _fan(ax: Axes, course: Course, words: Words) -> None:
    p0, p10, p50, p90, p100 = np.nanpercentile(course.level, [0, 10, 50, 90, 100], axis=0)
    times = drawing.days(course.times)
    ax.fill_between(
        times, p0, p100, color=drawing.ACCENT, alpha=0.13, linewidth=0, label=words("band_all")
    )
    ax.fill_between(
        times, p10, p90, color=drawing.ACCENT, alpha=0.30, linewidth=0, label=words("band")
    )
    ax.plot(times, p50, color=drawing.ACCENT, linewidth=1.4, label=words("median"))


def _thresholds(ax: Axes, course: Course, words: Words) -> None:
    for key, level, colour in (
        ("warning", course.station.warning, drawing.WARNING),
        ("guarantee", course.station.guarantee, drawing.GUARANTEE),
    ):
        if level is None:
            continue
        ax.axhline(level, color=colour, linewidth=0.9, linestyle=(0, (5, 3)), zorder=3)
        ax.annotate(
            f"{words(key)} {level:.2f}", (0.004, level), (0, 2),
            xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=6.5,
            color=colour, path_effects=[withStroke(linewidth=1.6, foreground="white")], zorder=6,
        )  # fmt: skip
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.10 * (high - low))


def _peak(ax: Axes, course: Course, zone: ZoneInfo, words: Words) -> None:
    median = np.nanmedian(course.level, axis=0)
    i = int(np.nanargmax(median))
    at = course.times[i]
    text = f"{median[i]:.2f} m  {moment_text(at, zone, words)}"
    late = i > 0.75 * len(course.times)  # the text would run out of the chart
    here = float(drawing.days([at])[0])
    ax.plot([here], [median[i]], "o", color=drawing.INK, markersize=3, zorder=5)
    ax.annotate(
        text, (here, float(median[i])), (-5 if late else 5, 5), textcoords="offset points",
        fontsize=7, ha="right" if late else "left",
        path_effects=[withStroke(linewidth=1.8, foreground="white")], zorder=6,
    )  # fmt: skip
