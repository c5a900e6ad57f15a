"""EPA-SWMM input files: what is read, in which units, and what is refused."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest

from anlan.hydraulics.drainage import (
    Conduit,
    Junction,
    Orifice,
    Outfall,
    Outlet,
    Pump,
    Storage,
    Weir,
)
from anlan.refusal import Refusal
from anlan.simulation.swmm import SwmmFile, read_swmm

T = TypeVar("T")

SMALL = """
[TITLE]
A small file
[OPTIONS]
FLOW_UNITS CMS
START_DATE 06/01/2026
START_TIME 12:00
END_DATE 06/01/2026
END_TIME 18:30
ROUTING_STEP 0:00:10
[JUNCTIONS]
A 10.0 3.0
[OUTFALLS]
O 9.0 FREE NO
[CONDUITS]
C A O 100 0.013 0 0
[XSECTIONS]
C CIRCULAR 1.0 0 0 0 1
"""


def read(folder: Path, text: str) -> SwmmFile:
    path = folder / "net.inp"
    path.write_text(text)
    return read_swmm(path)


def change(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


def add(section: str) -> str:
    return f"{SMALL}\n{section}\n"


def only(kind: type[T], items: object) -> T:
    assert isinstance(items, (list, tuple))
    found = [item for item in items if isinstance(item, kind)]
    assert len(found) == 1
    return found[0]


def test_a_small_network_is_read_with_its_times(tmp_path: Path) -> None:
    file = read(tmp_path, SMALL)

    assert file.title == "A small file"
    assert file.network.nodes[0] == Junction("A", 10.0, 3.0)
    assert file.network.nodes[1] == Outfall("O", 9.0)
    assert file.network.step == 10.0
    assert file.start == datetime(2026, 6, 1, 12, 0)  # noqa: DTZ001
    assert file.end == datetime(2026, 6, 1, 18, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("units", "length", "flow"),
    [
        ("CMS", 1.0, 1.0),
        ("LPS", 1.0, 0.001),
        ("MLD", 1.0, 1000.0 / 86400.0),
        ("CFS", 0.3048, 0.3048**3),
        ("GPM", 0.3048, 3.785411784e-3 / 60.0),
        ("MGD", 0.3048, 3785.411784 / 86400.0),
    ],
)
def test_units_of_the_file_become_si(
    tmp_path: Path, units: str, length: float, flow: float
) -> None:
    file = read(tmp_path, change("CMS", units) + "[INFLOWS]\nA FLOW * FLOW 1 1 2.0\n")

    conduit = only(Conduit, file.network.links)
    assert file.network.nodes[0].invert == pytest.approx(10.0 * length)
    assert conduit.length == pytest.approx(100.0 * length)
    assert conduit.section.height == pytest.approx(length)
    assert conduit.roughness == 0.013
    assert file.network.inflows[0].discharge.y[0] == pytest.approx(2.0 * flow)


def test_us_units_are_the_default_of_the_format(tmp_path: Path) -> None:
    file = read(tmp_path, change("FLOW_UNITS CMS\n", ""))

    assert file.network.nodes[0].invert == pytest.approx(3.048)


def test_offsets_given_as_elevations_become_depths(tmp_path: Path) -> None:
    text = change("C A O 100 0.013 0 0", "C A O 100 0.013 10.4 *").replace(
        "FLOW_UNITS CMS", "FLOW_UNITS CMS\nLINK_OFFSETS ELEVATION"
    )

    conduit = only(Conduit, read(tmp_path, text).network.links)

    assert conduit.from_offset == pytest.approx(0.4)
    assert conduit.to_offset == 0.0


def test_losses_barrels_and_flap_reach_the_conduit(tmp_path: Path) -> None:
    text = change("1.0 0 0 0 1", "1.0 0 0 0 3") + "[LOSSES]\nC 0.5 1.0 0.1 YES\n"

    conduit = only(Conduit, read(tmp_path, text).network.links)

    assert (conduit.barrels, conduit.flap) == (3, True)
    assert (conduit.entry_loss, conduit.exit_loss, conduit.average_loss) == (0.5, 1.0, 0.1)


def test_a_series_is_scaled_added_to_its_baseline_and_0_outside_its_times(tmp_path: Path) -> None:
    """Times count from the start of the simulation, 12:00 on 1 June."""
    file = read(
        tmp_path,
        add("[TIMESERIES]\nT 06/01/2026 13:00 1.0\nT 06/01/2026 14:00 2.0\n")
        + "[INFLOWS]\nA FLOW T FLOW 1 3.0 0.5\n",
    )

    curve = file.network.inflows[0].discharge
    assert curve.x[1:3] == (3600.0, 7200.0)
    assert curve.y == pytest.approx((0.5, 3.5, 6.5, 0.5))


def test_dry_weather_flow_gives_its_mean_and_a_note(tmp_path: Path) -> None:
    file = read(tmp_path, add("[DWF]\nA FLOW 0.2 Daily\n"))

    assert file.network.inflows[0].discharge.y == (0.2,)
    assert "its mean is used" in file.report.notes[0]


def test_a_daily_tide_is_repeated_over_the_simulation(tmp_path: Path) -> None:
    """Stage 1 m at midnight and 3 m at noon; the run starts at noon."""
    text = change("O 9.0 FREE NO", "O 9.0 TIDAL Tide YES")
    file = read(tmp_path, text + "[CURVES]\nTide TIDAL 0 1.0\nTide 12 3.0\n")

    outfall = only(Outfall, file.network.nodes)
    assert outfall.flap
    assert outfall.stage is not None
    at = dict(zip(outfall.stage.x, outfall.stage.y, strict=True))
    assert (at[0.0], at[12 * 3600.0], at[24 * 3600.0]) == (3.0, 1.0, 3.0)


def test_structures_are_read_with_their_laws(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        change("[XSECTIONS]", "[XSECTIONS]\nR RECT_CLOSED 0.5 0.8 0 0 1\nW RECT_OPEN 1 3 0 0 1")
        + "[STORAGE]\nS 9.0 4.0 0.5 FUNCTIONAL 100 0.5 50 0 0\n"
        "[ORIFICES]\nR A S SIDE 0.2 0.6 YES\n"
        "[WEIRS]\nW A S TRANSVERSE 1.0 1.8 NO 0 0 NO\n"
        "[PUMPS]\nP S A Lift OFF 1.0 0.4\n"
        "[OUTLETS]\nL S A 0.1 FUNCTIONAL/HEAD 0.5 0.5 NO\n"
        "[CURVES]\nLift PUMP3 0 0.5\nLift 4 0.1\n",
    )

    storage = only(Storage, file.network.nodes)
    orifice = only(Orifice, file.network.links)
    weir = only(Weir, file.network.links)
    pump = only(Pump, file.network.links)
    outlet = only(Outlet, file.network.links)
    assert storage.initial_depth == 0.5
    assert storage.area.y[-1] == pytest.approx(250.0)
    assert (orifice.height, orifice.width, orifice.offset, orifice.flap) == (0.5, 0.8, 0.2, True)
    assert (weir.width, weir.coefficient, weir.surcharges) == (3.0, 1.8, False)
    assert (pump.law, pump.running, pump.startup_depth) == ("head", False, 1.0)
    assert outlet.by_head
    assert max(outlet.curve.y) == pytest.approx(0.5 * math.sqrt(30.0))


def test_the_coefficient_of_a_weir_in_feet_becomes_metric(tmp_path: Path) -> None:
    """3.33 ft^0.5/s are 1.84 m^0.5/s."""
    text = change("FLOW_UNITS CMS", "FLOW_UNITS CFS") + "[WEIRS]\nW A O TRANSVERSE 1 3.33 NO\n"
    text = text.replace("[XSECTIONS]", "[XSECTIONS]\nW RECT_OPEN 1 3 0 0 1")
    text = text.replace("[WEIRS]", "[STORAGE]\nS 1 1 0 FUNCTIONAL 0 0 9 0 0\n[WEIRS]")
    text = text.replace("W A O", "W A S")

    weir = only(Weir, read(tmp_path, text).network.links)

    assert weir.coefficient == pytest.approx(1.84, abs=0.005)


def test_hydrology_is_left_out_and_the_report_says_why(tmp_path: Path) -> None:
    file = read(tmp_path, add("[SUBCATCHMENTS]\nX G A 1 50 10 1\n[CONTROLS]\nRULE 1\n"))

    assert file.report.not_read == {
        "SUBCATCHMENTS": "hydrology: rain falls on the surface model",
        "CONTROLS": "not supported",
    }
    assert file.report.read["CONDUITS"] == 1


def test_ponded_area_counts_only_where_ponding_is_allowed(tmp_path: Path) -> None:
    ponds = change("A 10.0 3.0", "A 10.0 3.0 0 0 100")

    without = read(tmp_path, ponds).network.nodes[0]
    with_it = read(tmp_path, ponds.replace("[JUNCTIONS]", "ALLOW_PONDING YES\n[JUNCTIONS]"))

    assert isinstance(without, Junction)
    assert without.ponded_area == 0.0
    assert only(Junction, with_it.network.nodes).ponded_area == 100.0


def test_a_rim_below_a_conduit_is_raised_to_its_crown_with_a_note(tmp_path: Path) -> None:
    file = read(tmp_path, change("A 10.0 3.0", "A 10.0 0.6"))

    assert only(Junction, file.network.nodes).max_depth == pytest.approx(1.0)
    assert "raised from 0.600 m to its highest conduit, 1.000 m" in file.report.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "C CIRCULAR 1.0",
            "C ARCH 1.0",
            "net.inp, line 18, [XSECTIONS]: shape ARCH of C is not supported; use one of CIRCULAR",
        ),
        ("100 0.013", "abc 0.013", "line 16, [CONDUITS]: the length is 'abc'; give a number"),
        ("C A O", "C A X", "link C leads to 'X', which is no node; name a node of [JUNCTIONS]"),
        ("FLOW_UNITS CMS", "FLOW_UNITS ACRE", "FLOW_UNITS 'ACRE' is unknown; use one of CFS"),
        ("O 9.0 FREE", "O 9.0 TIMESERIES T", "series 'T' is not in [TIMESERIES]; add the series"),
        ("O 9.0 FREE", "O 9.0 WEIR", "outfall type 'WEIR' is unknown; use FREE, NORMAL"),
        ("100 0.013 0 0", "100 0.013 -0.5 0", "0.500 m below the node's invert; give an offset"),
        ("100 0.013", "-5 0.013", "length is -5.0; it must be above 0; correct the conduit"),
        ("06/01/2026\nSTART", "June\nSTART", "'June' is no date; write month/day/year"),
        ("C CIRCULAR 1.0", "D CIRCULAR 1.0", "C has no line in [XSECTIONS]; add its shape"),
        ("A 10.0 3.0", "A", "the line has 1 items and none for the invert; give the invert"),
    ],
    ids=lambda text: text[:24],
)
def test_what_cannot_be_used_is_refused_with_the_line_and_a_remedy(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        read(tmp_path, change(old, new))

    assert said in refusal.value.message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no file") as refusal:
        read_swmm(tmp_path / "none.inp")

    assert refusal.value.kind == "not_found"
