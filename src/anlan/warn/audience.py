"""Who is told: (inside the area OR responsible for it) AND role AND tier, with deputies. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import shapely

from anlan.city import Territory

PHONE = "phone"


class Someone(NamedTuple):
    """A person as the audience sees them: no name, no address.

    ``addresses`` are the kinds of address on file, such as ``phone`` and ``email``. ``lon`` and
    ``lat`` are degrees, EPSG:4326; ``place`` is the hazard place where they live or watch.
    """

    id: str
    role: str
    tier: str
    territory: str
    language: str
    lon: float | None
    lat: float | None
    place: str | None
    deputy: str | None
    opted_out: bool
    on_duty: bool
    addresses: frozenset[str] = frozenset({PHONE})


class Recipient(NamedTuple):
    """Somebody who is told, why, and for whom if they stand in."""

    person: Someone
    channels: tuple[str, ...]
    why: str
    instead_of: str | None = None


@dataclass(frozen=True)
class Audience:
    """Recipients in order of their ids, and who cannot be reached, with the reason."""

    recipients: tuple[Recipient, ...]
    lost: tuple[tuple[Someone, str], ...]

    @property
    def unreachable(self) -> list[tuple[str, str]]:
        """(person id, reason) of those who cannot be reached."""
        return [(person.id, reason) for person, reason in self.lost]


@dataclass(frozen=True)
class Target:
    """What the warning asks for.

    Attributes:
        area: codes of the units that it covers.
        tiers: tiers that are told.
        public: whether residents may be told (the city's authority table).
        channels: channels per tier, the first is tried first.
        needs: kind of address that a channel needs; one not named here needs none.
        roles: of each tier, the roles that are told; a tier not named here is told whole.
        polygon: where water is expected, lon, lat in degrees (EPSG:4326); None: the whole area.
        places: of each tier whose people are told only where their own hazard place crosses its
            threshold, the places that do. Who has no place is told by area.
    """

    area: tuple[str, ...]
    tiers: tuple[str, ...]
    public: bool
    channels: Mapping[str, tuple[str, ...]]
    needs: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    polygon: shapely.Geometry | None = None
    places: Mapping[str, Collection[str]] = field(default_factory=dict)


def unit_code(territory: Territory, code: str) -> str:
    """The unit of a person's territory: a grid's code with its suffix counts as its village."""
    return code if code in territory else code[:12]


def within(territory: Territory, code: str, area: str) -> bool:
    """Whether ``code`` (or, of a grid, its village) lies in ``area``."""
    base = unit_code(territory, code)
    return base in territory and territory.is_within(base, area)


def units_below(territory: Territory, area: Iterable[str]) -> frozenset[str]:
    """The codes of the units of an area and of all units below them."""
    found: list[str] = []
    waiting = list(area)
    while waiting:
        code = waiting.pop()
        found.append(code)
        waiting += [unit.code for unit in territory.children(code)]
    return frozenset(found)


class _Ground:
    """Which people an area concerns, asked once for all of them."""

    def __init__(self, territory: Territory, target: Target, people: Sequence[Someone]) -> None:
        self._territory = territory
        self._units = units_below(territory, target.area)
        self._inside = self._positions(target, people)
        self._narrow = target.polygon is not None
        met = self._met(target, people) if self._narrow else self._units
        self._responsible = met | {
            above.code for code in met for above in territory.ancestors(code)
        }
        self._met_units = met

    def _positions(self, target: Target, people: Sequence[Someone]) -> frozenset[str]:
        """Ids of the people whose position lies in the polygon or, without one, in a unit's."""
        placed = [each for each in people if each.lon is not None and each.lat is not None]
        if not placed:
            return frozenset()
        if target.polygon is not None:
            shapes = [target.polygon]
        else:
            units = [self._territory.unit(code).polygon for code in target.area]
            shapes = [shape for shape in units if shape is not None]
        lon = np.array([each.lon for each in placed], dtype=np.float64)
        lat = np.array([each.lat for each in placed], dtype=np.float64)
        hit = np.zeros(len(placed), dtype=bool)
        for shape in shapes:
            west, south, east, north = shape.bounds
            near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
            shapely.prepare(shape)
            hit[near] |= shapely.intersects_xy(shape, lon[near], lat[near])
        return frozenset(placed[number].id for number in np.flatnonzero(hit))

    def _met(self, target: Target, people: Sequence[Someone]) -> frozenset[str]:
        """The units of the area that meet the polygon: by their shape, their point, or somebody
        of theirs who is inside. A unit whose extent nobody knows is not left out for that."""
        polygon = target.polygon
        met = {
            unit_code(self._territory, each.territory) for each in people if each.id in self._inside
        }
        for code in self._units:
            unit = self._territory.unit(code)
            shape = unit.polygon or shapely.Point(unit.lon, unit.lat)
            if shapely.intersects(polygon, shape):
                met.add(code)
        return self._units & met

    def concerns(self, person: Someone) -> str | None:
        """``inside``, ``responsible``, or None.

        A resident is inside by position or, where that says nothing, by home territory. Anyone
        else answers for a territory, and is responsible when it lies in the area or holds it.
        """
        if person.tier != "resident":
            base = unit_code(self._territory, person.territory)
            return "responsible" if base in self._responsible else None
        if person.id in self._inside:
            return "inside"
        if self._narrow and person.lon is not None and person.lat is not None:
            return None
        base = unit_code(self._territory, person.territory)
        return "inside" if base in self._met_units else None


def select(people: Iterable[Someone], territory: Territory, target: Target) -> Audience:
    """The audience of a warning.

    Someone off duty is replaced by the first deputy on duty along the chain of deputies; where
    the chain ends without one, the person is told all the same: a warning never ends in silence.
    Only residents can opt out.
    """
    everyone = sorted(people, key=itemgetter(0))
    by_id = {person.id: person for person in everyone if person.tier != "resident"}
    # there are 100,000 people and few kinds of them: what the kind decides is decided once
    wanted = {
        kind: kind[0] in target.tiers
        and (kind[0] not in target.roles or kind[1] in target.roles[kind[0]])
        and (target.public or kind[0] != "resident")
        for kind in {(person.tier, person.role) for person in everyone}
    }
    asked = [person for person in everyone if wanted[person.tier, person.role]]
    if target.places:
        asked = [person for person in asked if _crosses(person, target)]
    ground = _Ground(territory, target, asked)
    usable: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    recipients: dict[str, Recipient] = {}
    lost: dict[str, tuple[Someone, str]] = {}
    for person in asked:
        why = ground.concerns(person)
        if why is None:
            continue
        if person.opted_out and person.tier == "resident":
            lost[person.id] = (person, "opted_out")
            continue
        told = person if person.tier == "resident" else _on_duty(person, by_id)
        same = (told.tier, told.addresses)
        if same not in usable:
            usable[same] = usable_channels(told, target)
        channels = usable[same]
        if not channels:
            lost[told.id] = (told, _why_not(told, target))
        elif told.id not in recipients:
            recipients[told.id] = Recipient(
                told, channels, why, person.id if told.id != person.id else None
            )
    return Audience(
        tuple(recipients[name] for name in sorted(recipients)),
        tuple(lost[name] for name in sorted(lost)),
    )


def _crosses(person: Someone, target: Target) -> bool:
    """Whether the person's own hazard place crosses its threshold, where that is asked for."""
    wanted = target.places.get(person.tier)
    return wanted is None or not person.place or person.place in wanted


def _why_not(person: Someone, target: Target) -> str:
    """Why no channel of the tier reaches the person."""
    names = target.channels.get(person.tier, ())
    if not names:
        return "no_channel"
    kinds = [target.needs[name] for name in names if name in target.needs]
    return "no_phone" if set(kinds) == {PHONE} else "no_address"


def usable_channels(person: Someone, target: Target) -> tuple[str, ...]:
    """The channels of the person's tier that can reach them, in the order of trying."""
    return tuple(
        name
        for name in target.channels.get(person.tier, ())
        if name not in target.needs or target.needs[name] in person.addresses
    )


def has_role(person: Someone, roles: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the person's role is one that their tier is told through."""
    return person.tier not in roles or person.role in roles[person.tier]


def _on_duty(person: Someone, by_id: Mapping[str, Someone]) -> Someone:
    seen: set[str] = set()
    current: Someone | None = person
    while current is not None and current.id not in seen:
        if current.on_duty:
            return current
        seen.add(current.id)
        current = by_id.get(current.deputy or "")
    return person


LADDER = ("grid", "community", "town", "city")


def superiors(
    people: Iterable[Someone],
    territory: Territory,
    person: Someone,
    roles: Mapping[str, tuple[str, ...]],
) -> tuple[str, list[Someone]]:
    """The next step of the ladder grid → community → town → city that has somebody, and who.

    Those who answer for a territory that holds the person's. An empty tier means that the ladder
    ends here.
    """
    if person.tier not in LADDER:
        return "", []
    everyone = sorted(people, key=lambda each: each.id)
    by_id = {each.id: each for each in everyone}
    for tier in LADDER[LADDER.index(person.tier) + 1 :]:
        found = {
            told.id: told
            for each in everyone
            if each.tier == tier
            and has_role(each, roles)
            and within(territory, person.territory, each.territory)
            for told in (_on_duty(each, by_id),)
            if told.id != person.id
        }
        if found:
            return tier, [found[name] for name in sorted(found)]
    return "", []
