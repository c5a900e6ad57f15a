"""A structure of a file becomes one of the core, or is refused with the core's own reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.hydraulics import works
from anlan.refusal import Refusal
from anlan.simulation.record import Where, read_record
from anlan.simulation.structure import PARAMETERS, StructureTable

ENDS = {"from": [5.0, 5.0], "to": [25.0, 5.0]}
PUMP = {"name": "P", "kind": "pump", **ENDS, "capacity": 4.0, "start_level": 1.2, "stop_level": 1.0}


def read(**table: object) -> StructureTable:
    return read_record(StructureTable, table, Where(Path("a.toml"), "[[structure]] 'P'"))


def cell(point: tuple[float, float]) -> tuple[int, int]:
    """Cells of 10 m from the origin."""
    return int(point[1] // 10), int(point[0] // 10)


def sentence(**table: object) -> str:
    with pytest.raises(Refusal) as caught:
        read(**table)
    return caught.value.message


def test_a_pump_stands_between_the_cells_of_its_two_points() -> None:
    pump = read(**PUMP).build(cell)

    assert pump == works.Pump("P", (0, 0), (0, 2), 4.0, 1.2, 1.0)


def test_a_pump_may_have_a_curve_a_sensor_and_rules() -> None:
    table = PUMP | {
        "capacity": [[0.0, 4.0], [3.0, 0.0]],
        "sensor": [15.0, 15.0],
        "rules": [
            {"when": [{"at": [35.0, 5.0], "above": 4.5}], "set": "off"},
            {"when": [{"at": [35.0, 5.0], "minus": [5.0, 5.0], "below": 0.5}], "set": "on"},
            {"when": [{"begin": 3600.0}], "set": "auto"},
        ],
    }

    pump = read(**table).build(cell)

    assert isinstance(pump, works.Pump)
    assert pump.capacity == ((0.0, 4.0), (3.0, 0.0))
    assert pump.sensor_cell == (1, 1)
    assert pump.rules == (
        works.Rule((works.LevelCondition((0, 3), "above", 4.5),), "off"),
        works.Rule((works.DifferenceCondition((0, 3), (0, 0), "below", 0.5),), "on"),
        works.Rule((works.TimeCondition(start=3600.0),), "auto"),
    )


def test_a_flap_gate_is_a_gate_that_lets_water_out_alone() -> None:
    gate = read(name="P", kind="flap_gate", **ENDS, sill=0.5, width=2.0).build(cell)

    assert gate == works.Gate("P", (0, 0), (0, 2), sill=0.5, width=2.0, flap=True)


def test_weir_culvert_and_bridge_take_the_measures_of_the_core() -> None:
    weir = read(name="P", kind="weir", **ENDS, crest=2.0, width=5.0).build(cell)
    culvert = read(
        name="P", kind="culvert", **ENDS, inlet_level=1.0, outlet_level=0.9, length=20.0,
        diameter=1.2,
    ).build(cell)  # fmt: skip
    bridge = read(name="P", kind="bridge", **ENDS, soffit=3.0).build(cell, faces=[("y", 1, 2)])

    assert weir == works.Weir("P", (0, 0), (0, 2), crest=2.0, width=5.0)
    assert culvert == works.Culvert("P", (0, 0), (0, 2), 1.0, 0.9, 20.0, diameter=1.2)
    assert bridge == works.Bridge("P", (("y", 1, 2),), soffit=3.0)


def test_every_measure_of_the_core_has_words() -> None:
    assert all(one.doc for known in PARAMETERS.values() for one in known.values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"capcity": 4.0},
            'has no key capcity for kind = "pump"; the nearest is capacity (its keys are '
            "capacity, start_level, stop_level, sensor, rules)",
        ),
        (
            {"kind": "pomp"},
            'kind = "pomp" is not a choice; give "weir", "gate", "flap_gate", "culvert", "pump" '
            'or "bridge" (nearest: "pump")',
        ),
        ({"stop_level": 1.5}, "stop_level 1.5 m must lie below start_level 1.2 m"),
        ({"capacity": -1.0}, "capacity is -1.0; it must be finite and at least 0"),
        ({"capacity": "4"}, 'capacity = "4" is not a number; give a number in m3/s'),
        (
            {"rules": [{"set": "aus"}]},
            'Rule: set is \'aus\'; choose "on", "off", "auto" or a share from 0 to 1',
        ),
        (
            {"rules": [{"when": []}]},
            "rule 1 is {'when': []}; it takes set and a list when, like "
            '{ when = [{ at = [120.0, 340.0], above = 4.5 }], set = "off" }',
        ),
        (
            {"rules": [{"when": [{"above": 3.0}], "set": "off"}]},
            "rule 1 has minus, above or below without at; give at = [x, y], where the level is "
            "read",
        ),
        (
            {"rules": [{"when": [{"at": [1, 1], "abov": 3.0}], "set": "off"}]},
            "rule 1 has no key abov; the nearest is above (its keys are at, minus, above, below, "
            "begin, end)",
        ),
        ({"rules": "off"}, 'rules = "off" is no list of rules; write one like '
         '[{ when = [{ at = [120.0, 340.0], above = 4.5 }], set = "off" }]'),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(change: dict[str, object], said: str) -> None:
    assert sentence(**(PUMP | change)) == f"a.toml: [[structure]] 'P' {said}"


def test_a_missing_measure_is_named_with_its_meaning() -> None:
    table = {name: value for name, value in PUMP.items() if name != "start_level"}

    assert sentence(**table) == (
        "a.toml: [[structure]] 'P' lacks start_level: level that starts it, m; give it, in m"
    )
