"""Who is told: (inside the area OR responsible for it) AND role AND tier, with deputies. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import shapely

from anlan.city import Territory


@dataclass(frozen=True)
class Someone:
    """A person as the audience sees them: no name, no number.

    ``reachable_by_phone`` tells whether a number is on file.
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
    reachable_by_phone: bool = True


@dataclass(frozen=True)
class Recipient:
    """Somebody who is told, why, and for whom if they stand in."""

    person: Someone
    channels: tuple[str, ...]
    why: str
    instead_of: str | None = None


@dataclass(frozen=True)
class Audience:
    """Recipients in order of their ids, and who cannot be reached, with the reason."""

    recipients: tuple[Recipient, ...]
    unreachable: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Target:
    """What the warning asks for.

    Attributes:
        area: codes of the units that it covers.
        tiers: tiers that are told.
        public: whether residents may be told (the city's authority table).
        channels: channels per tier, the first is tried first.
        needs_phone: channels that need a number.
        roles: of each tier, the roles that are told; a tier not named here is told whole.
    """

    area: tuple[str, ...]
    tiers: tuple[str, ...]
    public: bool
    channels: Mapping[str, tuple[str, ...]]
    needs_phone: Collection[str] = field(default_factory=frozenset)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def within(territory: Territory, code: str, area: str) -> bool:
    """Whether ``code`` (a grid's code with its suffix counts as its village) lies in ``area``."""
    base = code if code in territory else code[:12]
    return base in territory and territory.is_within(base, area)


def concerns(territory: Territory, person: Someone, area: Sequence[str]) -> str | None:
    """Why an area concerns a person: ``inside``, ``responsible``, or None.

    A resident is inside by home territory or by position in a unit's polygon. Anyone else answers
    for a territory and is responsible when it lies in the area or holds it.
    """
    for code in area:
        if within(territory, person.territory, code):
            return "inside" if person.tier == "resident" else "responsible"
        if person.tier != "resident" and within(territory, code, person.territory):
            return "responsible"
        polygon = territory.unit(code).polygon
        if (
            person.tier == "resident"
            and polygon is not None
            and person.lon is not None
            and person.lat is not None
            and shapely.contains_xy(polygon, person.lon, person.lat)
        ):
            return "inside"
    return None


def select(people: Iterable[Someone], territory: Territory, target: Target) -> Audience:
    """The audience of a warning.

    Someone off duty is replaced by the first deputy on duty along the chain of deputies; where
    the chain ends without one, the person is told all the same: a warning never ends in silence.
    Only residents can opt out.
    """
    by_id = {person.id: person for person in sorted(people, key=lambda each: each.id)}
    recipients: dict[str, Recipient] = {}
    unreachable: dict[str, str] = {}
    for person in by_id.values():
        if person.tier not in target.tiers or not has_role(person, target.roles):
            continue
        if person.tier == "resident" and not target.public:
            continue
        why = concerns(territory, person, target.area)
        if why is None:
            continue
        if person.opted_out and person.tier == "resident":
            unreachable[person.id] = "opted_out"
            continue
        told = _on_duty(person, by_id)
        channels = usable_channels(told, target)
        if not channels:
            unreachable[told.id] = "no_phone" if not told.reachable_by_phone else "no_channel"
            continue
        if told.id not in recipients:
            recipients[told.id] = Recipient(
                told, channels, why, person.id if told.id != person.id else None
            )
    return Audience(
        tuple(recipients[name] for name in sorted(recipients)), tuple(sorted(unreachable.items()))
    )


def usable_channels(person: Someone, target: Target) -> tuple[str, ...]:
    """The channels of the person's tier that can reach them, in the order of trying."""
    return tuple(
        name
        for name in target.channels.get(person.tier, ())
        if person.reachable_by_phone or name not in target.needs_phone
    )


def has_role(person: Someone, roles: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the person's role is one that their tier is told through."""
    return person.tier not in roles or person.role in roles[person.tier]


def _on_duty(person: Someone, by_id: Mapping[str, Someone]) -> Someone:
    if person.tier == "resident":
        return person
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
