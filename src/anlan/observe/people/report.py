"""What a depth report says and how far it is to be trusted. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians


@dataclass(frozen=True)
class DepthClass:
    """A depth as people say it: ``low`` to ``high``, m above the ground where they stand."""

    name: str
    low: float
    high: float
    words: str
    words_en: str


#: By parts of an adult's body. The ranges are assumed, wide enough for adults of 1.5 to 1.85 m.
CLASSES: Mapping[str, DepthClass] = {
    each.name: each
    for each in (
        DepthClass("ankle", 0.05, 0.25, "积水没过脚踝", "over the ankles"),
        DepthClass("knee", 0.25, 0.60, "积水及膝", "to the knees"),
        DepthClass("waist", 0.60, 1.10, "积水及腰", "to the waist"),
        DepthClass("chest", 1.10, 1.60, "积水齐胸", "to the chest"),
        DepthClass("over", 1.60, 3.00, "积水过人", "over the head"),
    )
}
#: How likely a report of a role is to be right; assumed, to be set by what a city finds out.
TRUST: Mapping[str, float] = {
    "crew": 0.9,
    "grid_worker": 0.8,
    "village_officer": 0.8,
    "town_officer": 0.8,
    "volunteer": 0.6,
    "firm": 0.5,
    "resident": 0.4,
}
#: Of roles that sit at a desk: what they enter was told to them.
TOLD = 0.5
#: What a photo takes off the doubt.
PHOTO = 0.25
#: Below this a report is shown but says nothing about a place or an alert.
TRUSTED = 0.6
#: Reports so near to each other speak of the same water.
NEAR_M, NEAR = 300.0, timedelta(minutes=45)
M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Report:
    """One report. No name: who sent it stands in the journal under its id.

    Attributes:
        seen_at: when the water was seen; recorded_at: when the report came. UTC.
        depth_class: a name of `CLASSES`, which gives the range of depths.
        role: of who sent it.
        lon, lat: degrees, EPSG:4326, to about 10 m; within ``accuracy_m`` of where it was seen.
        by: tells people apart; not to be shown.
        photos: digests.
    """

    id: str
    seen_at: datetime
    recorded_at: datetime
    depth_class: str
    role: str
    lon: float
    lat: float
    accuracy_m: float
    territory: str
    place: str | None = None
    photos: tuple[str, ...] = ()
    case: str | None = None
    by: str = ""

    @property
    def depth(self) -> DepthClass:
        """Its range of depths."""
        return CLASSES[self.depth_class]

    @property
    def trust(self) -> float:
        """How likely it is right by itself: by role, and more with a photo."""
        own = TRUST.get(self.role, TOLD)
        return 1.0 - (1.0 - own) * (1.0 - PHOTO if self.photos else 1.0)


@dataclass(frozen=True)
class Standing:
    """A report among the others.

    Attributes:
        trust: that at least one of those who agree is right: 1 - Π(1 - trust).
        agreeing: how many other people report the same or the next depth there and then.
        disputed: whether somebody reports a depth further off.
    """

    report: Report
    trust: float
    agreeing: int
    disputed: bool


def standing(reports: Sequence[Report]) -> list[Standing]:
    """Each report with what the others around it say; nobody vouches for himself."""
    order = list(CLASSES)
    in_time = sorted(reports, key=lambda each: each.seen_at)
    moments = [each.seen_at for each in in_time]
    found = []
    for one in reports:
        rank = order.index(one.depth_class)
        vouching: dict[str, float] = {}
        disputed = False
        first = bisect_left(moments, one.seen_at - NEAR)
        last = bisect_right(moments, one.seen_at + NEAR)
        for other in in_time[first:last]:
            if other.by == one.by or not _same_water(one, other):
                continue
            if abs(order.index(other.depth_class) - rank) <= 1:
                vouching[other.by] = max(vouching.get(other.by, 0.0), other.trust)
            else:
                disputed = True
        doubt = 1.0 - one.trust
        for trust in sorted(vouching.values()):
            doubt *= 1.0 - trust
        found.append(Standing(one, round(1.0 - doubt, 3), len(vouching), disputed))
    return found


def _same_water(one: Report, other: Report) -> bool:
    apart = metres(one.lon, one.lat, other.lon, other.lat)
    return apart <= NEAR_M + min(one.accuracy_m + other.accuracy_m, NEAR_M)


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Between two points a short way apart, degrees."""
    east = (other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return M_PER_DEGREE * hypot(east, other_lat - lat)
