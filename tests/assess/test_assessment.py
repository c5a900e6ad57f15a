"""One run read as what it means for the city, with numbers checked by hand."""

import json
from datetime import timedelta

import numpy as np
import pytest

from anlan.assess import Assessment, assess
from anlan.refusal import Refusal
from tests.assess import small

UNDERPASS, OLD_STREET, LOW, CLINIC = range(4)


def test_a_dry_run_means_nothing_for_anyone() -> None:
    city = small.harbour()
    made = assess(city, small.run(city), "r1")
    assert made["run"] == "r1"
    assert made["issued"] == "2021-07-25T00:00Z"
    assert made["horizon_h"] == 12
    assert {part["attention"]["probability"] for part in made["places"]} == {0.0}
    assert {part["peak_time"] for part in made["places"]} == {None}
    assert {town["onset"] for town in made["towns"]} == {None}
    assert made["city"]["residents"] == {"p10": 0, "p50": 0, "p90": 0}
    assert made["synthetic"] == ["地形", "人口"]


def test_a_place_floods_in_the_members_in_which_its_cell_does() -> None:
    city = small.harbour()
    run = small.run(city)
    # Four of ten members: the surface rises from 2.0 m at 3 h to 2.3 m at 4 h, over ground
    # at 2.0 m, and stays: 0.15 m is crossed at 3.5 h, 0.30 m is reached and never exceeded.
    run.place_level[:4, 3, OLD_STREET] = 2.0
    run.place_level[:4, 4:, OLD_STREET] = 2.3
    part = assess(city, run, "r1")["places"][OLD_STREET]
    assert part["attention"] == {
        "threshold_m": 0.15,
        "probability": 0.4,
        "onset": "2021-07-25T03:30Z",
        "duration_h": 8.5,
    }
    assert part["town"] == "11"
    assert part["peak_m"] == {"p10": 0.0, "p50": 0.0, "p90": 0.3}
    assert part["peak_time"] == "2021-07-25T04:00Z"


def test_an_underpass_floods_from_its_own_rain_while_its_cell_stays_dry() -> None:
    city = small.harbour()
    run = small.run(city)
    run.place_rain[:, 2, UNDERPASS] = 30.0  # 300 m³ less 180 pumped stand 0.24 m deep
    part = assess(city, run, "r1")["places"][UNDERPASS]
    assert part["peak_m"]["p50"] == 0.24
    assert part["attention"]["probability"] == 1.0
    assert part["danger"]["probability"] == 0.0


def flooded() -> Assessment:
    """Old street and clinic stand in water in six of ten members, V1 is 10 % under water."""
    city = small.harbour()
    run = small.run(city)
    run.place_level[:6, 5, [OLD_STREET, CLINIC]] = 2.5
    run.village_fraction[:6, 0, 0] = 0.1
    return assess(city, run, "r1")


def test_towns_count_villages_and_the_places_that_hang_on_them() -> None:
    jia, yi = flooded()["towns"]
    # 300 live in the old street, more than a tenth of the 1000 of its village.
    assert (jia["residents_p50"], jia["old_houses_p50"]) == (300, 30)
    assert jia["attention_probability"] == 0.6
    assert jia["places_attention_p50"] == 1
    # The clinic hangs on its town and on no village.
    assert yi["residents_p50"] == 20
    assert yi["public_services"] == [{"id": "卫生院", "name": "卫生院", "probability": 0.6}]
    assert jia["public_services"] == []


def test_departments_answer_for_their_own_places() -> None:
    parts = {part["department"]: part for part in flooded()["departments"]}
    assert set(parts) == {"交通局", "住建局", "卫健局"}
    assert parts["住建局"]["places"] == 2
    assert parts["住建局"]["attention_expected"] == 0.6
    assert parts["交通局"]["attention_expected"] == 0
    assert parts["卫健局"]["residents_p50"] == 20


def test_the_city_sums_members_before_it_takes_quantiles() -> None:
    # Members 1–5 flood the old street (300), 6–10 the low community (200): the median of the
    # towns' sums would be 0 or all; the city's own median lies between 200 and 300.
    city = small.harbour()
    run = small.run(city)
    run.place_level[:5, 5, OLD_STREET] = 2.5
    run.place_level[5:, 5, LOW] = 2.5
    made = assess(city, run, "r1")
    assert made["city"]["residents"] == {"p10": 200, "p50": 250, "p90": 300}
    assert made["city"]["places_attention"] == {"p10": 1, "p50": 1, "p90": 1}


