"""Takes what a film's file says of place and device out of it, without touching picture or sound.

ISO base media (MP4, QuickTime) is a tree of boxes (ISO/IEC 14496-12, 4.2). What phones write beside
the picture stands in ``udta``, ``meta`` and ``uuid`` boxes of the file, the movie and its tracks:
these become ``free`` boxes of the same length, filled with zeros, so that no offset moves.
Measured values recorded along the film in a track of their own stay (a ``mebx`` track). WebM
as browsers record it says nothing of place; it is left as it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

PRIVATE = frozenset({b"udta", b"meta", b"uuid"})
WITHIN = frozenset({b"moov", b"trak"})
"""Boxes that are looked into."""
MOST_BOXES = 10_000
_ZEROS = bytes(1 << 16)


def blank(file: BinaryIO, size: int) -> int:
    """Blank the private boxes of a film of ``size`` bytes in place; how many there were.

    A file whose boxes make no sense is left from there on: it is no film that a player opens.
    """
    found = [(at, header, end) for at, header, end, _ in _private(file, 0, size)]
    for at, header, end in found:
        file.seek(at + 4)
        file.write(b"free")
        file.seek(at + header)
        left = end - at - header
        while left > 0:
            left -= file.write(_ZEROS[: min(left, len(_ZEROS))])
    return len(found)


def _private(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int, bytes]]:
    for box in _boxes(file, start, end):
        at, header, stop, kind = box
        if kind in PRIVATE:
            yield box
        elif kind in WITHIN:
            yield from _private(file, at + header, stop)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int, bytes]]:
    """(start, length of the header, end, kind) of the boxes that follow each other."""
    at = start
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if at + 8 > end or len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if size == 1 and len(head) == 16:
            (size,) = struct.unpack(">Q", head[8:])
            header = 16
        elif size == 0:
            size = end - at
        if size < header or at + size > end:
            return
        yield at, header, at + size, kind
        at += size
