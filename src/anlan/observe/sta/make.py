"""New entities, with those that come inline: all of them, or none (OGC 18-088, clause 10.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from anlan.access.rights import Caller
from anlan.journal import Act
from anlan.observe.quantity import OTHER, QUANTITIES
from anlan.observe.sta import bodies, of_city
from anlan.observe.sta.catalogue import Entity
from anlan.observe.sta.kept import Register, stream_of
from anlan.observe.sta.lexer import span, written
from anlan.observe.sta.model import KINDS, OBSERVATIONS, Kind, Relation, bad
from anlan.observe.sta.take import Draft, may_write, take
from anlan.refusal import Refusal

MOST_INLINE = 1_000
DEEPEST = 6
#: Navigation properties that an entity keeps itself; the others are their other side.
KEPT: Mapping[str, tuple[str, ...]] = {
    "Things": ("Locations",),
    "HistoricalLocations": ("Thing", "Locations"),
    "Datastreams": ("Thing", "Sensor", "ObservedProperty"),
}
#: What the archive can hold is numbers.
TYPES = (of_city.MEASUREMENT, of_city.MEASUREMENT.replace("Measurement", "CountObservation"))


@dataclass
class Maker:
    """Makes entities within one act."""

    act: Act
    register: Register
    caller: Caller
    made: int = 0

    def make(
        self, kind: Kind, body: Any, given: Mapping[str, str] | None = None, depth: int = 0
    ) -> str:
        """The id of a new entity.

        ``given``: links that the address of the request, or the entity around it, sets.
        """
        self.made += 1
        if self.made > MOST_INLINE or depth > DEEPEST:
            raise bad(kind.one, None, f"make at most {MOST_INLINE} at once, {DEEPEST} levels deep")
        if kind.name == OBSERVATIONS:
            return self._observation(body, given or {}, depth)
        may_keep(self.caller)
        properties, relations = bodies.parted(body, kind)
        links: dict[str, tuple[str, ...]] = {name: (id,) for name, id in (given or {}).items()}
        for name in relations.keys() & links.keys():
            raise bad(f"{kind.one}/{name}", None, "the address, or what is around it, says this")
        wanted = bodies.checked(properties, kind, whole=kind.name != "HistoricalLocations")
        if kind.name == "HistoricalLocations":
            wanted.setdefault("time", written(self.act.now))
        own = KEPT.get(kind.name, ())
        for name in own:
            if name in relations:
                links[name] = tuple(self._reached(kind, name, relations[name], depth))
            if not kind.relations[name].many and len(links.get(name, ())) != 1:
                needed = [n for n in own if not kind.relations[n].many]
                raise bad(f"{kind.one}/{name}", None, f"{kind.name} need {', '.join(needed)}")
        kept = {name: ids for name, ids in links.items() if name in own}
        if kind.name == "Datastreams":
            only_numbers(wanted)
        entity = self.register.add(kind.name, wanted, kept)
        if kind.name == "Datastreams":
            self._checked_stream(entity)
        for name, ids in links.items():
            if name not in own:
                for id in ids:
                    self.attach(entity, kind.relations[name], id)
        if kind.name == "Things" and kept.get("Locations"):
            self.moved(entity)
        if kind.name == "HistoricalLocations":
            self._manual(entity)
        for name, value in relations.items():
            if name not in own:
                self._around(entity, kind, name, value, depth)
        return entity.id

    def _known(self, relation: Relation) -> Callable[[str], bool]:
        return lambda id: self.register.get(relation.kind, id) is not None

    def _reached(self, kind: Kind, name: str, value: Any, depth: int) -> list[str]:
        """Ids of what a kept navigation property links to, made first where it is inline."""
        relation = kind.relations[name]
        values = value if relation.many and isinstance(value, list) else [value]
        found = []
        for each in values:
            id = bodies.link(each, self._known(relation))
            if id is None:
                id = self.make(KINDS[relation.kind], each, None, depth + 1)
            elif self.register.get(relation.kind, id) is None:
                raise bad(f"{kind.one}/{name}", id, f"link to one of {relation.kind} that is there")
            found.append(id)
        return found

    def _around(self, entity: Entity, kind: Kind, name: str, value: Any, depth: int) -> None:
        """What keeps its link to this entity: made with it, or linked anew."""
        relation = kind.relations[name]
        values = value if relation.many and isinstance(value, list) else [value]
        for each in values:
            id = bodies.link(each, self._known(relation))
            if id is not None:
                self.attach(entity, relation, id)
            elif _keeps(relation):
                self.make(KINDS[relation.kind], each, {relation.inverse: entity.id}, depth + 1)
            else:
                raise bad(f"{kind.one}/{name}", None, "link to what is there")

    def attach(self, entity: Entity, relation: Relation, id: str) -> None:
        """Link what keeps the relation, ``id``, to ``entity``."""
        other = self.register.get(relation.kind, id)
        if other is None or relation.kind == OBSERVATIONS:
            raise bad(relation.kind, id, f"link to one of {relation.kind} that is there")
        changeable(other)
        back = relation.inverse
        many = KINDS[relation.kind].relations[back].many
        # a Thing is where it is now: its other Locations are in its HistoricalLocations
        keep = other.links.get(back, ()) if many and relation.kind != "Things" else ()
        links = {back: tuple(dict.fromkeys((*keep, entity.id)))}
        if relation.kind == "Datastreams":
            same_property(other, back, entity.id)
            same_thing(other, back, entity.id)
        changed = self.register.change(other, links=links)
        if relation.kind == "Things":
            self.moved(changed)

    def moved(self, thing: Entity) -> None:
        """A Thing has other Locations: kept with the time (historical-location-auto-creation)."""
        self.register.add(
            "HistoricalLocations",
            {"time": written(self.act.now)},
            {"Thing": (thing.id,), "Locations": thing.links["Locations"]},
        )

    def _manual(self, entity: Entity) -> None:
        """The newest HistoricalLocation says where the Thing is (…-manual-creation)."""
        thing = self.register.get("Things", entity.links["Thing"][0])
        assert thing is not None
        changeable(thing)
        if not entity.links.get("Locations"):
            raise bad("HistoricalLocation/Locations", None, "link to one Location at least")
        others = [
            each
            for each in self.register.every("HistoricalLocations")
            if each.links["Thing"] == (thing.id,) and each.id != entity.id
        ]
        when = span(entity.properties["time"])
        if all(span(each.properties["time"]).start < when.start for each in others):
            self.register.change(thing, links={"Locations": entity.links["Locations"]})

    def _checked_stream(self, datastream: Entity) -> None:
        """Refuse a unit, datum or cadence that does not fit, before anything is sent."""
        sets = {
            (each.kind, each.id): each
            for kind in ("Things", "Locations")
            for each in self.register.every(kind)
        }
        stream_of(self.register.city, datastream, sets)

    def _observation(self, body: Any, given: Mapping[str, str], depth: int) -> str:
        outcome = take(self.act, self.register, self.caller, [self.draft(body, given, depth)])[0]
        if outcome.refusal is not None:
            raise outcome.refusal
        return outcome.id

    def draft(self, body: Any, given: Mapping[str, str], depth: int = 0) -> Draft:
        """An observation with the stream that it belongs to, which the caller may write."""
        kind = KINDS[OBSERVATIONS]
        properties, relations = bodies.parted(body, kind)
        feature = relations.get("FeatureOfInterest")
        if "FeatureOfInterest" in given:
            feature = {"@iot.id": given["FeatureOfInterest"]}
        id = given.get("Datastream")
        if id is None:
            value = relations.get("Datastream")
            if value is None:
                raise bad("Observation/Datastream", None, 'link to one: {"@iot.id": "…"}')
            there = self._known(kind.relations["Datastream"])
            id = bodies.link(value, there)
            if id is None:
                id = self.make(KINDS["Datastreams"], value, None, depth + 1)
        stream = self.register.catalogue.seen_by(self.caller).streams.get(id)
        if stream is None:
            known = self.caller.station is not None and id in self.register.catalogue.streams
            raise Refusal(
                f"Datastream {id[:80]} is not "
                + (f"of station {self.caller.station}" if known else "there")
                + "; GET /sta/v1.1/Datastreams lists yours",
                field="Datastream",
                value=id[:80],
                remedy="a Datastream that you may write",
                kind="forbidden" if self.caller.station is not None else "invalid",
            )
        may_write(self.caller, stream)
        return Draft(stream, properties, feature)


def only_numbers(wanted: Mapping[str, Any]) -> None:
    """Refuse results that the archive cannot hold."""
    if wanted["observationType"] not in TYPES:
        raise bad(
            "Datastream/observationType",
            wanted["observationType"][:80],
            f"the archive holds numbers; use {' or '.join(TYPES)}",
        )


def _keeps(relation: Relation) -> bool:
    return relation.inverse in KEPT.get(relation.kind, ()) or relation.kind == OBSERVATIONS


def may_keep(caller: Caller) -> None:
    """Refuse (forbidden) whoever may hand in readings of one station only, or none."""
    caller.require("ingest")
    if caller.station is not None:
        raise Refusal(
            f"the key of station {caller.station} hands in its readings and keeps no entities; "
            "ask the administrator",
            field="role",
            value="station",
            remedy="a key of the administrator",
            kind="forbidden",
        )


def changeable(entity: Entity) -> None:
    """Refuse (forbidden) what the city folder says."""
    if not entity.made:
        raise Refusal(
            f"{entity.kind}('{entity.id}') is as the city folder says; change stations.csv there",
            field="path",
            value=entity.id,
            remedy="an entity that was made here",
            kind="forbidden",
        )


def same_property(datastream: Entity, name: str, id: str) -> None:
    """Refuse another quantity for a Datastream: its readings are in the unit of this one."""
    quantity = datastream.id.rpartition(".")[2]
    if name == "ObservedProperty" and (id if id in QUANTITIES else OTHER) != quantity:
        raise bad("Datastream/ObservedProperty", id, f"it measures {quantity}; make another one")


def same_thing(datastream: Entity, name: str, id: str) -> None:
    """Refuse another Thing for a Datastream: whose readings they are stays as it was."""
    if name == "Thing" and datastream.links["Thing"] != (id,):
        raise bad("Datastream/Thing", id, "readings stay with their Thing; make another Datastream")
