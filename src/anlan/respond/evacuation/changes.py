"""What a new forecast changes in an evacuation plan: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

EARLIER = timedelta(minutes=15)
"""A leaving time that moves by less than this is the same one."""


def changes(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Differences between the groups of two plans, in the order of the new one.

    ``what``: ``added``, ``removed``, ``shelter`` (other shelters or other numbers),
    ``persons`` (how many are to be moved), ``left`` (how many have no place), ``earlier`` or
    ``later`` (by when to leave). Groups as in `proposal`.
    """
    before = {group["id"]: group for group in old}
    found: list[dict[str, Any]] = []
    for group in new:
        was = before.pop(group["id"], None)
        if was is None:
            found.append(_change(group, "added", None, group["persons"]))
            continue
        if was["persons"] != group["persons"]:
            found.append(_change(group, "persons", was["persons"], group["persons"]))
        sent, sends = _shelters(was), _shelters(group)
        if sent != sends:
            found.append(_change(group, "shelter", _words(was), _words(group)))
        if was["left"] != group["left"]:
            found.append(_change(group, "left", was["left"], group["left"]))
        moved = _moved(was["leave_by"], group["leave_by"])
        if moved is not None:
            found.append(_change(group, moved, was["leave_by"], group["leave_by"]))
    for group in before.values():
        found.append(_change(group, "removed", group["persons"], None))
    return found


def _change(group: Mapping[str, Any], what: str, was: object, now: object) -> dict[str, Any]:
    return {"group": group["id"], "name": group["name"], "what": what, "was": was, "now": now}


def _shelters(group: Mapping[str, Any]) -> dict[str, int]:
    return {move["shelter"]: move["persons"] for move in group["moves"]}


def _words(group: Mapping[str, Any]) -> str:
    return "、".join(f"{move['shelter_name']} {move['persons']}" for move in group["moves"])


def _moved(was: str | None, now: str | None) -> str | None:
    """Whether the time by which to leave moved by more than `EARLIER`."""
    if was == now:
        return None
    if was is None or now is None:
        return "earlier" if was is None else "later"
    gap = datetime.fromisoformat(now) - datetime.fromisoformat(was)
    if abs(gap) < EARLIER:
        return None
    return "earlier" if gap < timedelta(0) else "later"
