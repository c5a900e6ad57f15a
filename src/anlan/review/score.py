"""Warnings against what happened: hits, misses, false alarms and lead times. Pure.

The matching rule, fixed before the first run:

* A *claim* is made each time the chain of versions of one of our own alerts rises to a
  colour: "colour c or worse from now until the chain falls below c, is cancelled or expires".
  Lowering makes no new claim; rising again does. Official warnings that we only relayed and
  Cancel messages make none.
* A *crossing* is a stretch of time during which the water stood at a colour or above: at the
  tide station (event ``storm_tide``), in a town (event ``waterlogging``), or at the gauges of
  another level rule (that rule's event), where the readings themselves are what happened.
* A claim is a **hit** if a crossing of its colour or a higher one, in an area that meets the
  alert's, begins within its validity; the lead time is from sending to that beginning. If the
  crossing had begun before the message was sent, and still lasted, the claim is **late**: it
  counts neither as hit nor as false alarm, and its lead time is negative.
* A claim without any such crossing is a **false alarm**; while its validity still lies ahead it
  is **pending**; where nobody knows what happened (no truth for that event) **unjudged**.
* An *episode* is a group of crossings of one place that overlap in time (the colours of one
  flood). It is **missed** when at one of its colours no alert of that colour or a higher one
  was sent before that crossing began and was in force then. One miss per episode, named by the
  highest colour missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

COLOURS = ("blue", "yellow", "orange", "red")
TIDE = "tide"


def rank(colour: str) -> int:
    """0 for blue … 3 for red; -1 for anything else."""
    return COLOURS.index(colour) if colour in COLOURS else -1


@dataclass(frozen=True, slots=True)
class Crossing:
    """A stretch at or above a colour. ``where``: `TIDE`, or codes of units joined by blanks.

    ``event``: what an alert of it would be called. Times UTC.
    """

    where: str
    colour: str
    start: datetime
    end: datetime
    event: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an alert that was sent. ``area``: codes of units; times UTC."""

    alert: str
    chain: str
    version: int
    event: str
    colour: str
    area: tuple[str, ...]
    sent: datetime
    expires: datetime
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A colour first reached by a chain: by which alert, and from when until when it stood."""

    alert: str
    chain: str
    event: str
    colour: str
    area: tuple[str, ...]
    sent: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with its outcome: hit, late, false_alarm, pending or unjudged."""

    claim: Claim
    outcome: str
    crossing: Crossing | None = None

    @property
    def lead_min(self) -> float | None:
        """Minutes from sending to the crossing's beginning; negative when late."""
        if self.crossing is None:
            return None
        return round((self.crossing.start - self.claim.sent).total_seconds() / 60, 1)


