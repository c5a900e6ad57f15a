"""Maps of the report: where water may stand, how deep, and which places it touches.

Drawn from the city's own folder alone, in the city's projected system. They are not official
maps, and every one of them says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Colormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from anlan.assess.document import Assessment
from anlan.assess.reads import Products
from anlan.assess.report import drawing
from anlan.assess.report.fonts import Fonts
from anlan.assess.report.words import Words
from anlan.city import City, Terrain

WIDTH_MM = 88.0
COLOUR_BAR_MM = 12.0
#: A probability below this share, or a depth below this many metres, is left blank.
BLANK_BELOW = 0.05
DEPTH_STEPS = (0.05, 0.15, 0.30, 0.50, 1.00, 2.00)


@dataclass(frozen=True)
class Layer:
    """A field to be drawn: (ny, nx) values, row 0 south, and how to colour them."""

    values: NDArray[np.float64]
    label: str
    cmap: Colormap
    norm: Normalize
    ticks: Sequence[float]
    tick_text: Sequence[str]


def probability_layer(products: Products, threshold: float, words: Words) -> Layer:
    """Share of members whose depth exceeds ``threshold`` (m)."""
    ticks = (0.05, 0.25, 0.50, 0.75, 1.0)
    return Layer(
        values=np.asarray(products.probability(threshold), dtype=np.float64),
        label=words("probability"),
        cmap=drawing.BLUES,
        norm=Normalize(BLANK_BELOW, 1.0),
        ticks=ticks,
        tick_text=[f"{tick:.0%}" for tick in ticks],
    )


def depth_layer(products: Products, words: Words) -> Layer:
    """Greatest depth over time of the median of the members, m."""
    frames = np.nan_to_num(np.asarray(products.frames("p50"), dtype=np.float64))
    return Layer(
        values=frames.max(axis=0),
        label=words("depth_m"),
        cmap=drawing.BLUES,
        norm=BoundaryNorm(DEPTH_STEPS, drawing.BLUES.N, extend="max"),
        ticks=DEPTH_STEPS,
        tick_text=[f"{step:.2f}" for step in DEPTH_STEPS],
    )


def water_map(
    city: City, terrain: Terrain, layer: Layer, assessment: Assessment, words: Words, fonts: Fonts
) -> bytes:
    """One map of the city as PNG: a field, town outlines, rivers, hazard places."""
    with drawing.styled(fonts):
        fig = drawing.figure(WIDTH_MM, _height_mm(terrain))
        ax = fig.add_subplot()
        _ground(ax, terrain)
        fixed = terrain.river | terrain.sea | ~terrain.inside
        shown = np.ma.masked_where(fixed | ~(layer.values >= BLANK_BELOW), layer.values)
        ax.imshow(
            shown,
            origin="lower",
            extent=_extent(terrain),
            cmap=layer.cmap,
            norm=layer.norm,
            interpolation="nearest",
            zorder=2,
        )
        _lines(ax, city)
        _towns(ax, city, words)
        _places(ax, city, assessment)
        _scale_bar(ax, terrain)
        drawing.stamp(ax, words("not_standard"))
        bar = fig.colorbar(
            ScalarMappable(layer.norm, layer.cmap),
            ax=ax,
            orientation="horizontal",
            fraction=0.035,
            pad=0.015,
            aspect=38,
            ticks=list(layer.ticks),
        )
        bar.ax.set_xticklabels(list(layer.tick_text), fontsize=6)
        bar.set_label(layer.label, fontsize=6.5, labelpad=1)
        bar.outline.set_linewidth(0.4)
        _bare(ax)
        return drawing.png(fig)


def place_legend(words: Words, fonts: Fonts) -> drawing.Drawn:
    """The key that all water maps share."""
    with drawing.styled(fonts):
        fig = drawing.figure(178, 9)
        ax = fig.add_subplot()
        ax.axis("off")
        dots = [
            Line2D([], [], color="none", marker="o", markersize=5, markeredgecolor=drawing.INK,
                   markeredgewidth=0.5, markerfacecolor=drawing.HEAT(p), label=f"{p:.0%}")
            for p in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]  # fmt: skip
        title = Line2D([], [], color="none", label=words("place_dot"))
        rest = [
            Line2D([], [], color=drawing.WATER, linewidth=1.2, label=words("river")),
            Line2D([], [], color=drawing.INK, linewidth=1.4, label=words("sea_dike")),
            Line2D([], [], color=drawing.QUIET, linewidth=0.7, label=words("town_edge")),
        ]
        ax.legend(
            handles=[title, *dots, *rest],
            loc="center",
            ncols=9,
            fontsize=6.5,
            handletextpad=0.4,
            columnspacing=1.1,
            handlelength=1.2,
        )
        return drawing.both(fig)


def _ground(ax: Axes, terrain: Terrain) -> None:
    # River cells stay land-coloured: painted as water they would read as a low probability.
    ax.set_facecolor("white")
    picture = np.ones((*terrain.shape, 4))
    for mask, colour in (
        (terrain.inside, drawing.LAND),
        (terrain.sea, drawing.SEA),
    ):
        picture[mask] = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] + [1.0]
    ax.imshow(picture, origin="lower", extent=_extent(terrain), interpolation="nearest", zorder=1)
    x0, x1, y0, y1 = _window(terrain)
    ax.set_xlim(x0, x1)
    ax.set_ylim(y0, y1)
    ax.set_aspect("equal")


def _window(terrain: Terrain) -> tuple[float, float, float, float]:
    """What is computed, with a rim of two cells: x from, to, y from, to in m."""
    rows, columns = np.nonzero(terrain.inside | terrain.sea)
    if not rows.size:
        return _extent(terrain)
    return (
        terrain.x0 + terrain.dx * (columns.min() - 2),
        terrain.x0 + terrain.dx * (columns.max() + 3),
        terrain.y0 + terrain.dx * (rows.min() - 2),
        terrain.y0 + terrain.dx * (rows.max() + 3),
    )


def _height_mm(terrain: Terrain) -> float:
    """Height that the window and its colour bar need, within what a page takes twice."""
    x0, x1, y0, y1 = _window(terrain)
    return float(np.clip(WIDTH_MM * (y1 - y0) / (x1 - x0) + COLOUR_BAR_MM, 55.0, 94.0))


def _lines(ax: Axes, city: City) -> None:
    for line in city.lines:
        if line.kind not in ("river", "sea_dike"):
            continue
        river = line.kind == "river"
        for part in _paths(city, line.geometry):
            ax.plot(
                *part.T,
                color=drawing.WATER if river else drawing.INK,
                linewidth=0.8 if river else 1.3,
                solid_capstyle="round",
                zorder=3,
            )


def _towns(ax: Axes, city: City, words: Words) -> None:
    for town in city.territory.towns():
        if town.polygon is not None:
            for part in _paths(city, town.polygon.boundary):
                ax.plot(*part.T, color=drawing.QUIET, linewidth=0.5, zorder=4)
        x, y = city.to_xy(town.lon, town.lat)
        ax.annotate(
            town.name if words.language == "zh" else town.name_en or town.name,
            (float(x), float(y)),
            ha="center",
            va="center",
            fontsize=5.5,
            color=drawing.INK,
            path_effects=[withStroke(linewidth=1.6, foreground="white")],
            zorder=6,
            annotation_clip=True,
        )


def _places(ax: Axes, city: City, assessment: Assessment) -> None:
    parts = sorted(assessment["places"], key=lambda part: part["attention"]["probability"])
    if not parts:
        return
    x, y = city.to_xy(
        np.array([city.places[part["id"]].lon for part in parts]),
        np.array([city.places[part["id"]].lat for part in parts]),
    )
    chance = np.array([part["attention"]["probability"] for part in parts])
    ax.scatter(
        x, y, s=5 + 9 * chance, c=chance, cmap=drawing.HEAT, vmin=0, vmax=1,
        edgecolors=drawing.INK, linewidths=0.35, zorder=5,
    )  # fmt: skip


def _scale_bar(ax: Axes, terrain: Terrain) -> None:
    x0, x1 = ax.get_xlim()
    y0, y1 = ax.get_ylim()
    wanted = (x1 - x0) / 5
    power = 10.0 ** np.floor(np.log10(wanted))
    length = power * max(step for step in (1, 2, 5) if step * power <= wanted)
    left, low = x1 - length - 0.03 * (x1 - x0), y0 + 0.03 * (y1 - y0)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    ax.add_patch(Rectangle((left, low), length, 0.008 * (y1 - y0), color=drawing.INK, zorder=7))
    ax.text(
        left + length / 2, low + 0.015 * (y1 - y0), text, ha="center", va="bottom", fontsize=5.5,
        path_effects=[withStroke(linewidth=1.6, foreground="white")], zorder=7,
    )  # fmt: skip
    # Grid north is up in every map of the report.
    ax.annotate(
        "N", (0.965, 0.985), (0.965, 0.90), xycoords="axes fraction", ha="center", va="center",
        fontsize=6, arrowprops={"arrowstyle": "-|>", "linewidth": 0.7, "color": drawing.INK},
        zorder=7,
    )  # fmt: skip


def _bare(ax: Axes) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_linewidth(0.5)


def _extent(terrain: Terrain) -> tuple[float, float, float, float]:
    ny, nx = terrain.shape
    return (
        terrain.x0,
        terrain.x0 + nx * terrain.dx,
        terrain.y0,
        terrain.y0 + ny * terrain.dx,
    )


def _paths(city: City, geometry: shapely.Geometry) -> list[drawing.Points]:
    """The geometry's lines as (n, 2) arrays in the city's system."""
    return drawing.rings(
        geometry, lambda lonlat: np.column_stack(city.to_xy(lonlat[:, 0], lonlat[:, 1]))
    )
