"""What happened in a past event, as somebody wrote it down: a CSV for a rehearsal."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.city import City
from anlan.refusal import Refusal
from anlan.review.score import COLOURS, TIDE, Crossing

TRUTH = ("event", "area", "colour", "start", "end")


def read_truth(city: City, path: Path, events: Sequence[str]) -> list[Crossing]:
    """What happened, as somebody wrote it down; times without an offset are the city's."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            table = csv.DictReader(text)
            missing = [name for name in TRUTH if name not in (table.fieldnames or ())]
            if missing:
                raise Refusal(
                    f"{path.name} has no column {missing[0]}; its header is {','.join(TRUTH)}",
                    field=missing[0],
                    value=path.name,
                    remedy=",".join(TRUTH),
                )
            return [_happened(city, path, table.line_num, row, events) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Refusal(
            f"{path} cannot be read ({problem})",
            field="truth",
            value=path,
            remedy="a UTF-8 CSV file",
        ) from problem


def _happened(
    city: City, path: Path, line: int, row: dict[str, Any], events: Sequence[str]
) -> Crossing:
    def moment(key: str) -> datetime:
        try:
            at = datetime.fromisoformat(str(row[key]))
        except ValueError as problem:
            raise Refusal(
                f"{path.name}, line {line}: {key} '{row[key]}' is not a time",
                field=key,
                value=row[key],
                remedy="ISO 8601",
            ) from problem
        return at if at.tzinfo else at.replace(tzinfo=city.zone)

    start, end = moment("start"), moment("end")
    if end < start or row["colour"] not in COLOURS:
        key = "colour" if end >= start else "end"
        raise Refusal(
            f"{path.name}, line {line}: {key} '{row[key]}' cannot be used",
            field=key,
            value=row[key],
            remedy="blue, yellow, orange or red" if key == "colour" else "a time after start",
        )
    if row["event"] not in events:
        raise Refusal(
            f"{path.name}, line {line}: event '{row['event']}' is none of the rules'",
            field="event",
            value=row["event"],
            remedy=", ".join(events),
        )
    codes = str(row["area"] or "").split()
    if not codes:
        raise Refusal(
            f"{path.name}, line {line}: area is empty; write codes of the territory, or {TIDE}",
            field="area",
            value="",
            remedy=f"codes joined by blanks, or {TIDE}",
        )
    for code in codes if codes != [TIDE] else ():
        city.territory.unit(code)
    return Crossing(" ".join(codes), row["colour"], start, end, row["event"])
