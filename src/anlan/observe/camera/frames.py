"""Pictures that are kept: a row and two files each, re-encoded without what a stranger put in."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection, delete, func, select

from anlan.journal import Act
from anlan.observe.camera.staff import StaffReading
from anlan.observe.camera.strip import Picture
from anlan.refusal import Refusal
from anlan.store import Store, ids, schema

F = schema.camera_frame
FOLDER = "cameras"
LONG_SIDE, THUMB = 1920, 320
MOST_PIXELS = 40_000_000


@dataclass(frozen=True)
class Snapshot:
    """A picture that was opened.

    Attributes:
        picture: (rows, columns, 3) RGB as the camera gave it; full, thumb: JPEG to be kept.
        digest: of what the camera sent, to tell a picture that stands still.
    """

    picture: Picture
    full: bytes
    thumb: bytes
    digest: str


def opened(raw: bytes, name: str) -> Snapshot:
    """A picture from a camera's bytes.

    Raises:
        Refusal: when they are no JPEG, PNG or WebP, or too large a picture.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnidentifiedImageError(f"{picture.width} × {picture.height} pixels")
            colours = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as problem:
        raise Refusal(
            f"camera {name} gave no picture that can be opened ({str(problem)[:80]}); "
            "name the address of a JPEG or PNG snapshot",
            field="url",
            value=name,
            remedy="the address of a JPEG or PNG snapshot",
        ) from problem
    pixels = np.asarray(colours)
    sizes = []
    for most in (LONG_SIDE, THUMB):
        small = colours.copy()
        small.thumbnail((most, most))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=82 if most == LONG_SIDE else 70)
        sizes.append(out.getvalue())
    return Snapshot(pixels, sizes[0], sizes[1], ids.digest(raw)[:32])


def newest(conn: Connection, camera: str, as_of: datetime | None = None) -> Any:
    """The row of a camera's newest picture, or None."""
    query = select(F).where(F.c.camera == camera).order_by(F.c.taken_at.desc()).limit(1)
    return conn.execute(query if as_of is None else query.where(F.c.taken_at <= as_of)).first()


def keep(act: Act, data: Path, camera: str, snapshot: Snapshot, read: StaffReading | None) -> None:
    """Write the files, then the row: a crash leaves no row without its picture."""
    stem = f"{camera}/{act.now:%Y%m%d}/{act.now:%H%M%S}"
    for suffix, content in (("", snapshot.full), (".thumb", snapshot.thumb)):
        path = data / FOLDER / f"{stem}{suffix}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    act.tx.execute(
        F.insert().values(
            camera=camera,
            taken_at=act.now,
            path=stem,
            digest=snapshot.digest,
            level_m=None if read is None else read.level_m,
            confidence=None if read is None else read.confidence,
            why="" if read is None else read.why,
        )
    )


def picture(data: Path, stem: str, thumb: bool) -> bytes | None:
    """The JPEG of a kept picture; None when it is gone."""
    path = data / FOLDER / f"{stem}{'.thumb' if thumb else ''}.jpg"
    try:
        return path.read_bytes()
    except OSError:
        return None


def prune(store: Store, camera: str, older_than: datetime, most: int) -> int:
    """Let go of pictures taken before ``older_than``, and of the oldest beyond ``most``."""
    with store.transaction() as tx:
        mine = F.c.camera == camera
        count = tx.execute(select(func.count()).select_from(F).where(mine)).scalar_one()
        rows = tx.execute(
            select(F.c.taken_at, F.c.path)
            .where(mine, F.c.taken_at < older_than)
            .order_by(F.c.taken_at)
        ).all()
        if count - len(rows) > most:
            rows = tx.execute(
                select(F.c.taken_at, F.c.path)
                .where(mine)
                .order_by(F.c.taken_at)
                .limit(count - most)
            ).all()
        for row in rows:
            tx.execute(delete(F).where(mine, F.c.taken_at == row.taken_at))
    for row in rows:
        for suffix in ("", ".thumb"):
            (store.data_dir / FOLDER / f"{row.path}{suffix}.jpg").unlink(missing_ok=True)
    return len(rows)
