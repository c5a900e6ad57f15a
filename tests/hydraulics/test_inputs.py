"""Inputs that are not what they should be are refused with the place and the remedy."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from anlan.hydraulics import (
    Boundary,
    Breach,
    Bridge,
    Constant,
    Faces,
    GreenAmpt,
    Horton,
    Series,
    ShallowWater,
    Source,
    State,
    edge_faces,
)
from tests.hydraulics import basins

BED = np.zeros((3, 4))
ALL = np.ones((3, 4), np.bool_)
WEST = edge_faces(ALL, "west")
UP: Any = "up"
WAVE: Any = "wave"
PROCESSORS = len(os.sched_getaffinity(0))


def _with(value: float, j: int = 1, i: int = 2) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = BED.copy()
    array[j, i] = value
    return array


def _model(**changed: Any) -> ShallowWater:
    return ShallowWater(**{"bed_elevation": BED, "dx": 10.0, "manning": 0.03, **changed})


def _faces(row: int, column: int, side: Any) -> Faces:
    return Faces(np.array([row]), np.array([column]), side)


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
        ({"precision": "half"}, r"precision is 'half'; choose 'single' or 'double'"),
        ({"scheme": "kinematic"}, r"scheme is 'kinematic'; choose 'inertial' or 'full'"),
        ({"members": 0}, r"members is 0; it must be 1 or more, or left out"),
        (
            {"threads": PROCESSORS + 1},
            rf"threads is {PROCESSORS + 1}; choose 1 to {PROCESSORS}, the processors here",
        ),
        ({"active": np.ones((3, 4))}, r"active has type float64 .* must be boolean"),
        ({"active": np.zeros((3, 4), np.bool_)}, r"active has no active cell"),
        ({"face_crest_x": BED}, r"face_crest_x has shape \(3, 4\); .* \(3, 5\) of the faces"),
        ({"face_crest_y": np.full((4, 4), np.nan)}, r"face_crest_y must not be NaN .* \(0, 0\)"),
        ({"infiltration": Constant(-1.0)}, r"rate must be finite and at least 0 .* \(0, 0\)"),
        (
            {"infiltration": Horton(1e-6, 2e-6, 1e-3)},
            r"final exceeds initial somewhere; Horton's rate falls in time",
        ),
        (
            {"infiltration": GreenAmpt(1e-6, 0.1, 1.5)},
            r"deficit must be finite and at least 0, at most 1\.0 on active cells",
        ),
        ({"sources": [Source(([3], [0]), 1.0)]}, r"cells holds \(3, 0\), outside the grid"),
        (
            {"sources": [Source(np.zeros((3, 4), np.bool_), 1.0, "spring")]},
            r"the source 'spring' has no cell",
        ),
        (
            {"sources": [Source(([0], [0]), [1.0, 2.0], "spring")]},
            r"source 'spring' has 2 values; this run has 1 members",
        ),
        (
            {"breaches": [Breach([("x", 1, 0)], 0.0, 0.0)]},
            r"a breach names the face \('x', 1, 0\), which does not lie between two active cells",
        ),
        (
            {"boundaries": [Boundary("open", _faces(1, 1, "west"))]},
            r"names the west side of \(1, 1\), where the domain goes on; a boundary acts at its",
        ),
        (
            {"boundaries": [Boundary("open", _faces(1, 7, "west"), name="ditch")]},
            r"the open boundary 'ditch' names the cell \(1, 7\), which is not active",
        ),
        (
            {"boundaries": [Boundary("open", WEST), Boundary("level", WEST, 1.0, name="tide")]},
            r"the level boundary 'tide' claims the face \('x', 0, 0\), which is taken already",
        ),
        (
            {"boundaries": [Boundary("normal_depth", WEST, slope=0.01)], "manning": 0.0},
            r'cell \(0, 0\) has Manning 0, where no uniform flow exists; .* kind "open"',
        ),
        (
            {"boundaries": [Boundary("level", WEST, [1.0, 2.0], name="tide")], "members": 3},
            r"the level boundary 'tide' has 2 values; this run has 3 members",
        ),
        (
            {
                "structures": [Bridge("deck", (("x", 1, 2),), 1.0)],
                "face_crest_x": np.full((3, 5), 1.0),
            },
            r"face \('x', 1, 2\) has a bridge and a barrier; keep one of them",
        ),
    ],
)
def test_a_model_that_cannot_be_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        _model(**changed)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: edge_faces(ALL, UP), r"side is 'up'; choose west, east, south or north"),
        (lambda: edge_faces(~ALL, "west"), r"no active cell lies along the west side there"),
        (lambda: edge_faces(ALL, "south", 4, 9), r"no active cell lies along the south side"),
        (lambda: Boundary(WAVE, WEST), r"boundary kind is 'wave'; choose open, level, disch"),
        (lambda: Boundary("open", [], name="ditch"), r"the open boundary 'ditch' has no face"),
        (
            lambda: Boundary("normal_depth", WEST, name="out"),
            r"the normal_depth boundary 'out' has slope 0\.0; give it above 0",
        ),
        (lambda: Breach([], 0.0, 0.0), r"a breach has no face"),
        (lambda: Breach([("z", 0, 0)], 0.0, 0.0), r'names the axis \'z\'; choose "x" or "y"'),
        (lambda: Breach([("x", 0, 1)], np.inf, 0.0), r"a breach at inf s to 0\.0 m must have fin"),
        (lambda: Breach([("x", 0, 1)], 0.0, 0.0, -1.0), r"a breach lasts -1\.0 s; it must be 0 or"),
        (lambda: Series([0.0, 1.0], [1.0]), r"has \(2,\) times and \(1,\) values; give one value"),
        (lambda: Series([], []), r"give one value for each time, at least one"),
        (lambda: Series([0.0, np.nan], [1.0, 2.0]), r"a series holds numbers that are not finite"),
        (
            lambda: Series([0.0, 60.0, 60.0], [1.0, 2.0, 3.0]),
            r"times of a series must increase: entry 2 is 60\.0 s after 60\.0 s",
        ),
    ],
)
def test_what_happens_at_an_edge_is_checked_when_it_is_said(
    make: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda m: m.set_rain(_with(-1.0)), r"rain must be finite and at least 0 .* \(1, 2\)"),
        (lambda m: m.set_rain(np.zeros((2, 2))), r"rain has shape \(2, 2\)"),
        (lambda m: m.set_rain(np.zeros((2, 3, 4))), r"rain has 2 fields; this run has 1 members"),
        (lambda m: m.set_evaporation(-1e-9), r"evaporation is -1e-09 m/s; it must be finite and"),
        (lambda m: m.set_wind(np.nan, 0.0), r"wind is \(nan, 0\.0\) m2/s2; it must be finite"),
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
            r"qx has shape \(3, 4\); it must have the shape \(3, 5\)",
        ),
        (
            lambda m: m.restore(State(time=0.0, depth=BED, works=np.ones((2, 3)))),
            r"works has shape \(2, 3\); it must have the shape \(0, 3\)",
        ),
        (lambda m: m.run_until(-1.0), r"cannot run to -1\.0 s"),
        (lambda m: m.tracked, r"nothing is tracked; call track\(\) before the run"),
        (lambda m: m.track([0.1, 0.0]), r"thresholds are \(0\.1, 0\.0\); depths above 0 m are"),
        (lambda m: m.track(interval=-1.0), r"interval is -1\.0 s; it must be 0 \(every step\) or"),
    ],
)
def test_bad_forcing_or_state_is_refused(
    act: Callable[[ShallowWater], None], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        act(_model())


def test_what_lies_outside_the_domain_is_not_looked_at() -> None:
    active = ALL.copy()
    active[1, 2] = False
    model = basins.model(_with(np.nan), 10.0, _with(-1.0) + 0.03, active=active)
    model.set_rain(_with(np.nan))

    model.run(60.0)

    assert model.state.depth[1, 2] == 0.0
    assert np.isnan(model.level[1, 2])


def test_a_held_cell_outside_the_domain_is_refused() -> None:
    active = ALL.copy()
    active[0, 0] = False
    with pytest.raises(ValueError, match=r"cells holds \(0, 0\), which is inactive; leave it out"):
        _model(active=active).set_level_boundary(ALL, 1.0)
