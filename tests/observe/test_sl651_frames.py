"""Frames of SL 651-2014 in a stream: found, refused, put together; nothing raises or stalls."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.observe.sources.sl651.frames import (
    EOT,
    ESC,
    ETB,
    ETX,
    Broken,
    Frame,
    Parser,
    build,
    crc16,
)
from anlan.observe.sources.sl651.packets import Assembly, Gap, Refused
from tests.observe import sl651_frames as published


def found(*pieces: bytes) -> list[Frame | Broken]:
    """What a parser says of a stream that came in these pieces."""
    parser = Parser()
    return [each for piece in pieces for each in parser.feed(piece)] + parser.flush()


def good(*pieces: bytes) -> list[Frame]:
    return [each for each in found(*pieces) if isinstance(each, Frame)]


def test_the_crc_is_that_of_modbus() -> None:
    assert crc16(b"123456789") == 0x4B37


@pytest.mark.parametrize("text", published.ALL)
def test_a_published_frame_is_read_and_built_again_the_same(text: str) -> None:
    (frame,) = good(bytes.fromhex(text))
    assert build(frame).hex().upper() == text


def test_the_header_of_a_published_frame_reads_as_its_article_says() -> None:
    (frame,) = good(bytes.fromhex(published.TIMED))
    assert (frame.direction, frame.centre, frame.station) == ("up", 5, "0011223344")
    assert (frame.password, frame.function, len(frame.body)) == ("03E8", 0x32, 0x2B)
    assert frame.end == ETX


def test_a_frame_down_names_the_station_first() -> None:
    (frame,) = good(bytes.fromhex(published.TIMED_CONFIRMED))
    assert (frame.direction, frame.station, frame.centre) == ("down", "0011223344", 5)
    assert frame.end == ESC


def test_a_published_frame_whose_crc_does_not_hold_is_refused() -> None:
    (broken,) = found(bytes.fromhex(published.SPOILT))
    assert isinstance(broken, Broken)
    assert "the CRC of the bytes is D76F" in broken.error


bodies = st.binary(max_size=60)
frames = st.builds(
    Frame,
    direction=st.just("up"),
    centre=st.integers(1, 255),
    station=st.from_regex(r"\A[0-9]{10}\Z"),
    password=st.from_regex(r"\A[0-9A-F]{4}\Z"),
    function=st.integers(0x2F, 0x51),
    body=bodies,
    end=st.sampled_from([ETX, ETB]),
    packet=st.none() | st.tuples(st.integers(1, 4095), st.integers(1, 4095)),
    ascii=st.booleans(),
)


@given(frame=frames)
def test_every_frame_built_is_found_again(frame: Frame) -> None:
    (again,) = found(build(frame))
    assert isinstance(again, Frame)
    assert build(again) == build(frame)
    assert (again.body, again.packet, again.note) == (frame.body, frame.packet, "")


@settings(max_examples=60)
@given(stream=st.lists(frames.map(build) | st.binary(max_size=40), max_size=6), data=st.data())
def test_a_stream_gives_the_same_frames_however_it_is_cut(
    stream: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert found(*pieces) == found(whole)
    assert found(*(bytes([byte]) for byte in whole)) == found(whole)


@settings(max_examples=150)
@given(noise=st.binary(max_size=300))
def test_no_bytes_raise(noise: bytes) -> None:
    found(noise)
    found(b"\x7e\x7e" + noise)
    found(b"\x01" + noise)


@pytest.mark.parametrize("frame", [bytes.fromhex(published.TIMED), published.characters("0001")])
def test_any_one_byte_changed_is_refused_and_the_next_frame_is_found(frame: bytes) -> None:
    following = bytes.fromhex(published.ADDED)
    for place in range(len(frame)):
        for change in (0x01, 0x08, 0x80, 0xFF):
            spoilt = bytearray(frame)
            spoilt[place] ^= change
            assert [each.raw for each in good(bytes(spoilt) + following)] == [following], place


def test_a_frame_with_a_wrong_length_but_its_own_crc_is_read_and_says_so() -> None:
    frame = bytearray(bytes.fromhex(published.TIMED)[:-2])
    for length in (0x10, 0x2A, 0x2C, 0x40, 0xFFF):
        frame[11:13] = length.to_bytes(2)
        sent = bytes(frame) + crc16(frame).to_bytes(2)
        (read,) = found(sent)
        assert isinstance(read, Frame)
        assert read.note == f"length says {length} bytes, 43 came; read by its CRC"
        assert [each.raw for each in good(sent + bytes.fromhex(published.ADDED))] == [
            sent,
            bytes.fromhex(published.ADDED),
        ]


def test_a_frame_cut_off_hides_the_next_one_only_until_the_line_is_silent() -> None:
    parser = Parser()
    assert parser.feed(bytes.fromhex(published.TIMED)[:30]) == []
    assert parser.feed(bytes.fromhex(published.ADDED)) == []
    broken, frame = parser.flush()
    assert isinstance(broken, Broken)
    assert isinstance(frame, Frame)
    assert frame.function == 0x33


def test_noise_is_counted_until_a_good_frame_comes() -> None:
    parser = Parser()
    parser.feed(b"\x00" * 5000)
    assert parser.wasted == 5000
    parser.feed(bytes.fromhex(published.TIMED))
    assert parser.wasted == 0


@pytest.mark.parametrize(
    "unit", [b"\x00", b"\x7e", b"\x01", bytes.fromhex("7E7E0100123456781234320FFF02"), b"\x01" * 22]
)
def test_noise_of_any_shape_is_done_with_in_little_time_and_memory(unit: bytes) -> None:
    parser, begun = Parser(), time.process_time()
    noise = (unit * (20_000 // len(unit) + 1))[:20_000]
    parser.feed(noise)
    assert len(parser._held) < 5_000
    assert time.process_time() - begun < 5


def packets(count: int) -> list[Frame]:
    return [
        Frame(
            "up",
            1,
            "0012345678",
            "1234",
            0x36,
            bytes([i]) * 3,
            ETX if i == count else ETB,
            (count, i),
        )
        for i in range(1, count + 1)
    ]


@given(order=st.permutations(range(5)))
def test_packets_make_one_message_in_whatever_order_they_come(order: list[int]) -> None:
    assembly, whole = Assembly(), None
    for i in order:
        whole = assembly.add(packets(5)[i], 0.0)
    assert isinstance(whole, Frame)
    assert whole.body == b"".join(packet.body for packet in packets(5))


def test_a_missing_packet_is_named_when_the_last_one_has_come() -> None:
    assembly = Assembly()
    one, two, three = packets(3)
    assert assembly.add(one, 0.0) is None
    gap = assembly.add(three, 1.0)
    assert isinstance(gap, Gap)
    assert gap.number == 2
    assert isinstance(assembly.add(two, 2.0), Frame)


def test_packets_that_come_too_late_begin_a_new_message() -> None:
    assembly = Assembly(wait_s=60)
    one, two = packets(2)
    assembly.add(one, 0.0)
    assert isinstance(assembly.add(two, 61.0), Gap)


def test_a_message_that_grows_too_long_is_given_up() -> None:
    assembly = Assembly(most_bytes=5)
    one, two, _ = packets(3)
    assembly.add(one, 0.0)
    refused = assembly.add(two, 0.0)
    assert isinstance(refused, Refused)
    assert "more than 5 bytes" in refused.error
    assert assembly.waiting is None


@pytest.mark.parametrize("packet", [None, (0, 0), (3, 0), (3, 4)])
def test_packet_counts_that_cannot_be_are_refused(packet: tuple[int, int] | None) -> None:
    frame = Frame("up", 1, "0012345678", "1234", 0x36, b"x", packet=packet)
    assert isinstance(Assembly().add(frame, 0.0), Refused)


def test_a_frame_that_ends_as_only_the_other_direction_may_is_refused() -> None:
    frame = Frame("up", 1, "0012345678", "1234", 0x32, b"x", end=EOT)
    (broken,) = found(build(frame))
    assert isinstance(broken, Broken)
    assert "should end" in broken.error
