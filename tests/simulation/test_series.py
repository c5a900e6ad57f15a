"""A series is a CSV file of rising times, or refused with file and row."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.refusal import Refusal
from anlan.simulation import read_series


def written(folder: Path, text: str) -> Path:
    path = folder / "q.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    table = read_series(written(tmp_path, "value,time_s,remark\n2,0,dry\n4,60,wet\n"), "value")

    assert table.times.tolist() == [0.0, 60.0]
    assert table.values.tolist() == [2.0, 4.0]


def test_a_lone_second_column_may_have_any_name(tmp_path: Path) -> None:
    table = read_series(written(tmp_path, "# gauge 7\ntime_s,Q\n\n0,2\n"), "value")

    assert table.values.tolist() == [2.0]


def test_a_step_holds_until_the_next_row(tmp_path: Path) -> None:
    table = read_series(written(tmp_path, "time_s,value\n10,2\n20,4\n"), "value")

    assert [table.step_value(t) for t in (0, 9.9, 10, 19.9, 20, 99)] == [0, 0, 2, 2, 4, 4]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty; begin it with the header time_s,value"),
        ("time_s,value\n", "has a header and no rows; give at least one row"),
        ("t,q\n0,1\n", "has the columns t, q; begin it with the header time_s,value"),
        (
            "time_s,a,b\n0,1,2\n",
            "has the columns time_s, a, b and none is value; begin it with the header time_s,value",
        ),
        ("time_s,value\n0,1\n60,x\n", "row 3: value 'x' is not a number; write it like 1.5"),
        ("time_s,value\n0,nan\n", "row 2: value 'nan' is not a number; write it like 1.5"),
        (
            "time_s,value\n0,1\n0,2\n",
            "row 3: time_s 0 does not come after 0; put the rows in rising order, each time once",
        ),
        (
            "time_s,value\n0,1,5\n",
            "row 2 has 3 fields, the header 2; "
            "separate numbers by one comma and write decimals with a point",
        ),
    ],
)
def test_a_faulty_series_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(Refusal) as caught:
        read_series(path, "value")

    assert caught.value.message == f"series {path} {sentence}"
