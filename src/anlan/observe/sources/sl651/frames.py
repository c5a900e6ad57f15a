"""Frames of SL 651-2014: found in a stream of bytes, checked, built.

Up (station to centre), clauses 6.4 and 6.5, tables 16, 18, 20 and 22::

    start | centre 1 | station 5 | password 2 | function 1 | flag and length 2
          | STX, or SYN and packets 3 | body | ETX or ETB | CRC 2

Down (tables 17, 19, 21 and 23) the station stands before the centre. Start is ``7E7E`` for
frames of bytes (HEX/BCD), ``01`` for frames of characters (ASCII), where each byte of the
header, of the packet counts and of the CRC is written as two hexadecimal characters. The high
4 bits of flag and length say up (0) or down (8); the low 12 count the bytes between STX or SYN
and the end, packet counts included. (Table 22 allows FFFF as a length, which leaves no room
for the flag; published multi-packet frames keep the 12 bits, and so does this reader.)

Nothing here raises on any bytes, and how a stream is cut into pieces changes nothing.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

HEX_START, ASCII_START = b"\x7e\x7e", b"\x01"
STX, SYN = 0x02, 0x16
# table 10: how a frame ends
ETX, ETB = 0x03, 0x17
ENQ, ACK, EOT, NAK, ESC = 0x05, 0x06, 0x04, 0x15, 0x1B
ENDS = {"up": (ETX, ETB), "down": (ENQ, ACK, EOT, NAK, ESC)}
# a frame whose length field is wrong is searched this far for its end; H.4.2 advises 256 bytes
WRONG_LENGTH_REACH = 512
PIECE = 4096  # bytes looked at in one go
HEX_DIGITS = frozenset(string.hexdigits.encode())

Direction = Literal["up", "down"]


@dataclass(frozen=True)
class Frame:
    """One frame whose CRC holds.

    Attributes:
        station: ten digits, as they stand in the frame (6.2.3.2).
        password: four hexadecimal digits.
        body: what stands between the start and the end of text, packet counts left out.
        packet: (number of packets, number of this one) of a multi-packet message.
        end: the byte that ends the text.
        ascii: written in characters, not in bytes.
        note: what was odd about it, empty if nothing.
    """

    direction: Direction
    centre: int
    station: str
    password: str
    function: int
    body: bytes
    end: int = ETX
    packet: tuple[int, int] | None = None
    ascii: bool = False
    note: str = ""
    raw: bytes = b""


@dataclass(frozen=True)
class Broken:
    """Bytes that begin like a frame and are none, with the reason."""

    raw: bytes
    error: str


NOISE = Broken(b"", "")


def _table() -> tuple[int, ...]:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
        rows.append(value)
    return tuple(rows)


_CRC = _table()


def crc16(data: bytes | bytearray, start: int = 0xFFFF) -> int:
    """CRC over ``data``: X16+X15+X2+1 reflected (A001), begun with FFFF (H.3.2)."""
    for byte in data:
        start = start >> 8 ^ _CRC[(start ^ byte) & 0xFF]
    return start


def build(frame: Frame) -> bytes:
    """The bytes of ``frame``; ``raw`` and ``note`` are not looked at."""
    centre, station = f"{frame.centre:02X}", frame.station
    addresses = centre + station if frame.direction == "up" else station + centre
    packets = "" if frame.packet is None else f"{frame.packet[0]:03X}{frame.packet[1]:03X}"
    counted = len(frame.body) + (len(packets) if frame.ascii else len(packets) // 2)
    flag = "0" if frame.direction == "up" else "8"
    head = f"{addresses}{frame.password}{frame.function:02X}{flag}{counted:03X}"

    def written(text: str) -> bytes:
        return text.encode() if frame.ascii else bytes.fromhex(text)

    said = (ASCII_START if frame.ascii else HEX_START) + written(head)
    said += bytes([STX if frame.packet is None else SYN]) + written(packets)
    said += frame.body + bytes([frame.end])
    return said + written(f"{crc16(said):04X}")


class Parser:
    """Finds the frames in a stream that arrives in pieces.

    A frame that does not hold gives a `Broken`, and the search goes on one byte after its
    start, so that a wrong length or noise never hides what follows. A frame cut off in the
    middle holds back what comes after it until enough bytes have come to tell, or until
    `flush`: characters of a frame follow one another without a gap (6.3.2.1), so a pause
    means that the rest will not come.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0  # place in the stream of the first byte held
        self._accused = 0  # up to here a Broken has spoken already
        self.wasted = 0  # bytes since the last good frame that belonged to none

    @property
    def pending(self) -> bool:
        """Whether something that may become a frame is held."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Frame | Broken]:
        """What can be told once ``data`` has arrived."""
        found: list[Frame | Broken] = []
        for start in range(0, len(data), PIECE):
            self._held += data[start : start + PIECE]
            found += self._search(ended=False)
        return found

    def flush(self) -> list[Frame | Broken]:
        """What can be told when nothing more will come."""
        return list(self._search(ended=True))

    def _search(self, ended: bool) -> Iterator[Frame | Broken]:
        held, at = self._held, 0
        while (start := _next_start(held, at)) is not None:
            found = _read(held, start, ended)
            if found is None:
                at = start
                break
            self.wasted += start - at
            if isinstance(found, Frame):
                self.wasted = 0
                at = start + len(found.raw)
                self._accused = self._at + at
                yield found
                continue
            if found.error and self._at + start >= self._accused:
                self._accused = self._at + start + len(found.raw)
                yield found
            self.wasted += 1
            at = start + 1
        else:
            # a lone 7E at the end may be the first half of a start
            kept = 1 if held.endswith(b"\x7e") and len(held) > at and not ended else 0
            self.wasted += len(held) - kept - at
            at = len(held) - kept
        del held[:at]
        self._at += at


def _next_start(held: bytearray, at: int) -> int | None:
    """Where the next frame may begin."""
    found = [place for mark in (HEX_START, ASCII_START) if (place := held.find(mark, at)) >= 0]
    return min(found, default=None)


def _read(held: bytearray, start: int, ended: bool) -> Frame | Broken | None:
    """The frame at ``start``, why there is none (no words: noise), or None to wait for more."""
    ascii_ = held[start] == ASCII_START[0]
    mark, header, check = (1, 22, 4) if ascii_ else (2, 11, 2)
    text_at = start + mark + header + 1
    text = bytes(held[start + mark : text_at - 1])
    # 01 is common in noise: only what is followed by hexadecimal characters is spoken of
    if ascii_ and not HEX_DIGITS.issuperset(text):
        return NOISE
    if len(held) < text_at:
        if not ended:
            return None
        return NOISE if ascii_ else _short(held, start)
    digits = text.decode() if ascii_ else text.hex()
    if digits[18] not in "08":
        error = f"flag {digits[18]} is neither 0 (up) nor 8 (down)"
        return Broken(bytes(held[start:text_at]), error)
    if (opening := held[text_at - 1]) not in (STX, SYN):
        error = f"{opening:02X} stands where the text begins; 02 or 16 should"
        return Broken(bytes(held[start:text_at]), error)
    head = _Head(start, text_at, check, digits.upper())
    after = text_at + head.length + 1 + check
    if len(held) >= after:
        whole = bytes(held[start:after])
        error = head.objection(whole)
        if not error:
            return head.frame(whole)
    elif not ended:
        return None
    otherwise = _of_other_length(held, head)
    if otherwise is not None:
        return otherwise
    if len(held) < after:
        return _short(held, start)
    if len(held) < text_at + WRONG_LENGTH_REACH + check and not ended:
        return None
    return Broken(whole, error)


def _short(held: bytearray, start: int) -> Broken:
    rest = bytes(held[start:])
    return Broken(rest, f"cut off after {len(rest)} bytes")


@dataclass(frozen=True)
class _Head:
    """What the header says: where its frame stands in the bytes held, and its fields.

    ``digits``: centre and station 12, password 4, function 2, flag 1, length 3.
    """

    start: int
    text_at: int
    check: int
    digits: str

    @property
    def length(self) -> int:
        return int(self.digits[19:], 16)

    @property
    def direction(self) -> Direction:
        return "up" if self.digits[18] == "0" else "down"

    def said(self, check: bytes) -> int:
        """The CRC that a frame says; -1 if it says none."""
        if self.check == 2:
            return int.from_bytes(check)
        return int(check, 16) if HEX_DIGITS.issuperset(check) else -1

    def objection(self, whole: bytes) -> str:
        """Why these bytes are no frame, or nothing."""
        end = whole[-self.check - 1]
        if end not in ENDS[self.direction]:
            return f"{end:02X} stands where the text of {self.length} bytes should end"
        said, is_ = self.said(whole[-self.check :]), crc16(whole[: -self.check])
        return "" if said == is_ else f"the CRC of the bytes is {is_:04X}, not as the frame says"

    def frame(self, whole: bytes, note: str = "") -> Frame:
        """The fields of a frame whose CRC holds."""
        at = self.text_at - self.start
        body, packet = whole[at : -self.check - 1], None
        ascii_ = self.check == 4
        if whole[at - 1] == SYN:
            width = 6 if ascii_ else 3
            counts, body = body[:width], body[width:]
            if len(counts) < width or (ascii_ and not HEX_DIGITS.issuperset(counts)):
                note = "the packet counts after 16 are missing"
            else:
                both = int(counts, 16) if ascii_ else int.from_bytes(counts)
                packet = (both >> 12, both & 0xFFF)
        digits, up = self.digits, self.direction == "up"
        return Frame(
            direction=self.direction,
            centre=int(digits[:2] if up else digits[10:12], 16),
            station=digits[2:12] if up else digits[:10],
            password=digits[12:16],
            function=int(digits[16:18], 16),
            body=body,
            end=whole[-self.check - 1],
            packet=packet,
            ascii=ascii_,
            note=note,
            raw=whole,
        )


def _of_other_length(held: bytearray, head: _Head) -> Frame | None:
    """The frame whose length field is wrong but whose CRC holds over what was really sent.

    Some terminals send such frames; a length spoilt on the way does not pass, as the CRC
    covers it.
    """
    last = min(len(held) - head.check, head.text_at + WRONG_LENGTH_REACH)
    running = crc16(held[head.start : head.text_at])
    for place in range(head.text_at, last):
        running = crc16(held[place : place + 1], running)
        after = place + 1 + head.check
        if held[place] in ENDS[head.direction] and running == head.said(
            bytes(held[place + 1 : after])
        ):
            came = place - head.text_at
            note = f"length says {head.length} bytes, {came} came; read by its CRC"
            return head.frame(bytes(held[head.start : after]), note)
    return None
