"""Anchors: what the journal's head was, kept outside the database.

A chain shows that a row was changed. It cannot show that its newest rows were cut off, that all of
it was written anew, or that the whole database was exchanged for an older copy: whoever can do that
can also make the rest fit. An anchor can, as long as it lies where they cannot write. It is a file
of JSON lines, each with the digest of the line before::

    {"at":"2026-11-21T08:00:00+00:00","hash":"…","journal":"…","kind":"live","prev":"…","seq":812}

``journal`` is the hash of entry 1, which names the journal; ``at`` is real time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from anlan.journal.entry import GENESIS, J, verify
from anlan.refusal import Refusal
from anlan.store import Store, get_meta, ids
from anlan.store.database import KIND

LIVE = "live"
LONGEST = 2000  # characters of a line


@dataclass(frozen=True)
class Point:
    """The head of a journal at a moment: entry ``seq`` had ``hash``."""

    journal: str
    kind: str
    seq: int
    hash: str
    at: datetime

    def line(self, prev: str) -> str:
        """As a line of the file, after the line whose digest is ``prev``."""
        return ids.canonical({**asdict(self), "prev": prev})


def anchor_file(store: Store) -> Path:
    """``ANLAN_ANCHOR``, or ``<data folder>.anchor`` beside (never inside) the data folder."""
    named = os.environ.get("ANLAN_ANCHOR")
    return Path(named) if named else store.data_dir.with_name(store.data_dir.name + ".anchor")


def head(conn: Connection, at: datetime) -> Point | None:
    """The present head of the journal; None while it is empty."""
    first = conn.execute(select(J.c.hash).order_by(J.c.seq).limit(1)).scalar_one_or_none()
    last = conn.execute(select(J.c.seq, J.c.hash).order_by(J.c.seq.desc()).limit(1)).first()
    if first is None or last is None:
        return None
    return Point(str(first), str(get_meta(conn, KIND) or ""), int(last.seq), str(last.hash), at)


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _point(found: Any, path: Path, number: int) -> tuple[Point, str]:
    try:
        point = Point(
            str(found["journal"]),
            str(found["kind"]),
            int(found["seq"]),
            str(found["hash"]),
            datetime.fromisoformat(found["at"]),
        )
        if point.at.tzinfo is None or point.seq < 1:
            raise ValueError
        return point, str(found["prev"])
    except (KeyError, TypeError, ValueError) as problem:
        raise _spoilt(path, number, "is no anchor") from problem


def _spoilt(path: Path, number: int, what: str) -> Refusal:
    return Refusal(
        f"anchor {path}, line {number} {what}; take the copy that nobody could write to",
        field="anchor",
        value=number,
        remedy="an anchor file as the desk wrote it",
    )


def read(path: Path) -> list[Point]:
    """The points of an anchor file, oldest first.

    Raises:
        Refusal: when it cannot be read, or a line is changed, missing or slipped in.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise Refusal(
            f"anchor {path} cannot be read ({problem})",
            field="anchor",
            value=path,
            remedy="a file that the desk or `anlan journal anchor` wrote",
        ) from problem
    points, prev = [], GENESIS
    for number, line in enumerate(lines, start=1):
        try:
            found = json.loads(line) if len(line) <= LONGEST else None
        except ValueError:
            found = None
        point, before = _point(found, path, number)
        if before != prev:
            raise _spoilt(path, number, "does not follow the line before")
        points.append(point)
        prev = _digest(line)
    return points


def append(path: Path, point: Point) -> bool:
    """Add a point on disk; False where it says nothing new. Raises `Refusal`.

    Two processes take turns. A torn last line, left by a power cut, is put right first.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            if text and not text.endswith("\n"):
                text = text[: text.rfind("\n") + 1]
                file.truncate(len(text.encode()))
            last = text.splitlines()[-1] if text else None
            if last is not None:
                before = json.loads(last)
                if (before["journal"], before["hash"]) == (point.journal, point.hash):
                    return False
            file.write(point.line(GENESIS if last is None else _digest(last)) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except (OSError, ValueError, KeyError) as problem:
        raise Refusal(
            f"anchor {path} cannot be written ({problem}); ANLAN_ANCHOR names another place",
            field="ANLAN_ANCHOR",
            value=path,
            remedy="a file that this account may append to",
        ) from problem
    return True


def contradiction(conn: Connection, points: Sequence[Point]) -> str:
    """What the journal has lost since ``points`` were written; empty if nothing shows.

    Looks at the anchored entries alone: that the entries between them are whole is for
    `anlan.journal.verify`.
    """
    if not points:
        return ""
    wanted = {point.seq for point in points} | {1}
    rows = conn.execute(select(J.c.seq, J.c.hash).where(J.c.seq.in_(wanted)))
    hashes = {row.seq: row.hash for row in rows}
    last = conn.execute(select(J.c.seq).order_by(J.c.seq.desc()).limit(1)).scalar_one_or_none() or 0
    mine = [point for point in points if point.journal == hashes.get(1)]
    foreign = [point for point in points if point.journal != hashes.get(1)]
    for point in reversed(foreign):
        # a replay may be begun again; the journal of a live desk never ends
        if point.kind == LIVE or not mine:
            return (
                f"this is another journal than the one anchored on {_when(point)}, which had "
                f"{point.seq} entries: the database was exchanged or begun anew"
            )
    good = 0
    for point in sorted(mine, key=lambda point: point.seq):
        if point.seq > last:
            return (
                f"entries {last + 1} to {point.seq} are missing: on {_when(point)} the journal had "
                f"{point.seq}; it was cut off, or an older copy of the database put in its place"
            )
        if hashes.get(point.seq) != point.hash:
            return (
                f"entries {good + 1} to {point.seq} are not those anchored on {_when(point)}: "
                "the journal was rewritten"
            )
        good = point.seq
    return ""


def _when(point: Point) -> str:
    return point.at.isoformat(timespec="seconds")


@dataclass(frozen=True)
class Checked:
    """A journal held against its anchor.

    Attributes:
        entries: how many the journal has.
        verified: whether chain and anchor hold.
        row: the first wrong entry, where the chain itself is broken.
        problem: what is wrong, in a sentence.
        anchored: number of the newest entry that the anchor vouches for; None without an anchor.
        anchored_at: when that was, real time.
    """

    entries: int
    verified: bool
    row: int | None
    problem: str
    anchored: int | None
    anchored_at: datetime | None


def check(conn: Connection, path: Path) -> Checked:
    """Check the chain, and hold it against the anchor at ``path`` if there is one.

    Raises:
        Refusal: when the anchor is no anchor.
    """
    verdict = verify(conn)
    points = read(path) if path.exists() else []
    wrong = contradiction(conn, points)
    newest = None if wrong or not points else points[-1]
    return Checked(
        verdict.entries,
        verdict.verified and not wrong,
        verdict.row,
        "; ".join(part for part in (verdict.problem, wrong) if part),
        None if newest is None else newest.seq,
        None if newest is None else newest.at,
    )
