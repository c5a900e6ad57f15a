"""Map of the storm: fixes known at issue, and where each member takes it from there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke

from anlan.assess.reads import Products
from anlan.assess.report import drawing
from anlan.assess.report.drawing import Points
from anlan.assess.report.fonts import Fonts
from anlan.assess.report.words import Words
from anlan.city import City, Event

#: Width over height of the plot.
SHAPE = 0.92


def track_map(
    city: City, event: Event | None, products: Products, words: Words, fonts: Fonts
) -> bytes | None:
    """Typhoon tracks as PNG: fixes known at issue, and the members'; None without tracks."""
    tracks = members_tracks(products)
    if tracks is None:
        return None
    known = [] if event is None else [fix for fix in event.track if fix.time <= products.issued]
    with drawing.styled(fonts):
        fig = drawing.figure(88, 92)
        ax = fig.add_subplot()
        ax.set_facecolor("#eef3f7")
        ax.add_collection(
            LineCollection(
                [track[:, 1:3] for track in tracks],
                colors=drawing.ACCENT,
                linewidths=0.5,
                alpha=0.45,
                label=words("member_track"),
            )
        )
        _hour_marks(ax, tracks, products, words)
        if known:
            ax.plot(
                [fix.lon for fix in known],
                [fix.lat for fix in known],
                color=drawing.INK,
                linewidth=1.3,
                marker="o",
                markersize=2.2,
                label=words("known_track"),
                zorder=5,
            )
        _city_outline(ax, city, words)
        lons = np.concatenate([track[:, 1] for track in tracks])
        lats = np.concatenate([track[:, 2] for track in tracks])
        near = known[-16:]
        _frame(
            ax,
            np.concatenate([lons, [fix.lon for fix in near], [city.territory.root.lon]]),
            np.concatenate([lats, [fix.lat for fix in near], [city.territory.root.lat]]),
        )
        ax.legend(loc="best", fontsize=6.5)
        drawing.stamp(ax, words("not_standard"))
        return drawing.png(fig)


def members_tracks(products: Products) -> list[Points] | None:
    """The (n, 5) track of each member without its gaps; None for a run without a storm."""
    if products.tracks is None or np.size(products.tracks) == 0:
        return None
    tracks = [
        track[np.isfinite(track[:, 1]) & np.isfinite(track[:, 2])]
        for track in np.asarray(products.tracks, dtype=np.float64)
    ]
    tracks = [track for track in tracks if len(track) > 1]
    return tracks or None


def _hour_marks(ax: Axes, tracks: Sequence[Points], products: Products, words: Words) -> None:
    issued = products.issued.timestamp()
    for hours in (12, 24, 36, 48):
        moment = issued + hours * 3600.0
        there = [
            (
                np.interp(moment, track[:, 0], track[:, 1]),
                np.interp(moment, track[:, 0], track[:, 2]),
            )
            for track in tracks
            if track[0, 0] <= moment <= track[-1, 0]
        ]
        if not there:
            continue
        points = np.array(there)
        ax.plot(*points.T, ".", color=drawing.ACCENT, markersize=3, zorder=4)
        ax.annotate(
            words("track_hours", n=hours), tuple(np.median(points, axis=0)), (4, 4),
            textcoords="offset points", fontsize=6.5, color=drawing.ACCENT,
            path_effects=[withStroke(linewidth=1.8, foreground="#eef3f7")], zorder=6,
        )  # fmt: skip


def _city_outline(ax: Axes, city: City, words: Words) -> None:
    root = city.territory.root
    if root.polygon is not None:
        for part in drawing.rings(root.polygon.boundary, lambda x: x):
            ax.fill(
                *part.T, facecolor="#f3c98b", edgecolor=drawing.GUARANTEE, linewidth=0.8, zorder=3
            )
    ax.annotate(
        city.name if words.language == "zh" else city.name_en or city.name,
        (root.lon, root.lat), (6, 6), textcoords="offset points", fontsize=7.5, weight="bold",
        color=drawing.GUARANTEE, path_effects=[withStroke(linewidth=2, foreground="white")],
        zorder=7,
    )  # fmt: skip


def _frame(ax: Axes, lons: Points, lats: Points) -> None:
    """Degrees round the points, wide as the figure, true to scale at the middle latitude."""
    middle = float((lats.min() + lats.max()) / 2)
    stretch = 1.0 / np.cos(np.radians(middle))
    height = max(float(np.ptp(lats)) * 1.16, 2.0)
    width = max(float(np.ptp(lons)) * 1.16, 2.0)
    height = max(height, width / stretch / SHAPE)
    width = height * SHAPE * stretch
    centre = float((lons.min() + lons.max()) / 2)
    ax.set_xlim(centre - width / 2, centre + width / 2)
    ax.set_ylim(middle - height / 2, middle + height / 2)
    ax.set_aspect(stretch)
    ax.grid(color="white", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}°E" if value >= 0 else f"{-value:g}°W")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}°N" if value >= 0 else f"{-value:g}°S")
    ax.tick_params(labelsize=6, length=2)
