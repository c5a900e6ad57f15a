"""What messages of SL 651-2014 say: values with their units, signs, gaps and times."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from anlan.cli.observe import app
from anlan.observe.sources.sl651 import decode, to_bytes
from anlan.observe.sources.sl651.body import Message, read
from anlan.observe.sources.sl651.elements import BY_LEAD, BY_NAME
from anlan.observe.sources.sl651.frames import Frame, Parser, build
from anlan.refusal import Refusal
from tests.observe import sl651_frames as made

ROOT = Path(__file__).parents[2]
BEIJING = ZoneInfo("Asia/Shanghai")


def message(raw: bytes | str) -> Message:
    data = bytes.fromhex(raw) if isinstance(raw, str) else raw
    (frame,) = Parser().feed(data)
    assert isinstance(frame, Frame)
    return read(frame.body, frame.function, frame.station, BEIJING, ascii=frame.ascii)


def values(raw: bytes | str) -> dict[str, list[float | None]]:
    gathered: dict[str, list[float | None]] = {}
    for value in message(raw).values:
        gathered.setdefault(value.element.name, []).append(value.value)
    return gathered


def test_the_published_test_report_reads_as_its_article_says() -> None:
    said = message(made.TEST)
    assert values(made.TEST) == {"PJ": [0.5], "PT": [0.5], "Z": [0.127], "VT": [11.15]}
    assert (said.serial, said.kind, said.error) == (3, "H", "")
    assert said.sent == datetime(2059, 10, 11, 15, 49, 47, tzinfo=BEIJING)
    assert said.observed == datetime(2059, 10, 11, 15, 49, tzinfo=BEIJING)


def test_the_published_hourly_report_has_twelve_values_five_minutes_apart() -> None:
    rain = [value for value in message(made.HOURLY).values if value.element.name == "DRP"]
    assert [value.value for value in rain] == [0.5, 0, 0, 0, 2.0, *[None] * 5, 0, 0]
    assert rain[0].at == datetime(2017, 7, 18, 10, 5, tzinfo=BEIJING)
    assert rain[-1].at == datetime(2017, 7, 18, 11, 0, tzinfo=BEIJING)
    said = values(made.HOURLY)
    assert said["DRZ1"] == [0.12, 0.12, 0.28, 0.49, 0.49, *[None] * 5, 0.49, 0.49]
    assert (said["Z"], said["PT"], said["VT"]) == ([10.49], [4.0], [10.99])


def test_the_published_answer_on_a_period_has_its_hour_of_rain() -> None:
    assert values(made.PERIOD)["DRP"] == [0.5, 0, 0, 0, 2.0, *[None] * 5, 0, 0]


def test_the_published_manual_and_state_reports_read_in_words() -> None:
    assert message(made.MANUAL).manual == "Q 1.234"
    assert message(made.STATE).alarms == ["pump stopped"]


def test_a_keep_alive_has_serial_and_time_alone() -> None:
    said = message(made.KEEP_ALIVE)
    assert (said.serial, said.values, said.error) == (3, [], "")


@pytest.mark.parametrize(
    ("elements", "name", "value"),
    [
        ("39 23 FFFFFFFF", "Z", None),
        ("39 23 AAAAAAAA", "Z", None),
        ("39 23 00010490", "Z", 10.49),
        ("39 1A 001234", "Z", 12.34),
        ("39 2B FF00001234", "Z", -1.234),
        ("39 22 FF000456", "Z", -4.56),
        ("02 19 FF0105", "AI", -10.5),
        ("02 11 0105", "AI", 10.5),
        ("27 2B 0001234567", "Q", 1234.567),
        ("38 12 1268", "VT", 12.68),
        ("05 12 0130", "DT", 1.5),
        ("3A 23 00001001", "ZB", 1.001),
        ("3B 23 00001002", "ZU", 1.002),
        ("1A 19 000253", "P1", 25.3),
    ],
)
def test_digits_signs_and_marks(elements: str, name: str, value: float | None) -> None:
    said = values(made.report(elements))[name]
    assert said == [pytest.approx(value) if value is not None else None]


def test_even_intervals_keep_the_place_of_a_missing_value() -> None:
    said = message(made.report("0418 000005 2219 000012 FFFFFF 000030", function=0x31))
    assert [(v.at.minute if v.at else None, v.value) for v in said.values] == [
        (0, 1.2),
        (5, None),
        (10, 3.0),
    ]


def test_several_hours_of_rain_in_rows_follow_each_other() -> None:
    said = message(made.report(f"0418 000000 F460 {'01' * 12}{'02' * 12}", function=0x38))
    times = [value.at for value in said.values if value.at]
    assert (times[-1] - times[0]).total_seconds() == 23 * 300
    assert [value.value for value in said.values] == [0.1] * 12 + [0.2] * 12


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ("39 23 0001", "element Z wants 4 bytes"),
        ("39 23 000C0490", "000C0490 are not decimal digits"),
        ("F4 58 " + "00" * 11, "DRP has 11 bytes of data; it needs 12"),
        ("F0F0 2113250800", "observation time 2113250800 is no time"),
        ("39", "identifier 39 wants 1 bytes"),
        ("FDF6 0102", "velocities in bulk"),
        ("0418 000005 F1F1 0012345678", "identifier F1 is not in table C.1"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(elements: str, words: str) -> None:
    function = 0x31 if elements.startswith("0418") else 0x32
    assert words in message(made.report(elements, function=function)).error


@pytest.mark.parametrize(
    ("body", "ascii"),
    [
        (bytes.fromhex("000321072508000304 18 990000 02 08") + b"\x01" * 100_000, False),
        (bytes.fromhex("0003210725080003") + bytes.fromhex("020801") * 100_000, False),
        (b"0003210725080003TT 2107250800 DRD31 Z " + b"1 " * 100_000, True),
        (b"0003210725080003" + b"Z 1 " * 100_000, True),
        (b"0003210725080003" + b"ST 1 H " * 20_000 + b"Z 1 " * 20_000, True),
    ],
)
def test_a_message_of_too_many_values_is_refused_in_little_time(body: bytes, ascii: bool) -> None:
    begun = time.process_time()
    said = read(body, 0x31, "0012345678", BEIJING, ascii=ascii)
    assert said.error
    assert len(said.values) <= 10_001
    assert time.process_time() - begun < 5


def test_an_identifier_outside_the_table_is_skipped_by_its_length() -> None:
    said = values(made.report("7F 10 1234 FF01 08 99 38 12 1268"))
    assert said == {"7F": [1234], "FF01": [99], "VT": [12.68]}


def test_a_report_in_characters_says_the_same() -> None:
    text = "0003210725080003ST 0012345678 H TT 2107250800 PJ 0.5 PT 12.5 Z -0.127 VT M "
    said = message(made.characters(text))
    assert values(made.characters(text)) == {
        "PJ": [0.5],
        "PT": [12.5],
        "Z": [-0.127],
        "VT": [None],
    }
    assert (said.station, said.kind, said.serial, said.error) == ("0012345678", "H", 3, "")
    assert said.observed == datetime(2021, 7, 25, 8, tzinfo=BEIJING)


def test_even_intervals_in_characters_take_turns() -> None:
    text = "0003210725080003 ST 0012345678 P TT 2107250800 DRN05 PN05 Z 1.2 5.1 M 5.2 "
    said = message(made.characters(text, function=0x31))
    assert [(v.element.name, v.at.minute if v.at else None, v.value) for v in said.values] == [
        ("PN05", 0, 1.2),
        ("PN05", 5, None),
        ("Z", 0, 5.1),
        ("Z", 5, 5.2),
    ]


def test_table_c1_gives_each_lead_byte_and_each_name_once() -> None:
    assert len(BY_LEAD) == len(BY_NAME) == 0x75 + 9 - 1


@settings(max_examples=300)
@given(
    body=st.binary(max_size=80),
    function=st.sampled_from([0x2F, 0x30, 0x31, 0x35, 0x36, 0x38, 0x46]),
    ascii=st.booleans(),
)
def test_no_body_raises(body: bytes, function: int, ascii: bool) -> None:
    opening = b"0003210725080003 " if ascii else bytes.fromhex("0003210725080003")
    for start in (b"", opening):
        read(start + body, function, "0012345678", BEIJING, ascii=ascii)


words = st.lists(
    st.sampled_from(["ST", "TT", "DRN05", "DRH00", "DRP", "Z", "M", "H", "PIC", "ZT", "1", "2.5"])
)


@given(row=words, function=st.sampled_from([0x31, 0x32, 0x35, 0x36, 0x38]))
def test_no_row_of_words_raises(row: list[str], function: int) -> None:
    text = "0003210725080003" + " ".join(row) + " "
    read(text.encode(), function, "0012345678", BEIJING, ascii=True)


@pytest.mark.parametrize(
    ("given_", "taken"),
    [
        (bytes.fromhex(made.TIMED), "bytes"),
        (made.TIMED.encode(), "hex text"),
        (made.TIMED.lower().encode() + b"\r\n", "hex text"),
        (f"10:00:00 RX < {made.TIMED[:4]} {made.TIMED[4:]}\n".encode(), "hex in text"),
        (made.characters("0001210725080003").hex(" ").encode(), "hex text"),
    ],
)
def test_bytes_hexadecimal_text_and_logs_are_told_apart(given_: bytes, taken: str) -> None:
    how, raw = to_bytes(given_)
    assert how == taken
    (said,) = decode(raw, BEIJING)
    assert said["ok"], said


def test_a_picture_in_packets_is_counted_with_its_last_packet() -> None:
    first = made.report("F3F3 FFD8", function=0x36, packet=(2, 1), end=0x17)
    (frame,) = Parser().feed(first)
    assert isinstance(frame, Frame)
    second = build(replace(frame, body=b"\x01\x02\xff\xd9", packet=(2, 2), end=0x03))
    one, two = decode(first + second, BEIJING)
    assert (one["picture_bytes"], two["picture_bytes"]) == (None, 6)
    assert (one["packet"], two["packet"]) == ((2, 1), (2, 2))


def test_the_command_prints_one_object_a_line_and_says_how_it_read_them(tmp_path: Path) -> None:
    file = tmp_path / "line.txt"
    file.write_text(made.TIMED + made.SPOILT)
    done = CliRunner().invoke(app, ["decode", "sl651", str(file)])
    assert done.exit_code == 1
    one, two = (json.loads(line) for line in done.stdout.splitlines())
    assert (one["ok"], one["station"], one["function"]) == (True, "0011223344", "32")
    assert one["values"]["Z"]["value"] == 10.49
    assert one["values"]["Z"]["unit"] == "m"
    assert (two["ok"], two["values"]) == (False, {})
    assert "read as hex text: 94 bytes, 2 frames, 1 of them broken" in done.stderr


@pytest.mark.parametrize(
    ("words", "field"),
    [(["sl652", "-"], "format"), (["sl651", "nowhere"], "file")],
)
def test_the_command_refuses_by_name_what_it_cannot_take(words: list[str], field: str) -> None:
    done = CliRunner().invoke(app, ["decode", *words])
    assert isinstance(done.exception, Refusal)
    assert done.exception.field == field


def test_the_worked_example_of_the_page_on_stations_is_what_the_command_prints() -> None:
    page = (ROOT / "docs" / "stations.md").read_text(encoding="utf-8")
    shown = re.search(
        r"echo (\S+) \| anlan observe decode sl651 -\n```\n\n```json\n(.*?)```", page, re.S
    )
    assert shown is not None
    done = CliRunner().invoke(app, ["decode", "sl651", "-"], input=shown[1])
    assert json.loads(done.stdout) == json.loads(shown[2])
