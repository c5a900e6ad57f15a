"""Inputs that are not what they should be are refused with the place and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from anlan.hydraulics import LocalInertial, State

BED = np.zeros((3, 4))


def _with(value: float, j: int = 1, i: int = 2) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = BED.copy()
    array[j, i] = value
    return array


def _model(**changed: Any) -> LocalInertial:
    return LocalInertial(**{"bed_elevation": BED, "dx": 10.0, "manning": 0.03, **changed})


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"bed_elevation": np.zeros(3)}, r"bed_elevation has shape \(3,\)"),
        (
            {"bed_elevation": _with(np.nan)},
            r"bed_elevation must be finite on active cells: 1 of 12 values break this, "
            r"the first at index \(1, 2\) is nan",
        ),
        (
            {"manning": _with(-0.03)},
            r"manning must lie between 0 and 10 .*: 1 of 12 .* index \(1, 2\) is -0\.03",
        ),
        ({"manning": np.zeros((4, 3))}, r"manning has shape \(4, 3\); .* shape \(3, 4\) of the"),
        ({"manning": "rough"}, r"manning must be numbers"),
        ({"dx": 0.0}, r"dx is 0\.0; it must be a finite number above 0"),
        ({"max_step": np.inf}, r"max_step is inf"),
        ({"courant": -1.0}, r"courant is -1\.0"),
        ({"theta": 1.5}, r"theta is 1\.5; it must lie between 0\.5 and 1"),
        ({"precision": "half"}, r"precision is 'half'; choose \"single\" or \"double\""),
        ({"active": np.ones((3, 4))}, r"active has type float64 .* must be boolean"),
        ({"active": np.zeros((3, 4), np.bool_)}, r"active has no active cell"),
        ({"face_crest_x": BED}, r"face_crest_x has shape \(3, 4\); .* \(3, 5\) of the faces"),
        ({"face_crest_y": np.full((4, 4), np.nan)}, r"face_crest_y must not be NaN .* \(0, 0\)"),
    ],
)
def test_a_model_of_bad_ground_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        _model(**changed)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda m: m.set_rain(_with(-1.0)), r"rain must be finite and at least 0 .* \(1, 2\)"),
        (lambda m: m.set_losses(np.nan), r"losses must be finite .*: 12 of 12 .* \(0, 0\) is nan"),
        (lambda m: m.set_rain(np.zeros((2, 2))), r"rain has shape \(2, 2\)"),
        (lambda m: m.set_level_boundary(([3], [0]), 1.0), r"cells holds \(3, 0\), outside"),
        (lambda m: m.set_level_boundary(np.ones((2, 2), np.bool_), 1.0), r"mask of shape \(2, 2\)"),
        (lambda m: m.set_level_boundary(([0.5], [0.5]), 1.0), r"cells must be a boolean mask or"),
        (lambda m: m.set_level_boundary(([0], [0]), np.nan), r"level must be finite: 1 of 1"),
        (lambda m: m.set_level_boundary(([0], [0]), [1.0, 2.0]), r"level has shape \(2,\)"),
        (
            lambda m: m.restore(State(time=0.0, depth=_with(-0.1))),
            r"depth must be finite and at least 0 m on active cells: .* \(1, 2\) is -0\.1",
        ),
        (
            lambda m: m.restore(State(time=0.0, depth=BED, qx=BED)),
            r"qx has shape \(3, 4\); .* \(3, 5\) of the faces",
        ),
        (
            lambda m: m.restore(State(time=0.0, depth=BED, running=np.ones(2, np.bool_))),
            r"running has 2 entries; this model has 0 structures",
        ),
        (lambda m: m.run_until(-1.0), r"cannot run to -1\.0 s"),
    ],
)
def test_bad_forcing_or_state_is_refused(
    act: Callable[[LocalInertial], None], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        act(_model())


def test_what_lies_outside_the_domain_is_not_looked_at() -> None:
    active = np.ones((3, 4), np.bool_)
    active[1, 2] = False
    model = _model(bed_elevation=_with(np.nan), manning=_with(-1.0) + 0.03, active=active)
    model.set_rain(_with(np.nan))

    model.run(60.0)

    assert model.state.depth[1, 2] == 0.0
    assert np.isnan(model.level[1, 2])


def test_a_held_cell_outside_the_domain_is_refused() -> None:
    active = np.ones((3, 4), np.bool_)
    active[0, 0] = False
    with pytest.raises(ValueError, match=r"cells holds \(0, 0\), which is inactive; leave it out"):
        _model(active=active).set_level_boundary(np.ones((3, 4), np.bool_), 1.0)


def test_the_greatest_depth_is_kept_after_the_water_has_gone() -> None:
    model = _model()
    model.restore(model.still_water(0.5))
    model.set_losses(1e-3)
    model.run(1200.0)
    assert not model.state.depth.any()
    assert model.max_depth == pytest.approx(np.full((3, 4), 0.5))
