"""Cross sections of an EPA-SWMM ``.inp`` file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from anlan.hydraulics.drainage import (
    CrossSection,
    egg,
    ellipse,
    filled_circle,
    parabola,
    tabulated,
    triangle_below_rectangle,
)
from anlan.simulation.inp_series import Table
from anlan.simulation.text_lines import Line

_Maker = Callable[[Line, float], CrossSection]


def _g(line: Line, k: int, m: float, name: str = "a dimension") -> float:
    return line.number_at(1 + k, name, 0.0, 0.0) * m


_SHAPES: dict[str, _Maker] = {
    "CIRCULAR": lambda k, m: CrossSection("circular", _g(k, 1, m)),
    "RECT_CLOSED": lambda k, m: CrossSection("rect_closed", _g(k, 1, m), _g(k, 2, m)),
    "RECT_OPEN": lambda k, m: CrossSection("rect_open", _g(k, 1, m), _g(k, 2, m)),
    "TRAPEZOIDAL": lambda k, m: CrossSection(
        "trapezoidal", _g(k, 1, m), _g(k, 2, m), _g(k, 3, 1.0), _g(k, 4, 1.0)
    ),
    "TRIANGULAR": lambda k, m: CrossSection(
        "trapezoidal", _g(k, 1, m), 0.0, *(2 * (0.5 * _g(k, 2, m) / _g(k, 1, m),))
    ),
    "PARABOLIC": lambda k, m: parabola(_g(k, 1, m), _g(k, 2, m)),
    "EGG": lambda k, m: egg(_g(k, 1, m)),
    "HORIZ_ELLIPSE": lambda k, m: ellipse(_g(k, 1, m), _g(k, 2, m)),
    "VERT_ELLIPSE": lambda k, m: ellipse(_g(k, 1, m), _g(k, 2, m)),
    "FILLED_CIRCULAR": lambda k, m: filled_circle(_g(k, 1, m), _g(k, 2, m)),
    "RECT_TRIANGULAR": lambda k, m: triangle_below_rectangle(_g(k, 1, m), _g(k, 2, m), _g(k, 3, m)),
}


def read_cross_section(
    line: Line, m: float, curves: Mapping[str, Table]
) -> tuple[CrossSection, int]:
    """Section and number of barrels of one line of [XSECTIONS]; lengths in units of ``m`` metres.

    Raises:
        Refusal: a shape that is not supported, or dimensions that make none.
    """
    shape = line.word(1, "the shape").upper()
    if shape not in _SHAPES and shape != "CUSTOM":
        raise line.refuse(
            f"shape {shape} of {line.words[0]} is not supported",
            f"use one of {', '.join(_SHAPES)}, or CUSTOM with a curve of its widths",
            shape,
        )
    try:
        if shape == "CUSTOM":
            name = line.word(3, "the shape curve")
            if name not in curves:
                raise line.refuse(f"curve {name!r} is not in [CURVES]", "add the curve", name)
            return _custom(_g(line, 1, m), curves[name]), 1
        section = _SHAPES[shape](line, m)
    except (ValueError, ZeroDivisionError) as error:
        raise line.refuse(f"{line.words[0]}: {error}", "correct its dimensions") from error
    return section, max(int(line.number_at(6, "barrels", 1.0)), 1)


def _custom(height: float, table: Table) -> CrossSection:
    """A closed section; its curve gives width over depth, both as shares of the height."""
    curve = table.curve()
    return tabulated(
        height, lambda y: height * np.interp(y / height, np.asarray(curve.x), np.asarray(curve.y))
    )
