"""Time lines in simulated time: push at 1 s, expect between 2 and 2.5 s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from anlan.warn.colour import Colour
from anlan.warn.observed import Observed, Sample

T0 = datetime(2021, 7, 25, tzinfo=UTC)
STEP = 0.25
State = Callable[[list[Sample], datetime, Colour], Observed]


def at(seconds: float) -> datetime:
    """A moment of the line."""
    return T0 + timedelta(seconds=seconds)


def span(seconds: float) -> timedelta:
    """A length of the line."""
    return timedelta(seconds=seconds)


@dataclass
class Line:
    """Readings pushed at their second, and what a rule says each quarter of a second.

    What it said is handed back as ``before`` the next time, as the desk does from its memory.
    """

    state: State
    pushed: list[Sample] = field(default_factory=list)

    def push(self, second: float, *values: float, every: float = 1.0) -> None:
        """One value at ``second``, and the others ``every`` so many seconds after it."""
        for number, value in enumerate(values):
            when = second + number * every
            self.pushed.append(Sample(at(when), value, f"obs:{when}"))

    def says(self, until: float) -> list[tuple[float, Observed]]:
        """All that the rule said, second by quarter second."""
        found: list[tuple[float, Observed]] = []
        before = Colour.NONE
        for number in range(int(until / STEP) + 1):
            second = number * STEP
            known = [each for each in self.pushed if each.at <= at(second)]
            said = self.state(known, at(second), before)
            before = said.kept
            found.append((second, said))
        return found

    def expect(self, colour: Colour, first: float, last: float) -> None:
        """The line becomes ``colour`` between two moments, from anything else before."""
        said = self.says(last)
        before = [each.kept for second, each in said if second < first]
        assert not before or before[-1] is not colour, f"{colour.word} before {first} s already"
        line = [(second, each.kept.word) for second, each in said if second >= first]
        assert colour.word in [word for _, word in line], line

    def stays(self, colour: Colour, first: float, last: float) -> None:
        """The line is ``colour`` all the time between two moments."""
        said = [(second, each.kept) for second, each in self.says(last) if second >= first]
        assert said
        assert {each for _, each in said} == {colour}, said
