"""All entities but the observations: those of the city folder and those that somebody made.

They are few, so they are held in memory and filtered there; observations stay in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from anlan.access.rights import Caller
from anlan.city import City, Station
from anlan.observe.sta.model import KINDS


@dataclass(frozen=True)
class Entity:
    """One entity.

    Attributes:
        kind: its entity set.
        properties: as shown.
        links: navigation property -> ids, as far as this side of the relation keeps them.
        made: somebody made it here, and may change it; what the city folder says may not be.
        version: rises with every change.
    """

    kind: str
    id: str
    properties: Mapping[str, Any]
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    made: bool = False
    version: int = 0


@dataclass(frozen=True)
class Stream:
    """How the observations of a Datastream lie in the archive.

    Attributes:
        series: its name there, which is also the id of the Datastream.
        station: the station, or what stands for one, that the series belongs to.
        thing: id of the Thing.
        own: the series is one of the city folder, which the desk knows and rules watch.
        factor, offset: result = (value in the archive - offset) / factor.
        place: id of the FeatureOfInterest that its observations have by default; empty if none.
        synthetic: its readings are invented.
    """

    series: str
    station: Station
    thing: str
    own: bool
    factor: float = 1.0
    offset: float = 0.0
    place: str = ""
    synthetic: bool = False

    @property
    def quantity(self) -> str:
        """The part of the series' name that says what is measured."""
        return self.series.rpartition(".")[2]


@dataclass(frozen=True)
class Catalogue:
    """Entities by set and id, and the streams of the Datastreams among them."""

    entities: Mapping[str, Mapping[str, Entity]]
    streams: Mapping[str, Stream]
    _seen: dict[str, Catalogue] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def of(found: Iterable[Entity], streams: Iterable[Stream]) -> Catalogue:
        """Of entities in the order in which they shall be listed."""
        sets: dict[str, dict[str, Entity]] = {name: {} for name in KINDS}
        for each in found:
            sets[each.kind][each.id] = each
        return Catalogue(sets, {each.series: each for each in streams})

    def get(self, kind: str, id: str) -> Entity | None:
        """An entity of a set; None if there is none."""
        return self.entities[kind].get(id)

    @cached_property
    def _related(self) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
        found: dict[tuple[str, str, str], list[str]] = {}
        for kind, entities in self.entities.items():
            for each in entities.values():
                for name, ids in each.links.items():
                    relation = KINDS[kind].relations[name]
                    for id in ids:
                        if id in self.entities[relation.kind]:
                            found.setdefault((kind, each.id, name), []).append(id)
                            back = (relation.kind, id, relation.inverse)
                            found.setdefault(back, []).append(each.id)
        return {key: tuple(dict.fromkeys(ids)) for key, ids in found.items()}

    def related(self, entity: Entity, name: str) -> list[Entity]:
        """What a navigation property (but Observations) leads to."""
        target = self.entities[KINDS[entity.kind].relations[name].kind]
        return [target[id] for id in self._related.get((entity.kind, entity.id, name), ())]

    def streams_at(self, entity: Entity) -> list[Stream]:
        """The streams of a Datastream; of a FeatureOfInterest, those that have it by default."""
        if entity.kind == "Datastreams":
            return [self.streams[entity.id]]
        return [each for each in self.streams.values() if each.place == entity.id]

    def seen_by(self, caller: Caller) -> Catalogue:
        """What a caller may know of: a station's key its own Thing and what belongs to it."""
        if caller.station is None:
            return self
        if caller.station not in self._seen:
            self._seen[caller.station] = self._of_thing(caller.station)
        return self._seen[caller.station]

    def _of_thing(self, id: str) -> Catalogue:
        keep: dict[str, set[str]] = {name: set() for name in KINDS}
        keep["Things"].add(id)
        thing = self.get("Things", id)
        if thing is not None:
            for name in ("Datastreams", "Locations", "HistoricalLocations"):
                keep[name] |= {each.id for each in self.related(thing, name)}
            for past in self.related(thing, "HistoricalLocations"):
                keep["Locations"] |= {each.id for each in self.related(past, "Locations")}
            for stream in keep["Datastreams"]:
                entity = self.entities["Datastreams"][stream]
                for name in ("Sensor", "ObservedProperty"):
                    keep[KINDS["Datastreams"].relations[name].kind] |= {
                        each.id for each in self.related(entity, name)
                    }
                keep["FeaturesOfInterest"].add(self.streams[stream].place)
            # what observations of a Thing are of is made from its Locations
            places = [self.entities["Locations"][id].properties for id in keep["Locations"]]
            shapes = [place["location"] for place in places]
            for feature in self.entities["FeaturesOfInterest"].values():
                if feature.made and feature.properties["feature"] in shapes:
                    keep["FeaturesOfInterest"].add(feature.id)
        return Catalogue(
            {
                name: {id: each for id, each in entities.items() if id in keep[name]}
                for name, entities in self.entities.items()
            },
            {id: each for id, each in self.streams.items() if id in keep["Datastreams"]},
        )


def city_with(city: City, streams: Iterable[Stream]) -> City:
    """The city with what stands for the stations of the streams made here.

    So the archive takes their readings by the same door as all others.
    """
    made = {each.station.id: each.station for each in streams if not each.own}
    return replace(city, stations={**city.stations, **made}) if made else city
