"""Steps respect the Courant limit, dry ground advances, and a run can stop and go on."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import GreenAmpt, Model, ShallowWater, State, course, run
from tests.hydraulics import basins

G = 9.81
SCHEMES = pytest.mark.parametrize("scheme", basins.SCHEMES)
SOIL = GreenAmpt(conductivity=1e-6, suction=0.1, deficit=0.3, recovery=1e-4)


@SCHEMES
@settings(max_examples=15, deadline=None, derandomize=True)
@given(basin=basins.basins())
def test_every_step_respects_the_courant_limit(scheme: basins.Scheme, basin: basins.Basin) -> None:
    """No wave, carried along by the flow, crosses a cell within a step."""
    model = basin.model(scheme, "double")
    for _ in range(50):
        state, dt = model.state, model.suggested_step()
        wave = np.sqrt(G * state.depth)
        if state.ux is not None and state.uy is not None:
            across = np.abs(state.ux)
            along = np.abs(state.uy)
            wave = wave + np.maximum(
                np.maximum(across[:, 1:], across[:, :-1]), np.maximum(along[1:], along[:-1])
            )
        assert 0.0 < dt <= 60.0
        assert dt * wave.max() <= basin.dx
        model.advance(dt)


@SCHEMES
def test_the_step_over_still_water_is_that_of_its_gravity_wave(scheme: basins.Scheme) -> None:
    """0.6 x 100 m / sqrt(9.81 x 4 m) = 9.578 s."""
    pool = basins.model(np.zeros((4, 4)), 100.0, 0.03, scheme=scheme, courant=0.6)
    pool.restore(pool.still_water(4.0))
    assert pool.suggested_step() == pytest.approx(0.6 * 100.0 / np.sqrt(G * 4.0), rel=1e-6)


@pytest.mark.parametrize(("scheme", "limit"), [("full", 0.5), ("inertial", 0.45)])
def test_no_courant_number_above_the_limit_of_stability_is_taken(
    scheme: basins.Scheme, limit: float
) -> None:
    """Two-dimensional staggered schemes: 1 / sqrt(2), sqrt(theta / 2) at theta 0.9."""
    pool = basins.model(np.zeros((4, 4)), 100.0, 0.03, scheme=scheme, courant=1.0)
    pool.restore(pool.still_water(4.0))
    assert pool.suggested_step() * np.sqrt(G * 4.0) / 100.0 == pytest.approx(limit**0.5, rel=0.02)
    assert pool.suggested_step() * np.sqrt(G * 4.0) / 100.0 < limit**0.5


@SCHEMES
def test_a_dry_basin_advances_by_its_longest_step(scheme: basins.Scheme) -> None:
    dry = basins.model(np.zeros((3, 3)), 10.0, 0.03, scheme=scheme, max_step=45.0)
    assert dry.suggested_step() == 45.0

    dry.advance(45.0)

    assert dry.time == 45.0
    assert not dry.state.depth.any()
    assert dry.suggested_step() == 45.0


def test_a_step_longer_than_suggested_is_refused_with_the_limit() -> None:
    dry = basins.model(np.zeros((3, 3)), 10.0, 0.03, max_step=45.0)
    with pytest.raises(
        ValueError, match=r"dt is 46\.0 s; .* not exceed suggested_step\(\), now 45"
    ):
        dry.advance(46.0)
    with pytest.raises(ValueError, match=r"dt is 0\.0 s; it must lie above 0"):
        dry.advance(0.0)


def _same(a: State, b: State) -> None:
    for one in fields(State):
        x, y = getattr(a, one.name), getattr(b, one.name)
        if x is None or y is None:
            assert x is y, one.name
        else:
            assert np.array_equal(x, y), one.name


@SCHEMES
@pytest.mark.parametrize("precision", ["single", "double"])
@settings(max_examples=10, deadline=None, derandomize=True)
@given(basin=basins.basins(), seconds=st.floats(1.0, 900.0))
def test_a_restarted_run_equals_the_whole_run_bit_for_bit(
    scheme: basins.Scheme, precision: basins.Precision, basin: basins.Basin, seconds: float
) -> None:
    whole = basin.model(scheme, precision)
    whole.run(seconds)
    kept = whole.state.copy()
    whole.run(seconds)

    again = basin.model(scheme, precision)
    basin.start(again, kept)
    again.run(seconds)

    assert again.suggested_step() == whole.suggested_step()
    _same(again.state, whole.state)


@SCHEMES
@pytest.mark.parametrize("precision", ["single", "double"])
def test_two_halves_equal_the_whole_with_everything_on(
    scheme: basins.Scheme, precision: basins.Precision
) -> None:
    """Soil, works, edges, a breach that falls at the cut, and what is tracked."""
    everything = basins.Everything(SOIL)
    whole = everything.model(scheme, precision)
    whole.track(interval=30.0)
    whole.run_until(1020.0)
    kept = whole.state.copy()
    first = whole.tracked
    whole.run_until(2040.0)

    again = ShallowWater(**everything.settings, scheme=scheme, precision=precision)
    again.track(interval=30.0)
    everything.start(again, kept)
    again.run_until(2040.0)

    assert again.suggested_step() == whole.suggested_step()
    _same(again.state, whole.state)
    second, both = again.tracked, whole.tracked
    for name in ("max_depth", "max_speed", "max_hazard"):
        halves = np.fmax(getattr(first, name), getattr(second, name))
        assert np.array_equal(halves, getattr(both, name), equal_nan=True), name
    assert np.array_equal(
        np.fmin(first.arrival_time, second.arrival_time), both.arrival_time, equal_nan=True
    )


@SCHEMES
def test_a_model_used_again_shows_no_trace_of_the_run_before(scheme: basins.Scheme) -> None:
    """One model runs many members: what came first must not matter, to the last bit."""

    def member(model: ShallowWater, level: float) -> None:
        model.restore(model.still_water(0.0))
        model.set_rain(1e-6 * level)
        model.set_level_boundary(([0, 1], [0, 0]), level)
        model.set_level_boundary(([0], [7]), -0.5 * level)
        model.run(3600.0)

    bed = np.random.default_rng(2).normal(-1.0, 0.5, (4, 8))
    fresh, used = (basins.model(bed, 50.0, 0.03, scheme=scheme) for _ in range(2))
    for model in (fresh, used):
        model.track(interval=0.0)
    member(used, 9.0)
    member(used, 0.5)
    member(fresh, 0.5)

    _same(used.state, fresh.state)
    assert np.array_equal(used.tracked.max_depth, fresh.tracked.max_depth)
    assert used.budget.storage == fresh.budget.storage
    assert used.budget.rain == fresh.budget.rain


@SCHEMES
def test_a_run_gives_the_same_bits_wherever_its_arrays_lie(scheme: basins.Scheme) -> None:
    """Arrays lying close together send the machine down another path of the same loop."""
    between = []
    for seed in range(6):
        basin = basins.make(seed, 2 + seed % 5, 9 + 5 * seed, 5.0)
        answers = set()
        for k in range(6):
            between.append(np.zeros(1 + 37 * k, np.uint8))
            model = basin.model(scheme, "double")
            model.run(60.0)
            state = model.state
            assert state.qx is not None
            answers.add((state.depth.tobytes(), state.qx.tobytes(), repr(model.budget)))
        assert len(answers) == 1


def test_a_kept_state_does_not_change_as_the_run_goes_on() -> None:
    pond = basins.model(np.zeros((2, 2)), 10.0, 0.03)
    kept = pond.state.copy()
    pond.set_rain(1e-3)
    pond.run(60.0)
    assert not kept.depth.any()


@SCHEMES
def test_stepping_one_by_one_comes_to_the_same_water(scheme: basins.Scheme) -> None:
    """A run evens out its last two steps; but for that its steps are those suggested."""
    basin = basins.make(5, 6, 20, 25.0)
    looped, stepped = basin.model(scheme, "single"), basin.model(scheme, "single")

    looped.run(120.0)
    while (left := 120.0 - stepped.time) > 0.0:
        longest = stepped.suggested_step()
        stepped.advance(left if longest >= left else min(longest, 0.5 * left))

    assert stepped.time == 120.0
    _same(looped.state, stepped.state)


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
    "model", [_Clockwork(), basins.model(np.zeros((2, 2)), 10.0, 0.03, max_step=7.0)]
)
def test_the_driver_shows_any_model_at_its_output_times(model: Model) -> None:
    seen: list[float] = []
    run(model, 25.0, lambda m: seen.append(m.time), every=10.0)
    assert seen == pytest.approx([10.0, 20.0, 25.0])


def test_the_driver_refuses_to_run_backwards() -> None:
    model = _Clockwork()
    run(model, 5.0)
    with pytest.raises(ValueError, match=r"cannot run to 1\.0 s: the model already stands at 5"):
        run(model, 1.0)


@pytest.mark.parametrize("clockwork", [True, False])
def test_whoever_watches_a_run_sees_its_times_and_may_end_it(
    clockwork: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "UPDATES_AT_ONCE", 1)
    made = basins.model(np.zeros((2, 2)), 10.0, 0.03, max_step=7.0)
    model: Model = _Clockwork() if clockwork else made
    seen: list[float] = []

    def watch(time: float) -> bool:
        seen.append(time)
        return time < 20.0

    run(model, 100.0, on_progress=watch)

    assert seen == [7.0, 14.0, 21.0]
    assert model.time == 21.0


def test_a_run_that_is_watched_equals_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    basin = basins.make(6, 6, 20, 25.0)
    alone, watched = basin.model("full", "single"), basin.model("full", "single")
    alone.run_until(300.0)
    monkeypatch.setattr(course, "UPDATES_AT_ONCE", 1)
    watched.run_until(300.0, on_progress=lambda time: None)
    _same(alone.state, watched.state)
