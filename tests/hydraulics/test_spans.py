"""Ground around the domain is left out of the computation without changing a bit of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anlan.hydraulics import LocalInertial, State
from anlan.hydraulics.numerics import Array
from tests.hydraulics import basins


def _islands(ny: int, nx: int) -> NDArray[np.bool_]:
    """Rows that begin and end elsewhere, a row in two pieces, and a row without any cell."""
    j, i = np.mgrid[0:ny, 0:nx]
    inside = np.abs(i - nx / 2 + 3.0 * np.sin(j / 2.0)) < 1.0 + 0.4 * nx * np.sin(np.pi * j / ny)
    inside[ny // 2, nx // 2] = False
    inside[ny // 3] = False
    return np.asarray(inside)


@pytest.mark.parametrize("west", [0, 1, 17, 60])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_domain_within_a_wider_grid_gives_the_same_bits(
    west: int, precision: basins.Precision
) -> None:
    ny, nx = 24, 43
    basin = basins.make(7, ny, nx, 50.0, structures=False)
    active = _islands(ny, nx) & basin.active

    def run(before: int, after: int) -> tuple[Array, Array, float]:
        def wide(array: Array, fill: float) -> Array:
            return np.pad(array, ((2, 3), (before, after)), constant_values=fill)

        model = LocalInertial(
            wide(basin.bed, np.nan),
            50.0,
            wide(basin.manning, np.nan),
            active=wide(active, False),
            face_crest_x=wide(basin.crest_x, -np.inf),
            face_crest_y=wide(basin.crest_y, -np.inf),
            precision=precision,
        )
        model.restore(State(time=0.0, depth=wide(np.where(active, basin.depth, 0.0), 0.0)))
        model.set_rain(wide(np.full((ny, nx), 2e-5), 0.0))
        model.set_losses(wide(np.where(active, 1e-5, 0.0), 0.0))
        model.run(600.0)
        inner = (slice(2, 2 + ny), slice(before, before + nx))
        assert not np.where(model.active, 0.0, model.state.depth).any()
        return model.state.depth[inner], model.max_depth[inner], model.suggested_step()

    alone, wider = run(0, 0), run(west, 70 - west)
    assert alone[0].max() > 0.0
    assert np.array_equal(alone[0], wider[0])
    assert np.array_equal(alone[1], wider[1])
    assert alone[2] == wider[2]