def test_villages_follow_their_own_depth_and_the_median_course() -> None:
    city = small.harbour()
    run = small.run(city)
    run.village_depth[:, 1] = 0.01 + 0.05 * np.arange(10)
    run.depth[:, 6:, 1:, 2:4] = 0.30  # the median course of V2 rises from 0 at 5 h to 0.30 at 6 h
    one, two, _ = assess(city, run, "r1")["villages"]
    # Members hold 0.01, 0.06 … 0.46: above 0.15 are seven, above 0.30 four, above 0.50 none.
    assert two["probability"] == {"0.15": 0.7, "0.30": 0.4, "0.50": 0.0}
    assert two["onset"] == "2021-07-25T05:30Z"
    assert two["duration_h"] == 6.5
    assert (one["onset"], one["duration_h"]) == (None, 0)


def test_rivers_and_sea_do_not_flood_a_village() -> None:
    city = small.harbour()
    run = small.run(city)
    terrain = city.terrain(small.DX)
    run.depth[:, :, terrain.river | terrain.sea] = 3.0
    assert assess(city, run, "r1")["villages"][0]["duration_h"] == 0


def test_the_tide_keeps_each_members_peak_and_the_odds_of_its_levels() -> None:
    city = small.harbour()
    run = small.run(city)
    assert run.tide is not None
    run.tide[:, 12] = np.linspace(3.5, 4.4, 10)  # at 2 h: 3.5, 3.6 … 4.4
    tide = assess(city, run, "r1")["tide"]
    assert tide is not None
    assert tide["datum"] == "1985"
    assert tide["peak"]["p50"] == 3.95
    assert tide["peak_time"] == "2021-07-25T02:00Z"
    assert [level["probability"] for level in tide["exceedance"]] == [0.4, 0.0]
    assert tide["member_peaks"][0] == {"peak_m": 3.5, "time": "2021-07-25T02:00Z"}
    assert len(tide["member_peaks"]) == 10


def test_two_equal_high_waters_are_not_averaged_into_an_hour_of_low_water() -> None:
    city = small.harbour()
    run = small.run(city, hours=24)
    assert run.tide is not None
    run.tide[:5, 18], run.tide[:5, 90] = 4.2, 4.0
    run.tide[5:, 18], run.tide[5:, 90] = 4.0, 4.1
    tide = assess(city, run, "r1")["tide"]
    assert tide is not None
    assert tide["peak_time"] == "2021-07-25T03:00Z"


def test_rain_is_summed_over_running_windows() -> None:
    city = small.harbour()
    run = small.run(city)
    run.town_rain[:, 3:6, 0] = [10.0, 20.0, 5.0]
    run.rain_total[:] = 12.0
    made = assess(city, run, "r1")
    assert made["towns"][0]["max_rain_1h_p50"] == 20
    assert made["towns"][0]["max_rain_3h_p50"] == 35
    assert made["towns"][0]["max_rain_12h_p50"] == 35
    assert made["rain"]["max_3h_mm"]["p50"] == 35
    assert made["rain"]["total_mm"]["p50"] == 12


def test_the_level_is_proposed_by_whoever_is_asked() -> None:
    city = small.harbour()

    def by_places(made: Assessment) -> tuple[str, str]:
        return "III", f"{len(made['places'])} 处"

    made = assess(city, small.run(city), "r1", by_places)
    assert (made["level"], made["reason"]) == ("III", "4 处")


def test_a_city_without_tide_or_storm_is_assessed_all_the_same() -> None:
    city = small.talstadt()
    run = small.run(city)
    run.place_level[:3, 4, 0] = 2.2
    made = assess(city, run, "r1")
    assert made["tide"] is None
    assert made["places"][0]["attention"]["probability"] == 0.3
    assert made["stations"][0]["id"] == "PEGEL"


def test_the_assessment_is_plain_json_without_gaps() -> None:
    text = json.dumps(flooded(), allow_nan=False)
    assert json.loads(text) == flooded()


def test_a_run_made_with_other_places_is_refused() -> None:
    city = small.harbour()
    run = small.run(city)
    run.place_level = run.place_level[:, :, :2]
    with pytest.raises(Refusal, match="4 hazard places"):
        assess(city, run, "r1")


def test_times_are_rounded_to_the_minute() -> None:
    city = small.harbour()
    run = small.run(city)
    run.place_level[:, 0, OLD_STREET] = 2.0
    run.place_level[:, 1:, OLD_STREET] = 2.7  # 0.15 of 0.70 m per hour: 12 min 51 s
    onset = assess(city, run, "r1")["places"][OLD_STREET]["attention"]["onset"]
    assert onset == (small.ISSUED + timedelta(minutes=13)).strftime("%Y-%m-%dT%H:%MZ")
