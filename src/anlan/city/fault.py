"""One thing wrong with a city folder: where it is, what it is, what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anlan.refusal import Refusal


@dataclass(frozen=True)
class Fault:
    """One fault of a city folder.

    Attributes:
        file: path inside the folder.
        row: line of the file as an editor counts them (the header is line 1); None for a
            fault of the whole file.
        field: column or key; empty for a fault of the whole file or row.
        value: what stands there.
        message: what is wrong with it.
        remedy: what would be accepted.
    """

    file: str
    row: int | None
    field: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file} row {self.row}"
        named = f" {self.field}" if self.field else ""
        value = f" {self.value!r}" if self.value else ""
        return f"{place}:{named}{value} {self.message}; {self.remedy}"


def refuse(folder: str, faults: Sequence[Fault], shown: int = 5) -> Refusal:
    """The refusal of a folder with ``faults`` (at least one), naming the first few."""
    first = faults[0]
    listed = "\n".join(f"- {fault}" for fault in faults[:shown])
    rest = f"\n- and {len(faults) - shown} more" if len(faults) > shown else ""
    return Refusal(
        f"City folder {folder} has {len(faults)} fault(s); `anlan city check {folder}` lists "
        f"all of them:\n{listed}{rest}",
        field=first.field or first.file,
        value=first.value,
        remedy=first.remedy,
    )
