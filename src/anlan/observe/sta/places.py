"""Features of interest: what an observation is of, where its sender does not say."""

from __future__ import annotations

from typing import Any

from anlan.access.rights import Caller
from anlan.observe.sta import bodies
from anlan.observe.sta.catalogue import Entity, Stream
from anlan.observe.sta.kept import Register
from anlan.observe.sta.model import KINDS, bad

FEATURES = KINDS["FeaturesOfInterest"]


def feature_of(register: Register, caller: Caller, stream: Stream, given: Any) -> str | None:
    """The id of the FeatureOfInterest to keep with an observation; None for the usual one.

    ``given``: a link, an entity inline, or nothing. Without it a Datastream made here takes that
    of its Thing's Location, which is made at the first observation (clause 10.2.1, special
    case 1): it stays what it was when the Thing moves on.

    Raises `Refusal` where there is none.
    """
    if given is not None:
        id = bodies.link(given, lambda id: register.get(FEATURES.name, id) is not None)
        if id is not None:
            known = register.catalogue.seen_by(caller) if caller.station else register
            if known.get(FEATURES.name, id) is None:
                raise bad("FeatureOfInterest", id, "link to one that is there, or describe one")
            return None if id == stream.place else id
        if caller.station is not None:
            raise bad("FeatureOfInterest", None, "a station's key links to one, it makes none")
        properties, relations = bodies.parted(given, FEATURES)
        if relations:
            raise bad("FeatureOfInterest", None, "describe it without its Observations")
        wanted = bodies.checked(properties, FEATURES, whole=True)
        return _same(register, wanted) or register.add(FEATURES.name, wanted, {}).id
    if stream.place:
        return None
    if stream.series not in register.places:
        register.places[stream.series] = _of_location(register, stream)
    return register.places[stream.series]


def _of_location(register: Register, stream: Stream) -> str:
    location = _location(register, stream)
    if location is None:
        raise bad(
            "FeatureOfInterest",
            None,
            f"Thing {stream.thing} has no Location; give it one, or name a FeatureOfInterest",
        )
    about = {name: location.properties[name] for name in ("name", "description", "encodingType")}
    wanted = {**about, "feature": location.properties["location"]}
    return _same(register, wanted) or register.add(FEATURES.name, wanted, {}).id


def _location(register: Register, stream: Stream) -> Entity | None:
    thing = register.get("Things", stream.thing)
    for id in thing.links.get("Locations", ()) if thing is not None else ():
        location = register.get("Locations", id)
        if location is not None:
            return location
    return None


def _same(register: Register, wanted: dict[str, Any]) -> str | None:
    """A FeatureOfInterest that is like this one already."""
    for each in register.every(FEATURES.name):
        if {n: v for n, v in each.properties.items() if v is not None} == wanted:
            return each.id
    return None
