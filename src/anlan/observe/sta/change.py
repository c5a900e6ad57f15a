"""Changing and withdrawing entities and observations (OGC 18-088, clauses 10.3 and 10.4).

Nothing of the archive is ever destroyed. A changed observation is a correction, a deleted one a
correction to nothing: both are versions beside the others, with who and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from anlan.observe import actions
from anlan.observe.reading import CORRECTED, Reading
from anlan.observe.sta import bodies, kept
from anlan.observe.sta.catalogue import Entity, city_with
from anlan.observe.sta.make import (
    KEPT,
    Maker,
    changeable,
    may_keep,
    only_numbers,
    same_property,
    same_thing,
)
from anlan.observe.sta.model import KINDS, OBSERVATIONS, bad
from anlan.observe.sta.places import feature_of
from anlan.observe.sta.seen import Seen
from anlan.observe.sta.take import Draft, beside, may_write, take
from anlan.refusal import Refusal
from anlan.store import schema

X = schema.sensorthings_observation
MOST_WITHDRAWN = 10_000
#: What goes with an entity (table 25): its Datastreams, or its HistoricalLocations.
GOES_WITH: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Things": (("Datastreams", "Thing"), ("HistoricalLocations", "Thing")),
    "Sensors": (("Datastreams", "Sensor"),),
    "ObservedProperties": (("Datastreams", "ObservedProperty"),),
    "Locations": (("HistoricalLocations", "Locations"),),
}


@dataclass
class Changer(Maker):
    """Changes within one act."""

    def change(self, entity: Entity, body: Any, *, whole: bool) -> None:
        """PATCH what a body names, or PUT (``whole``) all of an entity's properties."""
        may_keep(self.caller)
        changeable(entity)
        kind = KINDS[entity.kind]
        properties, relations = bodies.parted(body, kind)
        encoding = entity.properties.get("encodingType")
        given = properties if whole else {"encodingType": encoding, **properties}
        checked = bodies.checked(
            {
                k: v
                for k, v in given.items()
                if k in kind.properties and not (v is None and k == "encodingType")
            },
            kind,
            whole=whole,
        )
        wanted = checked if whole else {**entity.properties, **checked}
        links: dict[str, tuple[str, ...]] = {}
        own = KEPT.get(kind.name, ())
        for name, value in relations.items():
            ids = self._linked(kind.name, name, value)
            if name not in own:
                for id in ids:
                    self.attach(entity, kind.relations[name], id)
            elif kind.name == "Datastreams":
                same_property(entity, name, ids[0])
                same_thing(entity, name, ids[0])
                links[name] = tuple(ids)
            else:
                links[name] = tuple(ids)
        if kind.name == "Datastreams":
            only_numbers(wanted)
            if wanted["unitOfMeasurement"] != entity.properties["unitOfMeasurement"]:
                self._same_unit(entity)
        changed = self.register.change(entity, wanted, links)
        if kind.name == "Datastreams":
            self._checked_stream(changed)
        if kind.name == "Things" and links.get("Locations"):
            self.moved(changed)

    def _linked(self, kind: str, name: str, value: Any) -> list[str]:
        """Links of a body that changes an entity: it may hold nothing inline (10.3.1)."""
        relation = KINDS[kind].relations[name]
        values = value if relation.many and isinstance(value, list) else [value]
        found = []
        for each in values:
            id = bodies.link(each, self._known(relation))
            if id is None:
                raise bad(f"{kind}/{name}", None, 'link with {"@iot.id": …}; make entities by POST')
            if self.register.get(relation.kind, id) is None and relation.kind != OBSERVATIONS:
                raise bad(f"{kind}/{name}", id, f"link to one of {relation.kind} that is there")
            found.append(id)
        return found

    def _same_unit(self, datastream: Entity) -> None:
        """A unit may be put right until there are readings in it."""
        observation = schema.observation
        query = select(observation.c.series).where(observation.c.series == datastream.id).limit(1)
        if self.act.tx.execute(query).first() is not None:
            raise bad(
                "Datastream/unitOfMeasurement",
                None,
                "there are readings in its unit; make another Datastream",
            )

    def withdraw(self, entity: Entity) -> None:
        """An entity is gone, with what cannot be without it; readings stay in the archive."""
        may_keep(self.caller)
        changeable(entity)
        if entity.kind == "FeaturesOfInterest":
            self._withdraw_observations(entity)
        for kind, name in GOES_WITH.get(entity.kind, ()):
            for each in list(self.register.every(kind)):
                if each.made and entity.id in each.links.get(name, ()):
                    self.withdraw(each)
        if entity.kind == "Locations":
            for thing in list(self.register.every("Things")):
                left = tuple(id for id in thing.links.get("Locations", ()) if id != entity.id)
                if thing.made and left != thing.links.get("Locations", ()):
                    self.register.change(thing, links={"Locations": left})
        self.register.withdraw(entity)

    def _withdraw_observations(self, feature: Entity) -> None:
        rows = self.act.tx.execute(
            select(X.c.series, X.c.valid_at)
            .where(X.c.feature == feature.id)
            .limit(MOST_WITHDRAWN + 1)
        ).all()
        if len(rows) > MOST_WITHDRAWN:
            raise bad(
                "FeatureOfInterest", feature.id, f"it has more than {MOST_WITHDRAWN} Observations"
            )
        streams = self.register.catalogue.streams
        gone = [
            Reading(row.series, row.valid_at, None, None, CORRECTED, self.act.actor)
            for row in rows
            if row.series in streams
        ]
        city = city_with(self.register.city, streams.values())
        actions.record(self.act, city, gone)

    def correct(self, seen: Seen, body: Any, *, whole: bool) -> None:
        """PATCH or PUT an observation: a correction, which holds over what stations send.

        ``phenomenonTime`` and Datastream are its key, and are left as they are (10.3.1).
        """
        self._decides(seen)
        properties, relations = bodies.parted(body, KINDS[OBSERVATIONS])
        for name, value in relations.items():
            if bodies.link(value) is None:
                raise bad(f"Observation/{name}", None, 'link with {"@iot.id": …}')
        if whole and "result" not in properties:
            raise bad("Observation/result", None, "PUT gives all properties; PATCH some")
        if "result" in properties and properties["result"] is None:
            raise bad("Observation/result", None, "DELETE withdraws an observation")
        feature = relations.get("FeatureOfInterest")
        id = (
            None
            if feature is None
            else feature_of(self.register, self.caller, seen.stream, feature)
        )
        confirmed = (
            (properties.get("resultQuality") or {})
            if isinstance(properties.get("resultQuality"), dict)
            else {}
        )
        if "result" in properties or confirmed.get("flag") == CORRECTED:
            self._record(seen, properties.get("result", seen.value))
        changes = {n: v for n, v in beside(properties).items() if whole or _named(n) in properties}
        if whole or "parameters" in properties:
            changes["parameters"] = properties.get("parameters")
        bodies.checked({"properties": changes.get("parameters")}, KINDS["Things"], whole=False)
        if id is not None:
            changes["feature"] = id
        if changes:
            row = {"valid_at": seen.valid_at, **changes}
            kept.extras(self.act.tx, seen.stream.series, [row])
            self.act.record("sensorthings.changed", f"Observations:{seen.id}", content=changes)

    def _record(self, seen: Seen, result: Any) -> None:
        body: dict[str, Any] = {
            "phenomenonTime": _period(seen),
            "result": result,
            "resultQuality": {"flag": CORRECTED},
        }
        feature = {"@iot.id": seen.feature} if seen.feature else None
        outcome = take(self.act, self.register, self.caller, [Draft(seen.stream, body, feature)])[0]
        if outcome.refusal is not None:
            raise outcome.refusal

    def delete(self, seen: Seen) -> None:
        """Withdraw an observation: a correction to nothing. Its history stays, and says who."""
        self._decides(seen)
        city = city_with(self.register.city, [seen.stream])
        gone = Reading(
            seen.stream.series, seen.valid_at, None, seen.start_at, CORRECTED, self.act.actor
        )
        actions.record(self.act, city, [gone])

    def _decides(self, seen: Seen) -> None:
        """Only people correct and withdraw; a station sends what it measures."""
        may_write(self.caller, seen.stream)
        if self.caller.station is not None:
            raise Refusal(
                f"the key of station {self.caller.station} sends readings; only people correct "
                "or withdraw what was sent. Ask the desk",
                field="role",
                value="station",
                remedy="a key of the administrator",
                kind="forbidden",
            )


def _named(column: str) -> str:
    return "resultTime" if column == "result_at" else "validTime"


def _period(seen: Seen) -> str:
    start = seen.start_at or seen.valid_at
    end = seen.valid_at.isoformat()
    return end if start == seen.valid_at else f"{start.isoformat()}/{end}"
