"""Text files of other programs: lines of words, with refusals that name file and line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from anlan.refusal import Refusal


@dataclass(frozen=True)
class Line:
    """One line of data, split at blanks.

    Attributes:
        path: of the file.
        number: of the line, from 1.
        section: that it stands in, upper case; empty where the file has none.
        words: without the comment.
    """

    path: Path
    number: int
    section: str
    words: tuple[str, ...]

    def refuse(self, said: str, remedy: str, value: object = None) -> Refusal:
        """A refusal that names the file, the line and the section."""
        section = f"[{self.section}]" if self.section else ""
        place = ", ".join(p for p in (self.path.name, f"line {self.number}", section) if p)
        return Refusal(
            f"{place}: {said}; {remedy}",
            field=section or self.path.name,
            value=value,
            remedy=remedy,
        )

    def word(self, k: int, name: str) -> str:
        """The k-th word; refuses when the line ends before it."""
        if k >= len(self.words):
            raise self.refuse(
                f"the line has {len(self.words)} items and none for {name}", f"give {name}"
            )
        return self.words[k]

    def optional(self, k: int, default: str = "") -> str:
        """The k-th word, or a default where the line is shorter."""
        return self.words[k] if k < len(self.words) else default

    def number_at(
        self, k: int, name: str, default: float | None = None, least: float = -math.inf
    ) -> float:
        """The k-th word as a number; a default stands in where the line is shorter."""
        if k >= len(self.words) and default is not None:
            return default
        word = self.word(k, name)
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < least:
            limit = "" if least == -math.inf else f" of at least {least:g}"
            raise self.refuse(f"{name} is {word!r}", f"give a number{limit}", word)
        return value

    def yes_at(self, k: int, default: bool = False) -> bool:
        """The k-th word as YES or NO."""
        word = self.optional(k, "YES" if default else "NO").upper()
        if word not in ("YES", "NO"):
            raise self.refuse(f"{word!r} stands where YES or NO belongs", "write YES or NO", word)
        return word == "YES"


def read_lines(path: Path, comment: str = "#") -> list[Line]:
    """The lines of a file that hold words; a word that begins with a comment's mark ends one.

    Raises:
        Refusal: the file cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise Refusal(
            f"{path} cannot be read ({problem.strerror}); give a text file",
            field="file",
            value=path,
            remedy="a text file",
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = (
        Line(path, number, "", tuple(takewhile(lambda w: not w.startswith(comment), whole.split())))
        for number, whole in enumerate(text.splitlines(), 1)
    )
    return [line for line in lines if line.words]
