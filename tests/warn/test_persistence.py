"""Forecasts must persist: as many runs in a row as the rule says, to raise and to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.warn.colour import Colour
from anlan.warn.evidence import Run, usable_runs
from anlan.warn.lifecycle import Evidence, Standing, Step, decide

NOW = datetime(2021, 7, 25, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE, BLUE, YELLOW, ORANGE, RED = Colour


def foreseen(*newest_first: Colour, near: Colour = NONE, runs: int = 3) -> Evidence:
    return Evidence(
        forecasts=newest_first, near=near, runs=runs, has_gauge=True, gauge_present=True
    )


@pytest.mark.parametrize(
    ("evidence", "raised"),
    [
        (foreseen(RED), NONE),
        (foreseen(RED, RED), NONE),
        (foreseen(RED, RED, ORANGE), ORANGE),  # what all three support
        (foreseen(RED, NONE, RED), NONE),  # in a row
        (foreseen(RED, near=YELLOW), YELLOW),  # one run and a gauge
        (foreseen(RED, BLUE, runs=2), BLUE),
    ],
)
def test_so_many_runs_in_a_row_or_one_and_a_gauge(evidence: Evidence, raised: Colour) -> None:
    assert evidence.raise_to is raised


def test_one_run_of_three_that_still_sees_it_keeps_the_warning() -> None:
    out = Standing(issued=ORANGE, forecast_based=True, lower_since=NOW - 3 * HOUR)

    def step(*newest_first: Colour) -> Step:
        return decide(out, foreseen(*newest_first), NOW, 2 * HOUR, HOUR).step

    assert step(NONE, NONE) is Step.NOTHING  # three must speak before it can be called over
    assert step(NONE, NONE, ORANGE) is Step.NOTHING
    assert step(NONE, NONE, BLUE) is Step.LOWER
    assert step(NONE, NONE, NONE) is Step.CLEAR


def test_each_older_run_may_be_older_by_the_age_of_one() -> None:
    runs = [Run(f"r{hours}", NOW - hours * HOUR, {}) for hours in (1, 13, 23, 37)]
    assert [run.id for run in usable_runs(runs, NOW, 12 * HOUR, 3)] == ["r1", "r13", "r23"]
    assert [run.id for run in usable_runs(runs, NOW, 12 * HOUR)] == ["r1", "r13"]
    late = [Run("r14", NOW - 14 * HOUR, {}), *runs[1:]]
    assert "r14" not in [run.id for run in usable_runs(late[:1], NOW, 12 * HOUR, 3)]
