"""The four colours of Chinese warnings, ordered, with their CAP severity."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from anlan.cap import Severity


class Colour(IntEnum):
    """Blue, yellow, orange, red 蓝黄橙红; NONE below all of them. Comparable."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @property
    def word(self) -> str:
        """The colour as stored and configured: ``blue`` … ``red``, ``none``."""
        return self.name.lower()

    @property
    def zh(self) -> str:
        """The Chinese word."""
        return _ZH[self]

    @property
    def severity(self) -> Severity:
        """Blue, yellow, orange, red are Minor, Moderate, Severe, Extreme."""
        return _SEVERITY[self]

    @property
    def officers(self) -> int:
        """How many officers must approve: two for orange and red."""
        return 2 if self >= Colour.ORANGE else 1


_ZH = {
    Colour.NONE: "无",
    Colour.BLUE: "蓝色",
    Colour.YELLOW: "黄色",
    Colour.ORANGE: "橙色",
    Colour.RED: "红色",
}
_SEVERITY = {
    Colour.NONE: Severity.UNKNOWN,
    Colour.BLUE: Severity.MINOR,
    Colour.YELLOW: Severity.MODERATE,
    Colour.ORANGE: Severity.SEVERE,
    Colour.RED: Severity.EXTREME,
}
COLOURS = (Colour.BLUE, Colour.YELLOW, Colour.ORANGE, Colour.RED)


def colour(word: str) -> Colour:
    """The colour named ``word``.

    Raises:
        ValueError: naming the accepted words.
    """
    try:
        return Colour[word.upper()]
    except KeyError:
        raise ValueError(f"'{word}' is no colour; write blue, yellow, orange or red") from None


def highest(colours: Iterable[Colour]) -> Colour:
    """The highest of some colours, NONE of none."""
    return max(colours, default=Colour.NONE)
