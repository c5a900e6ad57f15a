"""Cross sections: the closed forms of the loops give the exact geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics.drainage import CrossSection, egg, ellipse, filled_circle, parabola
from anlan.hydraulics.drainage import sections as exact
from anlan.hydraulics.drainage.geometry import area_and_width, whole_section
from anlan.hydraulics.drainage.network import Conduit, Junction, Network, Outfall
from anlan.hydraulics.drainage.packing import Packed, pack
from anlan.hydraulics.numerics import Array, entry


@entry
def _evaluate(net: Packed, depths: Array, out: Array) -> None:
    for i in range(depths.shape[0]):
        kind = net.shape_kind[0]
        area, width = area_and_width(kind, net.shape, 0, net.tables, 0, depths[i])
        _, _, radius = whole_section(kind, net.shape, 0, net.tables, 0, depths[i])
        out[i, 0] = area
        out[i, 1] = width
        out[i, 2] = radius


SECTIONS = {
    "circle": CrossSection("circular", 1.2),
    "box": CrossSection("rect_closed", 1.0, 2.0),
    "open rectangle": CrossSection("rect_open", 1.0, 2.0),
    "trapezoid": CrossSection("trapezoidal", 1.5, 1.0, 1.0, 2.0),
    "triangle": CrossSection("trapezoidal", 1.5, 0.0, 1.0, 1.0),
    "egg": egg(1.5),
    "ellipse": ellipse(1.0, 1.6),
    "parabola": parabola(1.0, 2.0),
    "filled circle": filled_circle(1.0, 0.2),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_area_width_and_radius_are_those_of_the_shape(name: str) -> None:
    section = SECTIONS[name]
    net = pack(
        Network(
            [Junction("a", 1.0), Outfall("b", 0.0)], [Conduit("c", "a", "b", section, 10.0, 0.013)]
        )
    )
    depths = section.height * np.linspace(0.05, 0.96, 48)
    out = np.zeros((len(depths), 3))

    _evaluate(net, depths, out)

    area = exact.area(section, depths)
    np.testing.assert_allclose(out[:, 0], area, rtol=1e-6)
    np.testing.assert_allclose(out[:, 1], exact.top_width(section, depths), rtol=1e-6)
    # the table interpolates the radius itself
    radius = area / exact.wetted_perimeter(section, depths)
    np.testing.assert_allclose(out[:, 2], radius, rtol=1e-2 if section.widths else 1e-6)


def test_a_full_circle_has_the_area_and_radius_of_a_circle() -> None:
    circle = CrossSection("circular", 2.0)

    assert float(exact.area(circle, 2.0)) == pytest.approx(math.pi)
    assert float(exact.wetted_perimeter(circle, 2.0)) == pytest.approx(2.0 * math.pi)
    assert float(exact.area(circle, 1.0)) == pytest.approx(math.pi / 2.0)


def test_an_egg_has_the_proportions_of_the_textbook() -> None:
    """Width 2/3 of the height; area 0.510 and wetted perimeter 2.643 times H2 and H (full)."""
    section = egg(3.0)

    assert max(section.widths) == pytest.approx(2.0, rel=1e-4)
    assert float(exact.area(section, 3.0)) / 9.0 == pytest.approx(0.510, abs=0.002)
    assert float(exact.wetted_perimeter(section, 3.0)) / 3.0 == pytest.approx(2.643, abs=0.01)


def test_a_section_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="rect_closed cross section needs a width above 0"):
        CrossSection("rect_closed", 1.0)
