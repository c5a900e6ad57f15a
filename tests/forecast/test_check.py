"""Faults in what only forecasts read."""

from __future__ import annotations

import shutil
from pathlib import Path

from anlan.city import City
from anlan.forecast import check


def test_the_cities_have_none(pinghu: City, talstadt: City) -> None:
    assert check(pinghu.folder) == []
    assert check(talstadt.folder) == []


def test_a_missing_and_a_broken_file_are_named_with_the_command_that_makes_them(
    pinghu: City, tmp_path: Path
) -> None:
    city = tmp_path / "city"
    city.mkdir()
    shutil.copy(pinghu.folder / "city.toml", city)
    shutil.copytree(pinghu.folder / "tide", city / "tide")
    shutil.copytree(pinghu.folder / "typhoon", city / "typhoon")
    (city / "typhoon" / "track_errors.csv").unlink()
    (city / "tide" / "zhapu.toml").write_text('station = "x"\n')
    faults = {f.file: f for f in check(city)}
    assert set(faults) == {"tide/zhapu.toml", "typhoon/track_errors.csv"}
    assert "fit_track CITY --before YEAR" in str(faults["typhoon/track_errors.csv"].remedy)
    assert "constituents" in faults["tide/zhapu.toml"].message
