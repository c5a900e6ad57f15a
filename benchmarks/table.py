"""Parts of the report: a title, a table, promises beside what was measured, notes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Promise:
    """A limit of the specification and what was measured against it."""

    text: str
    measured: float
    limit: float
    at_most: bool = True

    @property
    def kept(self) -> bool:
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit


@dataclass(frozen=True)
class Part:
    """One table of the report.

    Attributes:
        columns: heading of each key of the rows, in order.
        rows: what was measured; keys that are not columns are for ``--json`` alone.
    """

    title: str
    columns: dict[str, str]
    rows: list[dict[str, Any]]
    promises: list[Promise] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def markdown(self) -> str:
        """The part as Markdown that is readable as plain text too."""
        cells = [list(self.columns.values())]
        cells += [[_shown(row.get(key, "")) for key in self.columns] for row in self.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(self.columns))]
        lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
        lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
        text = [f"### {self.title}", "", *lines, ""]
        for p in self.promises:
            word = "kept" if p.kept else "NOT kept"
            text.append(f"- {p.text}: {_shown(p.measured)}, {word}")
        text += [f"- {note}" for note in self.notes]
        return "\n".join(text).rstrip() + "\n"


def write_between_markers(document: Path, name: str, text: str) -> None:
    """Put a report between the markers of that name in a document.

    Raises:
        ValueError: the document lacks the markers.
    """
    old = document.read_text("utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if begin not in old or end not in old:
        raise ValueError(f"{document} lacks {begin} or {end}; put both where the figures belong")
    head, rest = old.split(begin, 1)
    tail = rest.split(end, 1)[1]
    document.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}", "utf-8")


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000.0 else f"{value:,.0f}"
    return str(value)
