"""Steps respect the Courant limit, dry ground advances, and a run can stop and go on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import LocalInertial, Model, State, run
from anlan.hydraulics.rows import flux_row
from tests.hydraulics import basins

G = 9.81


@settings(max_examples=25, derandomize=True, deadline=None)
@given(basin=basins.basins())
def test_every_step_respects_the_courant_limit(basin: basins.Basin) -> None:
    """No gravity wave crosses a cell within a step, at the depth of any open face before it."""
    model = basin.model("double")
    inner = np.maximum(basin.bed[:, 1:], basin.bed[:, :-1])
    face_bed = np.maximum(inner, basin.crest_x[:, 1:-1])
    face_bed[~(basin.active[:, 1:] & basin.active[:, :-1])] = np.inf
    for _ in range(50):
        level = np.where(basin.active, model.level, -np.inf)
        face_depth = np.maximum(level[:, 1:], level[:, :-1]) - face_bed
        wave = np.sqrt(G * max(float(face_depth.max(initial=0.0)), 0.0))
        dt = model.suggested_step()
        assert 0.0 < dt <= 60.0
        assert dt * wave <= basin.dx
        model.advance(dt)


def test_the_step_over_still_water_is_that_of_its_gravity_wave() -> None:
    """0.6 x 100 m / sqrt(9.81 x 4 m) = 9.578 s."""
    pool = LocalInertial(np.zeros((4, 4)), 100.0, 0.03, courant=0.6)
    pool.restore(pool.still_water(4.0))
    assert pool.suggested_step() == pytest.approx(0.6 * 100.0 / np.sqrt(G * 4.0), rel=1e-6)


def test_a_dry_basin_advances_by_its_longest_step() -> None:
    dry = LocalInertial(np.zeros((3, 3)), 10.0, 0.03, max_step=45.0)
    assert dry.suggested_step() == 45.0

    dry.advance(45.0)

    assert dry.state.time == 45.0
    assert not dry.state.depth.any()
    assert dry.suggested_step() == 45.0


def test_a_step_longer_than_suggested_is_refused_with_the_limit() -> None:
    dry = LocalInertial(np.zeros((3, 3)), 10.0, 0.03, max_step=45.0)
    with pytest.raises(
        ValueError, match=r"dt is 46\.0 s; .* not exceed suggested_step\(\), now 45"
    ):
        dry.advance(46.0)
    with pytest.raises(ValueError, match=r"dt is 0\.0 s; it must lie above 0"):
        dry.advance(0.0)


@pytest.mark.parametrize("precision", ["single", "double"])
@settings(max_examples=20, derandomize=True, deadline=None)
@given(basin=basins.basins(), seconds=st.floats(1.0, 900.0))
def test_a_restarted_run_equals_the_whole_run_bit_for_bit(
    precision: basins.Precision, basin: basins.Basin, seconds: float
) -> None:
    whole = basin.model(precision)
    whole.run(seconds)
    kept = whole.state.copy()
    whole.run(seconds)

    again = basin.model(precision)
    again.restore(kept)
    if basin.held.any():
        again.set_level_boundary(basin.held, basin.level)
    again.run(seconds)

    assert again.state.time == whole.state.time
    assert again.suggested_step() == whole.suggested_step()
    for name in ("depth", "carry", "qx", "qy", "running"):
        assert np.array_equal(getattr(again.state, name), getattr(whole.state, name)), name


def test_a_model_used_again_shows_no_trace_of_the_run_before() -> None:
    """One model runs many members: what came first must not matter, to the last bit."""

    def member(model: LocalInertial, level: float) -> None:
        model.restore(model.still_water(0.0))
        model.set_rain(1e-6 * level)
        model.set_level_boundary(([0, 1], [0, 0]), level)
        model.set_level_boundary(([0], [7]), -0.5 * level)
        model.run(3600.0)

    bed = np.random.default_rng(2).normal(-1.0, 0.5, (4, 8))
    fresh, used = LocalInertial(bed, 50.0, 0.03), LocalInertial(bed, 50.0, 0.03)
    member(used, 9.0)
    member(used, 0.5)
    member(fresh, 0.5)

    assert np.array_equal(used.state.depth, fresh.state.depth)
    assert np.array_equal(used.max_depth, fresh.max_depth)
    assert used.budget == fresh.budget


def test_a_run_gives_the_same_bits_wherever_its_arrays_lie() -> None:
    """Arrays lying close together send the machine down another path of the same loop."""
    between = []
    for seed in range(10):
        basin = basins.make(seed, 2 + seed % 5, 9 + 3 * seed, 5.0)
        answers = set()
        for k in range(8):
            between.append(np.zeros(1 + 37 * k, np.uint8))
            model = basin.model("double")
            model.run(60.0)
            state = model.state
            assert state.qx is not None
            answers.add((state.depth.tobytes(), state.qx.tobytes(), repr(model.budget)))
        assert len(answers) == 1


def test_a_kept_state_does_not_change_as_the_run_goes_on() -> None:
    pond = LocalInertial(np.zeros((2, 2)), 10.0, 0.03)
    kept = pond.state.copy()
    pond.set_rain(1e-3)
    pond.run(60.0)
    assert not kept.depth.any()


def test_stepping_one_by_one_equals_the_compiled_loop() -> None:
    basin = basins.make(5, 6, 20, 25.0)
    looped, stepped = basin.model("single"), basin.model("single")

    looped.run(120.0)
    while stepped.state.time < 120.0:
        stepped.advance(min(stepped.suggested_step(), 120.0 - stepped.state.time))

    assert np.array_equal(looped.state.depth, stepped.state.depth)


class _Clockwork:
    """The least that a model is: a clock that accepts steps of at most 7 s."""

    def __init__(self) -> None:
        self.time = 0.0

    @property
    def state(self) -> State:
        return State(time=self.time, depth=np.zeros((1, 1)))

    def suggested_step(self) -> float:
        return 7.0

    def advance(self, dt: float) -> None:
        assert 0.0 < dt <= 7.0
        self.time += dt


@pytest.mark.parametrize(
    "model", [_Clockwork(), LocalInertial(np.zeros((2, 2)), 10.0, 0.03, max_step=7.0)]
)
def test_the_driver_shows_any_model_at_its_output_times(model: Model) -> None:
    seen: list[float] = []
    run(model, 25.0, lambda m: seen.append(m.state.time), every=10.0)
    assert seen == pytest.approx([10.0, 20.0, 25.0])


def test_the_driver_refuses_to_run_backwards() -> None:
    model = _Clockwork()
    run(model, 5.0)
    with pytest.raises(ValueError, match=r"cannot run to 1\.0 s: the model already stands at 5"):
        run(model, 1.0)


def test_the_flux_rows_are_packed_instructions() -> None:
    """Guards the speed without a clock: a scalar loop is five times slower."""
    real = np.float32
    rows = [np.ones(40, real) for _ in range(15)]
    compiled: Any = flux_row
    compiled(*rows, real(0.9), real(1.0), real(10.0))
    code = "".join(compiled.inspect_llvm().values())
    assert "x float> @llvm.sqrt.v" in code
