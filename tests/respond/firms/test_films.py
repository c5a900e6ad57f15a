"""Films of remote checks: nothing of place and device in the file, and gone by date."""

from __future__ import annotations

import io
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.firms import film_places, films

PLACE = b"\xa9xyz\x00\x12\x15\xc7+30.6760+121.0150/"


def box(kind: bytes, body: bytes, *, large: bool = False) -> bytes:
    if large:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body


def film(*, large: bool = False) -> bytes:
    """A film as a phone writes it: place in the movie, maker in a track and beside it all."""
    track = box(b"trak", box(b"tkhd", b"\x01" * 20) + box(b"meta", b"maker"))
    movie = box(b"mvhd", b"\x02" * 20) + track + box(b"udta", PLACE, large=large)
    return (
        box(b"ftyp", b"isom" * 3)
        + box(b"moov", movie)
        + box(b"uuid", b"device" * 5)
        + box(b"mdat", b"udta" + b"\x03" * 50)
    )


def blanked(raw: bytes) -> tuple[int, bytes]:
    file = io.BytesIO(raw)
    return film_places.blank(file, len(raw)), file.getvalue()


def test_place_and_device_are_gone_and_no_offset_moves() -> None:
    for raw in (film(), film(large=True)):
        count, clean = blanked(raw)
        assert (count, len(clean)) == (3, len(raw))
        for private in (b"121.0150", b"maker", b"device"):
            assert private in raw
            assert private not in clean
        # picture and sound, and where they stand, are as they were
        assert clean[clean.index(b"mdat") :] == raw[raw.index(b"mdat") :]
        assert clean.index(b"tkhd") == raw.index(b"tkhd")
        assert blanked(clean) == (0, clean)


@given(st.binary(max_size=200))
def test_what_is_no_film_is_left_without_harm(noise: bytes) -> None:
    for raw in (noise, film() + noise, film()[:40] + noise):
        assert len(blanked(raw)[1]) == len(raw)


def test_films_are_erased_by_date(tmp_path: Path) -> None:
    folder = tmp_path / films.FOLDER
    folder.mkdir()
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for name, days in (("old.mp4", 31), ("fresh.webm", 29)):
        (folder / name).write_bytes(b"film")
        moment = (now - timedelta(days=days)).timestamp()
        os.utime(folder / name, (moment, moment))
    assert films.erase_before(tmp_path, now - timedelta(days=30)) == 1
    assert [path.name for path in folder.iterdir()] == ["fresh.webm"]
    assert films.erase_before(tmp_path / "nowhere", now) == 0
