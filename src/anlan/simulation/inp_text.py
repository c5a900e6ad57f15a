"""The text of an EPA-SWMM ``.inp`` file: sections, lines, numbers with their units."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from anlan.refusal import Refusal
from anlan.simulation.text_lines import Line

FOOT = 0.3048
# m3/s of one unit of flow, and metres of one unit of length.
FLOW_UNITS = {
    "CFS": (FOOT**3, FOOT),
    "GPM": (6.30901964e-5, FOOT),
    "MGD": (6.30901964e-5 * 1e6 / 1440.0, FOOT),
    "CMS": (1.0, 1.0),
    "LPS": (1e-3, 1.0),
    "MLD": (1e3 / 86400.0, 1.0),
}


def read_sections(path: Path) -> dict[str, list[Line]]:
    """All lines of data by section.

    Raises:
        Refusal: the file is not there or not text, or data stand before the first section.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise Refusal(
            f"there is no file {path}; give the path of an EPA-SWMM .inp file",
            field="path",
            value=str(path),
            remedy="give the path of an EPA-SWMM .inp file",
            kind="not_found",
        ) from error
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")
    sections: dict[str, list[Line]] = {}
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        plain = raw.split(";", 1)[0].strip()
        if not plain:
            continue
        if plain.startswith("["):
            section = plain.strip("[] ").upper()
            sections.setdefault(section, [])
            continue
        line = Line(path, number, section, tuple(_words(plain)))
        if not section:
            raise line.refuse(f"{plain[:40]!r} stands before any section", "start with [TITLE]")
        sections[section].append(line)
    return sections


def _words(plain: str) -> Sequence[str]:
    if '"' not in plain:
        return plain.split()
    lexer = shlex.shlex(plain, posix=True)
    lexer.whitespace_split = True
    lexer.quotes = '"'
    lexer.escape = lexer.commenters = ""
    return list(lexer)


def clock(line: Line, word: str) -> timedelta:
    """A time as h:mm[:ss] or as decimal hours."""
    try:
        if ":" in word:
            parts = [float(p) for p in word.split(":")]
            return timedelta(seconds=sum(p * 60.0 ** (2 - k) for k, p in enumerate(parts)))
        return timedelta(hours=float(word))
    except ValueError as error:
        raise line.refuse(
            f"{word!r} is no time", "write hours:minutes, or hours as a number", word
        ) from error


def day(line: Line, word: str) -> datetime:
    """A date as month/day/year."""
    for form in ("%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(word, form)  # noqa: DTZ007  the file names no zone
        except ValueError:
            continue
    raise line.refuse(f"{word!r} is no date", "write month/day/year", word)


def is_date(word: str) -> bool:
    """Whether a word looks like a date rather than a time."""
    return word.count("/") == 2 or word.count("-") == 2


def pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words two by two."""
    return zip(words[::2], words[1::2], strict=False)
