"""What must hold of any bytes at all: nothing but the refusals that are documented, and laws."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from zoneinfo import ZoneInfo

from anlan import cap
from anlan.observe.sources.sl651 import decode, to_bytes
from anlan.observe.sources.sl651.frames import Broken, Frame, Parser, build

ZONE = ZoneInfo("Asia/Shanghai")
PIECE = 5  # bytes that a line hands over at once


def frames_in(data: bytes, piece: int) -> list[Frame | Broken]:
    """What a parser finds when the bytes come in pieces."""
    parser = Parser()
    found = [each for n in range(0, len(data), piece) for each in parser.feed(data[n : n + piece])]
    return found + parser.flush()


def sl651(data: bytes) -> None:
    """Bytes of a station: never a fault, and the same frames however the line cuts them.

    Every other input is the text of a report, for which length and CRC are made: no search by
    chance would find them.
    """
    _, raw = to_bytes(data)
    if data[:1] and data[0] % 2 and not data.startswith(b"\x7e"):
        frame = Frame(
            "up", 1, "0012345678", "1234", data[0] >> 1, data[2:1000], ascii=data[1:2] == b"1"
        )
        raw = build(frame)
    told = list(decode(raw, ZONE))
    json.dumps(told, allow_nan=False)
    whole = [each for each in frames_in(raw, max(len(raw), 1)) if isinstance(each, Frame)]
    pieces = [each for each in frames_in(raw, PIECE) if isinstance(each, Frame)]
    assert pieces == whole, f"other frames in pieces of {PIECE} bytes"
    for frame in whole:
        if frame.note:  # of a wrong length: what is built has the right one
            continue
        again = frames_in(build(frame), 4096)
        assert again == [frame], "a frame that is built again reads otherwise"


def cap_message(data: bytes) -> None:
    """A CAP message or feed: read, or refused; what is read can be written and read again."""
    for read in (cap.read, cap.read_received, cap.read_feed):
        with suppress(cap.CapError):
            read(data)
    try:
        alert = cap.read(data)
    except cap.CapError:
        return
    cap.check(alert)
    assert cap.read(cap.write(alert)) == alert, "what is written reads otherwise"


TARGETS: dict[str, Callable[[bytes], None]] = {"sl651": sl651, "cap": cap_message}
