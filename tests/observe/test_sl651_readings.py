"""From SL 651 messages to readings: rain counters, datum, signs, gaps, lost clocks, manifest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.city import City
from anlan.observe.sources.sl651 import SOURCE, body
from anlan.observe.sources.sl651.frames import Frame, Parser
from anlan.observe.sources.sl651.manifest import Manifest
from anlan.observe.sources.sl651.readings import Counter, Taken, rain_since, take
from anlan.refusal import Refusal
from tests.conftest import CITIES
from tests.observe import sl651_frames as made
from tests.observe.sl651_frames import MANIFEST, counter, level

EIGHT = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)  # 08:00 in Beijing
RAIN, RIVER = "rain-danghu.rain", "danghu-level.river_level"


def manifest(city: City, folder: Path, text: str = MANIFEST) -> Manifest:
    (folder / "sl651.toml").write_text(text, encoding="utf-8")
    found = SOURCE.settings(replace(city, folder=folder))
    assert found is not None
    return found[1]


@pytest.fixture
def taking(pinghu: City, tmp_path: Path) -> Taking:
    return Taking(pinghu, manifest(pinghu, tmp_path))


class Taking:
    """Takes reports of the test station, one after the other."""

    def __init__(self, city: City, manifest: Manifest) -> None:
        self.city, self.manifest = city, manifest
        self.counter: Counter | None = None

    def __call__(self, raw: bytes, arrived: datetime = EIGHT) -> Taken:
        (frame,) = Parser().feed(raw)
        assert isinstance(frame, Frame)
        message = body.read(
            frame.body, frame.function, frame.station, self.city.zone, ascii=frame.ascii
        )
        assert message.error == ""
        terminal = self.manifest.terminals[frame.station]
        taken = take(message, terminal, self.city, arrived, self.counter)
        self.counter = taken.counter
        return taken


def test_a_level_is_turned_from_the_stations_datum_to_the_citys(taking: Taking) -> None:
    (reading,) = taking(made.report(level(5.441))).readings
    assert (reading.series, reading.valid_at, reading.flag) == (RIVER, EIGHT, "ok")
    assert reading.value == pytest.approx(5.441 - 1.841)
    assert reading.source == "sl651:0012345678"


def test_a_negative_level_stays_negative(taking: Taking) -> None:
    (reading,) = taking(made.report(level(-0.5))).readings
    assert reading.value == pytest.approx(-0.5 - 1.841)


def test_a_mark_for_no_value_is_a_missing_reading_not_a_number(taking: Taking) -> None:
    (reading,) = taking(made.report("3923 FFFFFFFF")).readings
    assert (reading.value, reading.flag) == (None, "missing")


def test_a_counter_gives_rain_from_its_second_report_on(taking: Taking) -> None:
    assert taking(made.report(counter(12.0))).readings == []
    later = EIGHT + timedelta(minutes=5)
    raw = made.report(counter(14.5), observed="2107250805", sent="210725080503")
    (reading,) = taking(raw, later).readings
    assert (reading.series, reading.value) == (RAIN, 2.5)
    assert (reading.start_at, reading.valid_at) == (EIGHT, later)


def test_a_counter_read_before_the_last_one_adds_nothing(taking: Taking) -> None:
    taking(made.report(counter(12.0)))
    raw = made.report(counter(11.0), observed="2107250755")
    assert taking(raw).readings == []
    assert taking.counter == Counter(EIGHT, 12.0)


FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("before", "now", "after", "expected"),
    [
        (10.0, 12.5, FIVE, (2.5, "ok")),
        (10.0, 10.0, FIVE, (0.0, "ok")),
        (99_999.0, 1.0, FIVE, (2.0, "ok")),  # full: 1.0 to the end, 1.0 after
        (350.0, 0.5, FIVE, (0.5, "suspect")),  # set back: 99 650.5 mm cannot have fallen
        (10.0, 900.0, FIVE, (890.0, "suspect")),  # jumped
        (10.0, 30.0, timedelta(days=3), (20.0, "suspect")),  # who knows when
    ],
)
def test_counters_roll_over_are_set_back_and_jump(
    before: float, now: float, after: timedelta, expected: tuple[float, str]
) -> None:
    said = rain_since(Counter(EIGHT, before), Counter(EIGHT + after, now), 100_000.0)
    assert said == expected


@given(rises=st.lists(st.integers(0, 300), min_size=1, max_size=20), start=st.integers(0, 999_999))
def test_the_rain_of_a_counter_adds_up_over_any_number_of_turns(
    rises: list[int], start: int
) -> None:
    shown, total = start, 0.0
    for i, rise in enumerate(rises):
        before = Counter(EIGHT + i * FIVE, shown / 10)
        shown = (shown + rise) % 1_000_000
        rain, flag = rain_since(before, Counter(before.at + FIVE, shown / 10), 100_000.0)
        assert flag == "ok"
        total += rain
    assert total == pytest.approx(sum(rises) / 10)


@pytest.mark.parametrize("sent", ["000101000012", "300101000012", "210732080003"])
def test_with_a_lost_clock_a_value_carries_its_arrival_and_is_suspect(
    taking: Taking, sent: str
) -> None:
    (reading,) = taking(made.report(level(3.0), sent=sent, observed="0001010000")).readings
    assert (reading.valid_at, reading.flag) == (EIGHT, "suspect")


def test_with_a_lost_clock_values_of_several_times_are_refused_in_words(taking: Taking) -> None:
    raw = made.report(level(3.0) + "F0F0 0001010005" + level(3.1), sent="000101000512")
    taken = taking(raw)
    assert taken.readings == []
    assert "clock is lost" in taken.objections[0]


def test_a_time_of_observation_that_cannot_be_is_refused_though_the_clock_is_right(
    taking: Taking,
) -> None:
    for observed in ("2107251200", "1907250800"):
        taken = taking(made.report(level(3.0) + counter(5.0), observed=observed))
        assert taken.readings == []
        assert len(taken.objections) == 2
        assert taken.counter is None


def test_twelve_sums_of_an_hour_are_twelve_readings(pinghu: City, tmp_path: Path) -> None:
    text = MANIFEST.replace("PT = ", "DRP = ")
    taking = Taking(pinghu, manifest(pinghu, tmp_path, text))
    raw = made.report("F460" + "05" * 11 + "FF", function=0x34, observed="2107250705")
    readings = taking(raw).readings
    assert [reading.value for reading in readings] == [0.5] * 11 + [None]
    assert readings[0].start_at == EIGHT - timedelta(hours=1)
    assert readings[-1].valid_at == EIGHT


def test_relative_levels_get_the_stations_base(pinghu: City, tmp_path: Path) -> None:
    text = MANIFEST.replace("Z = ", "DRZ1 = ").replace("base_m = 0.0", "base_m = 2.0")
    taking = Taking(pinghu, manifest(pinghu, tmp_path, text))
    raw = made.report("F5C0" + "0031" * 12, function=0x34, observed="2107250705")
    assert taking(raw).readings[0].value == pytest.approx(0.49 + 2.0 - 1.841)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('address = "0012345678"', 'address = "12"', "address"),
        ('password = "1234"', 'password = "secret"', "password"),
        ('datum = "Wusong"', 'datum = "Amsterdam"', "datum"),
        ("Z = ", "ZZ = ", "series.ZZ"),
        ("PT = ", "PJ = ", "series.PJ"),
        ("PT = ", "VT = ", "series.VT"),
        ('PT = "rain-danghu.rain"', 'PT = "nowhere.rain"', "series.PT"),
        ('Z = "danghu-level.river_level"', 'Z = "danghu-level.tide"', "series.Z"),
        ('quality = "automatic"', 'quality = "fine"', "quality"),
        ("confirm = true", "confirms = true", "confirms"),
        ("port = 0", 'port = "x"', "port"),
        ("port = 0", "port = 70000", "port"),
        ("[server]", '[source.units]\nrain = "mm"\n[server]', "source.units"),
        ("[server]", '[source.datums]\nriver_level = "Amsterdam"\n[server]', "source.datums"),
        ("base_m = 0.0", "base_m = true", "base_m"),
    ],
)
def test_a_fault_of_the_manifest_is_named(
    pinghu: City, tmp_path: Path, old: str, new: str, field: str
) -> None:
    assert old in MANIFEST
    with pytest.raises(Refusal) as refused:
        manifest(pinghu, tmp_path, MANIFEST.replace(old, new))
    assert field in (refused.value.field or "")
    assert refused.value.remedy
    assert "secret" not in refused.value.message


def test_the_manifest_of_the_page_on_stations_is_read(pinghu: City, tmp_path: Path) -> None:
    page = (CITIES.parent / "docs" / "stations.md").read_text(encoding="utf-8")
    found = manifest(
        pinghu,
        tmp_path,
        page.split("### Connect a station")[1].split("```toml\n")[1].split("```")[0],
    )
    assert found.server is not None
    assert found.server.port == 5651
    assert found.terminals["0012345678"].series == {"Z": RIVER, "PT": RAIN}


def test_a_city_without_a_manifest_has_no_fault_and_no_server(pinghu: City) -> None:
    assert SOURCE.settings(pinghu) is None
    assert SOURCE.check(CITIES / "pinghu") == []
