"""What the readers of other models' files share: keys, series in time, walls."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from anlan.refusal import Refusal
from anlan.simulation.document import Simulation
from anlan.simulation.record import Where
from anlan.simulation.series import TimeTable
from anlan.simulation.text_lines import Line

# A crest that no water reaches, m.
WALL = 10_000.0
# The second of two rows of one time follows the first so much later, s.
JUMP = 1e-3
# Rain that is linear between rows is taken in steps of a minute, at most so many between two rows.
MINUTE = 60.0
MOST_STEPS = 60


class KeyFile:
    """Keys with a value each; where a key stands twice the later line holds.

    Attributes:
        path: of the file.
        lines: (key, value, …) by key in lower case.
        notes: what is read differently or left aside, in sentences.
    """

    def __init__(self, path: Path, lines: Iterable[Line]) -> None:
        self.path = path
        self.lines = {line.words[0].lower(): line for line in lines}
        self.notes: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self.lines

    def text(self, key: str) -> str:
        """The word after a key; empty where the key or the word is not there."""
        return self.lines[key].optional(1) if key in self.lines else ""

    def number(self, key: str, default: float, least: float = -math.inf) -> float:
        """The number after a key, or what holds without it."""
        return self.lines[key].number_at(1, key, least=least) if key in self.lines else default

    def positive(self, key: str, default: float) -> float:
        """The number above 0 after a key, or what holds without it."""
        value = self.number(key, default)
        if value <= 0.0:
            raise self.lines[key].refuse(f"{key} is {value:g}", "give a number above 0", value)
        return value

    def file(self, key: str) -> Path | None:
        """The file that a key names, relative to this one; None without the key.

        Raises:
            Refusal: it is not there.
        """
        if key not in self.lines:
            return None
        line = self.lines[key]
        name = line.word(1, f"the file of {key}").replace("\\", "/")
        path = self.path.parent / name
        if not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises for a name too long
            raise line.refuse(
                f"{key} {name} is not there", "paths are relative to this file; put it there", name
            )
        return path

    def must_have(self, *keys: str) -> None:
        """Refuse a file that lacks a key."""
        for key in keys:
            if key not in self.lines:
                raise Refusal(f"{self.path}: lacks {key}; give it", field=key, remedy=f"give {key}")

    def sort_out(self, read: str, refused: Mapping[str, str], aside: Mapping[str, str]) -> None:
        """Refuse what cannot be computed or is not known, and note what is left aside.

        Args:
            read: keys that the reader reads, parted by blanks.
            refused: sentence and remedy by key, parted by a semicolon.
            aside: keys, parted by blanks, by what the note calls them.
        """
        known = {*read.split(), *refused, *" ".join(aside.values()).split()}
        for key, line in self.lines.items():
            if key in refused:
                said, remedy = refused[key].split("; ", 1)
                raise line.refuse(f"{line.words[0]} {said}", remedy, self.text(key) or None)
            if key not in known:
                near = difflib.get_close_matches(key, sorted(known), n=1)
                hint = f"; the nearest that is known is {near[0]}" if near else ""
                raise line.refuse(
                    f"{line.words[0]} is no key that is known here{hint}",
                    "correct it, or put a comment's mark before it",
                    line.words[0],
                )
        for what, keys in aside.items():
            found = [self.lines[key].words[0] for key in keys.split() if key in self.lines]
            if found:
                self.notes.append(f"left aside, {what}: {', '.join(found)}")


def as_simulation(path: Path, read: Callable[[Path], Simulation]) -> Simulation:
    """What a reader reads; a refusal that names no file gets this one."""
    try:
        return read(path)
    except Refusal as problem:
        if ", line " in problem.message or str(path) in problem.message:
            raise
        raise Where(path).prefixed(problem) from None


@contextmanager
def at_line(line: Line) -> Iterator[None]:
    """A refusal of a record within gets the line that asked for it."""
    try:
        yield
    except Refusal as problem:
        if problem.message.startswith(line.path.name):
            raise
        raise line.refuse(problem.message, "correct it there", problem.value) from None


def rising(points: Iterable[tuple[Line, float, float]], unit: float = 1.0) -> TimeTable:
    """Rows of (line, time, value) as a series; a time given twice is a jump.

    Raises:
        Refusal: a time that falls.
    """
    times: list[float] = []
    values: list[float] = []
    for line, time, value in points:
        at = time
        if times and at <= times[-1]:
            if at < times[-1] - JUMP:
                raise line.refuse(
                    f"time {time:g} s comes after {times[-1]:g} s",
                    "put the rows in rising order",
                    time,
                )
            at = times[-1] + JUMP
        times.append(at)
        values.append(value * unit)
    return TimeTable(np.array(times), np.array(values))


def in_steps(table: TimeTable, until: float) -> TimeTable:
    """A series that is linear between its rows as one that is constant between them.

    Steps of a minute, each with the mean of the line over it, so that the volume is the same; the
    first value holds from the start on.
    """
    times: list[float] = [min(float(table.times[0]), 0.0)]
    values: list[float] = [float(table.values[0])]
    rows = zip(table.times, table.times[1:], table.values, table.values[1:], strict=False)
    for begin, end, first, last in rows:
        if begin >= until:
            break
        parts = min(math.ceil((end - begin) / MINUTE), MOST_STEPS) if first != last else 1
        edges = np.linspace(begin, end, parts + 1)
        means = first + (last - first) * (np.arange(parts) + 0.5) / parts
        times += [float(time) for time in edges[:-1]]
        values += [float(mean) for mean in means]
    times.append(float(table.times[-1]))
    values.append(float(table.values[-1]))
    kept = [k for k in range(len(times)) if k + 1 == len(times) or times[k + 1] > times[k]]
    return TimeTable(np.array(times)[kept], np.array(values)[kept])


def as_number(table: TimeTable) -> float | None:
    """The value of a series that never changes; None of one that does."""
    return float(table.values[0]) if (table.values == table.values[0]).all() else None
