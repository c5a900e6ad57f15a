"""Pictures and films of remote checks: pictures with the other photos, films in a folder.

A film's picture and sound stay as they were taken; what its file says of place and device is
taken out (`film_places`). Films are erased by date with the photos.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, select

from anlan.access.photos import keep_photo
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.firms import film_places
from anlan.store import schema

FOLDER = "films"
MOST_FILM_BYTES = 40_000_000
MOST_PHOTO_BYTES = 12_000_000
_CHUNK = 1 << 20
_ENDINGS = {"video/mp4": ".mp4", "video/webm": ".webm"}


@dataclass(frozen=True)
class Kept:
    """What was kept: SHA-256 of the content, and its type."""

    digest: str
    mime: str


def kind_of(head: bytes) -> str | None:
    """The type of a film by its first bytes: ISO base media (MP4, QuickTime) or WebM."""
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm"
    return None


def keep(act: Act, data_dir: Path, file: BinaryIO, name: str) -> Kept:
    """Keep a film or picture; raises `Refusal` for what is neither, or too large."""
    head = file.read(16)
    mime = kind_of(head)
    if mime is None:
        raw = head + file.read(MOST_PHOTO_BYTES)
        _check_size(len(raw), MOST_PHOTO_BYTES, name)
        return Kept(keep_photo(act, raw, name), "image/jpeg")
    folder = data_dir / FOLDER
    folder.mkdir(exist_ok=True)
    fresh = folder / f"{os.getpid()}-{id(file)}.new"
    size = len(head)
    try:
        with fresh.open("w+b") as out:
            out.write(head)
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                _check_size(size, MOST_FILM_BYTES, name)
                out.write(chunk)
            if mime == "video/mp4":
                film_places.blank(out, size)
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(_path(data_dir, digest, mime))
    finally:
        fresh.unlink(missing_ok=True)
    act.record("film.kept", digest)
    return Kept(digest, mime)


def erase_before(data_dir: Path, before: datetime) -> int:
    """Delete the films that were kept before a moment (real time); how many."""
    gone = 0
    for path in (data_dir / FOLDER).glob("*"):
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _check_size(size: int, most: int, name: str) -> None:
    if size > most:
        raise Refusal(
            f"'{name[:60]}' is larger than {most // 1_000_000} MB; film it shorter or smaller",
            field="file",
            value=name[:60],
            remedy=f"at most {most // 1_000_000} MB",
        )


def _path(data_dir: Path, digest: str, mime: str) -> Path:
    return data_dir / FOLDER / f"{digest}{_ENDINGS[mime]}"


def content(conn: Connection, data_dir: Path, digest: str, mime: str) -> Path | bytes:
    """The file of a film, or the bytes of a picture; raises `Refusal` once it is gone."""
    if mime in _ENDINGS and (path := _path(data_dir, digest, mime)).is_file():
        return path
    A = schema.attachment
    raw: bytes | None = conn.execute(
        select(A.c.content).where(A.c.digest == digest)
    ).scalar_one_or_none()
    if raw is None:
        raise Refusal(
            f"the picture {digest[:12]} is not kept any more",
            field="digest",
            value=digest[:12],
            remedy="ask for the shot again",
            kind="not_found",
        )
    return raw