@dataclass(frozen=True, slots=True)
class Miss:
    """A crossing that no alert of its colour was in force for when it began.

    ``late_min``: minutes after its beginning at which one came all the same; None: never.
    """

    crossing: Crossing
    late_min: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A stretch during which a chain stood at one colour."""

    version: Version
    start: datetime
    end: datetime


def standings(versions: Iterable[Version]) -> list[Standing]:
    """How long each version stood: until the next one, or until it expired."""
    chains: dict[str, list[Version]] = {}
    for version in versions:
        chains.setdefault(version.chain, []).append(version)
    found = []
    for chain in chains.values():
        ordered = sorted(chain, key=lambda each: each.version)
        for number, version in enumerate(ordered):
            if version.cancels:
                continue
            end = version.expires
            if number + 1 < len(ordered):
                end = min(end, ordered[number + 1].sent)
            found.append(Standing(version, version.sent, max(end, version.sent)))
    return found


def claims(versions: Iterable[Version]) -> list[Claim]:
    """The claims of all chains, by time of sending."""
    by_chain: dict[str, list[Standing]] = {}
    for standing in standings(versions):
        by_chain.setdefault(standing.version.chain, []).append(standing)
    found = []
    for row in by_chain.values():
        before = -1
        for number, standing in enumerate(row):
            colour = rank(standing.version.colour)
            gap = number > 0 and row[number - 1].end < standing.start
            if colour > before or gap:
                until = standing.end
                for later in row[number + 1 :]:
                    if rank(later.version.colour) < colour or later.start > until:
                        break
                    until = later.end
                v = standing.version
                found.append(Claim(v.alert, v.chain, v.event, v.colour, v.area, v.sent, until))
            before = colour
    return sorted(found, key=lambda claim: (claim.sent, claim.alert))


Meets = Callable[[Sequence[str], str], bool]
"""(alert's area, where a crossing was) -> whether the one speaks of the other."""


def judge(
    claim: Claim, crossings: Sequence[Crossing], meets: Meets, known: bool, now: datetime
) -> Judged:
    """The outcome of one claim; ``known``: there is truth for its event at all."""
    if not known:
        return Judged(claim, "unjudged")
    fitting = sorted(
        (
            crossing
            for crossing in crossings
            if crossing.event == claim.event
            and rank(crossing.colour) >= rank(claim.colour)
            and crossing.start <= claim.until
            and crossing.end >= claim.sent
            and meets(claim.area, crossing.where)
        ),
        key=lambda crossing: (crossing.start, crossing.where),
    )
    ahead = [crossing for crossing in fitting if crossing.start >= claim.sent]
    if ahead:
        return Judged(claim, "hit", ahead[0])
    if fitting:
        return Judged(claim, "late", fitting[-1])
    return Judged(claim, "pending" if claim.until > now else "false_alarm")


def episodes(crossings: Iterable[Crossing]) -> list[list[Crossing]]:
    """Crossings of one place that overlap, together; places apart; oldest first."""
    groups: list[list[Crossing]] = []
    ends: list[datetime] = []
    for crossing in sorted(crossings, key=lambda c: (c.event, c.where, c.start, c.end)):
        last = groups[-1][0] if groups else None
        same = last is not None and (last.event, last.where) == (crossing.event, crossing.where)
        if same and crossing.start <= ends[-1]:
            groups[-1].append(crossing)
            ends[-1] = max(ends[-1], crossing.end)
        else:
            groups.append([crossing])
            ends.append(crossing.end)
    return sorted(groups, key=lambda group: (group[0].start, group[0].where))


def misses(versions: Sequence[Version], crossings: Iterable[Crossing], meets: Meets) -> list[Miss]:
    """One miss for each episode of which some colour was not warned of in time."""
    standing = standings(versions)
    found = []
    for episode in episodes(crossings):
        missed: list[Miss] = []
        for crossing in episode:
            fitting = [
                each
                for each in standing
                if each.version.event == crossing.event
                and rank(each.version.colour) >= rank(crossing.colour)
                and meets(each.version.area, crossing.where)
            ]
            if any(each.start <= crossing.start <= each.end for each in fitting):
                continue
            after = [each.start for each in fitting if crossing.start < each.start <= crossing.end]
            late = (min(after) - crossing.start).total_seconds() / 60 if after else None
            missed.append(Miss(crossing, late))
        if missed:
            found.append(max(missed, key=lambda miss: rank(miss.crossing.colour)))
    return found


@dataclass(frozen=True, slots=True)
class Scores:
    """The claims with their outcomes, and what was missed."""

    judged: tuple[Judged, ...]
    missed: tuple[Miss, ...]

    def counts(self, event: str | None = None) -> dict[str, int]:
        """``hits``, ``misses``, ``false_alarms``, ``late``, ``pending``, ``unjudged``."""
        outcomes = [each.outcome for each in self.judged if event in (None, each.claim.event)]
        return {
            "hits": outcomes.count("hit"),
            "misses": sum(event in (None, miss.crossing.event) for miss in self.missed),
            "false_alarms": outcomes.count("false_alarm"),
            "late": outcomes.count("late"),
            "pending": outcomes.count("pending"),
            "unjudged": outcomes.count("unjudged"),
        }


def score(
    versions: Sequence[Version],
    crossings: Sequence[Crossing],
    meets: Meets,
    known: Iterable[str],
    now: datetime,
) -> Scores:
    """Judge all claims and find the misses. ``known``: events for which there is truth."""
    events = set(known)
    return Scores(
        tuple(
            judge(claim, crossings, meets, claim.event in events, now) for claim in claims(versions)
        ),
        tuple(misses(versions, crossings, meets)),
    )


def crossings_of(truth: Mapping[str, Any] | None) -> list[Crossing]:
    """The crossings in a truth dict: ``tide`` [{colour, start, end}], ``towns`` {code: […]}.

    Times may be datetimes or ISO 8601 texts with a zone.
    """
    if truth is None:
        return []
    rows = [(TIDE, "storm_tide", row) for row in truth.get("tide") or ()]
    for code, listed in (truth.get("towns") or {}).items():
        rows += [(code, "waterlogging", row) for row in listed]
    return [
        Crossing(where, row["colour"], moment(row["start"]), moment(row["end"]), event)
        for where, event, row in rows
    ]


def begun(truth: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """``tide``, ``towns`` and ``places`` of a truth dict as known at ``now``.

    What begins later is left out; what still lasts ends at ``now``, for its end is not known yet.
    A key that is there stays, empty or not.
    """

    def past(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        kept = [dict(row) for row in rows if moment(row["start"]) <= now]
        for row in kept:
            if row.get("end") is not None and moment(row["end"]) > now:
                row["end"] = now.isoformat() if isinstance(row["end"], str) else now
        return kept

    known: dict[str, Any] = {}
    if truth.get("tide") is not None:
        known["tide"] = past(truth["tide"])
    for key in ("towns", "places"):
        if truth.get(key) is not None:
            known[key] = {where: past(rows) for where, rows in truth[key].items()}
    return known


def moment(value: datetime | str) -> datetime:
    """A time that is a datetime or its ISO 8601 text, with a zone."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def known_events(truth: Mapping[str, Any] | None) -> list[str]:
    """Events that a truth dict can judge: those whose key is there, empty or not."""
    if truth is None:
        return []
    keys = {"tide": "storm_tide", "towns": "waterlogging"}
    return [event for key, event in keys.items() if truth.get(key) is not None]
