"""What people reported of the water, beside the alerts: evidence, never a score.

That somebody stood in water shows that it was there; that nobody reported shows nothing. So reports
turn no alert into a hit or a false alarm: they stand beside it, with how far they are trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from anlan.city import City
from anlan.observe import people
from anlan.observe.people import Standing

EVER = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def beside(conn: Connection, city: City, alerts: Sequence[Any]) -> Mapping[str, dict[str, Any]]:
    """By alert: trusted reports from its area while it stood; alerts without any are left out.

    ``alerts`` have id, area (codes joined by blanks), sent_at and expires_at.
    """
    told = [each for each in people.reports(conn, *EVER) if each.trust >= people.TRUSTED]
    known = city.territory
    found = {}
    for alert in alerts:
        area = alert.area.split()
        there = [
            each
            for each in told
            if alert.sent_at <= each.report.seen_at <= alert.expires_at
            and any(known.is_within(each.report.territory, code) for code in area if code in known)
        ]
        if there:
            found[alert.id] = _summed_up(there)
    return found


def _summed_up(reports: Sequence[Standing]) -> dict[str, Any]:
    deepest = max(reports, key=lambda each: (each.report.depth.low, each.trust))
    return {
        "count": len(reports),
        "first": min(each.report.seen_at for each in reports).isoformat(),
        "deepest": deepest.report.depth_class,
        "deepest_low_m": deepest.report.depth.low,
        "deepest_high_m": deepest.report.depth.high,
        "trust": deepest.trust,
    }


def summary(conn: Connection, city: City) -> list[dict[str, Any]]:
    """By town: how many reports of each depth, and how many of them are trusted."""
    by_town: dict[str, list[Standing]] = {}
    for each in people.reports(conn, *EVER):
        town = city.territory.town_of(each.report.territory) or city.territory.root
        by_town.setdefault(town.code, []).append(each)
    return [
        {
            "town": code,
            "town_name": city.territory.unit(code).name,
            "town_name_en": city.territory.unit(code).name_en or city.territory.unit(code).name,
            "reports": len(found),
            "trusted": sum(each.trust >= people.TRUSTED for each in found),
            "disputed": sum(each.disputed for each in found),
            "by_class": {
                name: count
                for name in people.CLASSES
                if (count := sum(each.report.depth_class == name for each in found))
            },
        }
        for code, found in sorted(by_town.items())
    ]
