"""The page says plainly what is held and what is missed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from validation.compare import arrival, nse, orders, relative_l1
from validation.record import Figure, Picture, Section, Table, Volume, number
from validation.report import anchor, document


def section(value: float) -> Section:
    return Section(
        name="one",
        title="One case, 2 × 2",
        source="A paper.",
        setup="A set-up.",
        figures=(Figure("error", value, "%", 1.0, beside="peer 3 %"),),
        tables=(Table("Numbers", ("a", "b"), (("1", "2"),)),),
        pictures=(Picture("one.png", "A plot"),),
        volumes=(Volume("run", "single", 2e-6),),
        notes=("A note.",),
    )


def test_a_miss_is_called_a_miss() -> None:
    text = document([section(2.0)], "1.0")
    assert "| error | 2.00 % | ≤ 1.00 % | **miss** | peer 3 % |" in text
    assert "**0 of 1 promised figures held; 0 of 1 runs kept their volume.**" in text


def test_a_figure_that_is_no_number_does_not_hold() -> None:
    assert Figure("error", math.nan, promise=1.0).held is False
    assert Figure("NSE", math.nan, promise=0.99, at_least=True).held is False


def test_a_figure_holds_at_its_limit() -> None:
    text = document([section(1.0)], "1.0")
    assert "| error | 1.00 % | ≤ 1.00 % | held | peer 3 % |" in text
    assert "[One case, 2 × 2](#one-case-2--2)" in text
    assert "![A plot](images/validation/one.png)" in text


def test_a_heading_gives_the_anchor_of_a_reader() -> None:
    assert anchor("Dam breaks and radial bowl, 200 × 200") == "dam-breaks-and-radial-bowl-200--200"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (15.12, "15.1"), (0.25, "0.250"), (2e-7, "2.0e-7"), (123.4, "123")],
)
def test_numbers_read_short(value: float, text: str) -> None:
    assert number(value) == text


def test_an_error_that_falls_fourfold_as_cells_double_is_of_second_order() -> None:
    assert orders([50, 100, 200], [0.16, 0.04, 0.01]) == pytest.approx([2.0, 2.0])


def test_measures_by_hand() -> None:
    assert relative_l1([1.0, 3.0], [2.0, 2.0]) == pytest.approx(50.0)
    assert nse([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0
    assert nse([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]) == 0.0


def test_arrival_lies_between_outputs_in_proportion() -> None:
    assert arrival([0.0, 10.0], [0.0, 0.04], 0.01) == pytest.approx(2.5)
    assert math.isnan(arrival(np.array([0.0]), np.array([0.0]), 0.01))
