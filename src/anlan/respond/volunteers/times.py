"""When a volunteer can come: weekly windows in the city's own time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from anlan.refusal import Refusal

MOST = 28
DAY = 1440
Window = tuple[int, int, int]
"""(weekday 0 = Monday, from, to) in minutes of the local day; ``to`` before ``from``: next day."""


def windows(given: object) -> list[Window]:
    """``given`` as windows; raises `Refusal` for what is none."""
    found: list[Window] = []
    rows: Sequence[object] = given if isinstance(given, list | tuple) else [given]
    for row in rows[: MOST + 1]:
        window = _window(row)
        if window is None or len(rows) > MOST:
            raise Refusal(
                f"times {str(row)[:40]} is no window; give at most {MOST} of "
                "[weekday 0-6, from, to] in minutes of the day",
                field="times",
                value=str(row)[:40],
                remedy="[0, 480, 1080] is Monday 08:00 to 18:00",
            )
        found.append(window)
    return sorted(set(found))


def _window(row: object) -> Window | None:
    if not isinstance(row, list | tuple) or len(row) != 3:
        return None
    if not all(isinstance(part, int) and not isinstance(part, bool) for part in row):
        return None
    day, start, end = row
    fits = 0 <= day <= 6 and 0 <= start < DAY and 0 <= end <= DAY and start != end
    return (day, start, end) if fits else None


def free(
    times: Sequence[Sequence[int]], away_until: datetime | None, at: datetime, zone: ZoneInfo
) -> bool:
    """Whether somebody with these windows can come at ``at`` (UTC). No windows: at any time."""
    if away_until is not None and at < away_until:
        return False
    if not times:
        return True
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    for day, start, end in times:
        if start < end:
            if day == local.weekday() and start <= minute < end:
                return True
        elif (day == local.weekday() and minute >= start) or (
            (day + 1) % 7 == local.weekday() and minute < end
        ):
            return True
    return False
