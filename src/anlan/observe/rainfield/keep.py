"""Taking a file of gridded rain in, and letting go of what is old."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from rasterio.errors import RasterioError
from sqlalchemy import delete, func, select

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe.rainfield import frames
from anlan.observe.rainfield.field import Array, Frame, How, bad, check_strength
from anlan.observe.rainfield.grid import Grid, grid_of, onto
from anlan.observe.rainfield.opening import open_field
from anlan.store import Store, schema

F = schema.rain_frame
AHEAD = timedelta(minutes=10)
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Taken:
    """What became of a file.

    Attributes:
        frames: in the file; new: of them kept now; known: already kept as they are.
        rain_mm: most that fell in one cell in all frames together.
        remarks: what was taken for granted.
    """

    product: str
    forecast: bool
    base: datetime | None
    first: datetime
    last: datetime
    frames: int
    new: int
    known: int
    rain_mm: float
    remarks: tuple[str, ...]


def take_file(
    store: Store,
    city: City,
    clock: Clock,
    path: Path,
    product: str,
    *,
    forecast: bool,
    how: How | None = None,
    name: str = "",
    tell: Progress | None = None,
) -> Taken:
    """Bring every frame of a file onto the city's rain grid and keep it; safe to repeat.

    Frame by frame: one at a time is in memory, and each is kept whole or not at all.

    Raises:
        Refusal: naming what in the file cannot be used and what to say instead.
    """
    grid, shown = grid_of(city), name or path.name
    field = open_field(path, how)
    try:
        now = clock.now()
        if forecast and field.base is None:
            raise bad(shown, "issue time", "", "say when the forecast was made with --issued")
        if forecast and field.base is not None and field.base > now + AHEAD:
            raise bad(shown, "issue time", field.base.isoformat(), "give one that has passed")
        if not field.frames:
            raise bad(shown, "frames", 0, "give a file with at least one")
        if not forecast and field.frames[-1].end > now + AHEAD:
            ahead = field.frames[-1].end.isoformat()
            raise bad(shown, "time", ahead, "observed rain cannot lie ahead; import it as forecast")
        on_grid = onto(field, grid, city, shown)
        base = field.base if forecast else None
        last, new = field.frames[-1].end, 0
        total = np.zeros(grid.shape)
        for number, frame in enumerate(field.frames):
            rain = on_grid(frame)
            check_strength(rain, frame.start, frame.end, shown)
            # the first new frame brings the journal's entry for the file, with it or not at all
            subject = "" if new else f"{product}@{base or last:%Y-%m-%dT%H:%MZ}"
            new += _keep(store, clock, grid, product, base, frame, rain, shown, subject)
            total += np.nan_to_num(rain)
            if tell is not None:
                tell(shown, (number + 1) / len(field.frames))
        return Taken(
            product,
            forecast,
            base,
            field.frames[0].start,
            field.frames[-1].end,
            len(field.frames),
            new,
            len(field.frames) - new,
            round(float(total.max()), 1),
            field.remarks,
        )
    except (RasterioError, OSError, RuntimeError, ValueError, LookupError) as problem:
        # a file may be sound where it was opened and damaged farther in
        raise bad(shown, "content", str(problem)[:120] or "damaged", "give it again") from problem
    finally:
        field.close()


def _keep(
    store: Store,
    clock: Clock,
    grid: Grid,
    product: str,
    base: datetime | None,
    frame: Frame,
    rain: Array,
    source: str,
    subject: str,
) -> bool:
    digest = hashlib.sha256(rain.astype(np.float32).tobytes()).hexdigest()[:32]
    made = base or frame.end
    path = f"{product}/{grid.key}/{made:%Y%m%d}.zarr"
    with store.transaction() as tx:
        act = Act(tx, clock.now(), "system")
        same = (
            F.c.product == product,
            F.c.base_at == made,
            F.c.start_at == frame.start,
            F.c.end_at == frame.end,
        )
        known = tx.execute(select(F).where(*same).order_by(F.c.recorded_at.desc())).first()
        if known is not None and known.digest == digest and known.path == path:
            return False
        place = tx.execute(select(func.max(F.c.place)).where(F.c.path == path)).scalar()
        place = 0 if place is None else int(place) + 1
        frames.write(store.data_dir, path, place, grid, rain)
        recorded = act.now
        if known is not None:
            recorded = max(recorded, known.recorded_at + timedelta(milliseconds=1))
        tx.execute(
            F.insert().values(
                product=product,
                forecast=base is not None,
                base_at=made,
                start_at=frame.start,
                end_at=frame.end,
                recorded_at=recorded,
                path=path,
                place=place,
                digest=digest,
                source=source[:300],
            )
        )
        if subject:
            content = {"digest": digest, "source": source}
            act.record("observe.rain_field", subject, valid_at=made, content=content)
    return True


def prune(store: Store, product: str, older_than: datetime) -> int:
    """Let go of the whole days of a product that ended before ``older_than``; frames gone."""
    with store.transaction() as tx:
        old = tx.execute(
            select(F.c.path, func.max(F.c.recorded_at), func.max(F.c.end_at), func.count())
            .where(F.c.product == product)
            .group_by(F.c.path)
        ).all()
        gone = [(path, count) for path, _, last, count in old if last < older_than]
        for path, _ in gone:
            tx.execute(delete(F).where(F.c.path == path))
    for path, _ in gone:
        shutil.rmtree(store.data_dir / frames.FOLDER / path, ignore_errors=True)
    return sum(int(count) for _, count in gone)
