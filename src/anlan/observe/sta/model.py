"""The sensing entities of OGC SensorThings 1.1 (18-088, clause 8): names, properties, relations.

One table for everything else here: what a path may name, what a body must hold, what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anlan.refusal import Refusal

ID = "@iot.id"
SELF = "@iot.selfLink"
OBSERVATIONS = "Observations"


@dataclass(frozen=True)
class Relation:
    """A navigation property.

    Attributes:
        kind: the entity set that it leads to.
        many: whether it leads to any number of them, or to exactly one.
        inverse: the navigation property that leads back.
    """

    kind: str
    many: bool
    inverse: str


@dataclass(frozen=True)
class Kind:
    """An entity set.

    Attributes:
        name: of the set, such as ``Things``.
        one: what one of them is called.
        needed: properties that a new one must have.
        optional: properties that it may have.
        relations: navigation properties by name.
        times: properties that hold a moment or an interval.
        clause: of the standard.
    """

    name: str
    one: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    relations: Mapping[str, Relation]
    times: tuple[str, ...] = ()
    clause: str = ""

    @property
    def properties(self) -> tuple[str, ...]:
        """All properties, without the navigation properties."""
        return (*self.needed, *self.optional)


_ABOUT = ("name", "description")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "Things",
            "Thing",
            _ABOUT,
            ("properties",),
            {
                "Datastreams": Relation("Datastreams", True, "Thing"),
                "Locations": Relation("Locations", True, "Things"),
                "HistoricalLocations": Relation("HistoricalLocations", True, "Thing"),
            },
            clause="8.2.1",
        ),
        Kind(
            "Locations",
            "Location",
            (*_ABOUT, "encodingType", "location"),
            ("properties",),
            {
                "Things": Relation("Things", True, "Locations"),
                "HistoricalLocations": Relation("HistoricalLocations", True, "Locations"),
            },
            clause="8.2.2",
        ),
        Kind(
            "HistoricalLocations",
            "HistoricalLocation",
            ("time",),
            (),
            {
                "Thing": Relation("Things", False, "HistoricalLocations"),
                "Locations": Relation("Locations", True, "HistoricalLocations"),
            },
            ("time",),
            "8.2.3",
        ),
        Kind(
            "Datastreams",
            "Datastream",
            (*_ABOUT, "observationType", "unitOfMeasurement"),
            ("observedArea", "phenomenonTime", "resultTime", "properties"),
            {
                "Thing": Relation("Things", False, "Datastreams"),
                "Sensor": Relation("Sensors", False, "Datastreams"),
                "ObservedProperty": Relation("ObservedProperties", False, "Datastreams"),
                "Observations": Relation("Observations", True, "Datastream"),
            },
            ("phenomenonTime", "resultTime"),
            "8.2.4",
        ),
        Kind(
            "Sensors",
            "Sensor",
            (*_ABOUT, "encodingType", "metadata"),
            ("properties",),
            {"Datastreams": Relation("Datastreams", True, "Sensor")},
            clause="8.2.5",
        ),
        Kind(
            "ObservedProperties",
            "ObservedProperty",
            ("name", "definition", "description"),
            ("properties",),
            {"Datastreams": Relation("Datastreams", True, "ObservedProperty")},
            clause="8.2.6",
        ),
        Kind(
            "Observations",
            "Observation",
            ("phenomenonTime", "result", "resultTime"),
            ("resultQuality", "validTime", "parameters"),
            {
                "Datastream": Relation("Datastreams", False, "Observations"),
                "FeatureOfInterest": Relation("FeaturesOfInterest", False, "Observations"),
            },
            ("phenomenonTime", "resultTime", "validTime"),
            "8.2.7",
        ),
        Kind(
            "FeaturesOfInterest",
            "FeatureOfInterest",
            (*_ABOUT, "encodingType", "feature"),
            ("properties",),
            {"Observations": Relation("Observations", True, "FeatureOfInterest")},
            clause="8.2.8",
        ),
    )
}

_SETS = ("datamodel", "resource-path/resource-path-to-entities", "request-data")
_CHANGES = (
    "create-entity",
    "link-to-existing-entities",
    "deep-insert",
    "deep-insert-status-code",
    "update-entity",
    "update-entity-put",
    "delete-entity",
    "historical-location-auto-creation",
    "historical-location-manual-creation",
)
REQUIREMENTS = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
BY_MQTT = f"{REQUIREMENTS}create-observations-via-mqtt/observations-creation"
JSON_BATCH = "https://fraunhoferiosb.github.io/FROST-Server/extensions/JsonBatchRequest.html"
#: What the root document says is met; every line of it is tried by a test.
CONFORMANCE = (
    *(REQUIREMENTS + name for name in _SETS),
    *(f"{REQUIREMENTS}create-update-delete/{name}" for name in _CHANGES),
    f"{REQUIREMENTS}batch-request/batch-request",
    f"{REQUIREMENTS}data-array/data-array",
    JSON_BATCH,
)


def not_there(what: str) -> Refusal:
    """There is no such thing, or none that this caller may know of."""
    return Refusal(
        f"{what[:120]} is not there; GET /sta/v1.1 lists the entity sets",
        field="path",
        value=what[:120],
        remedy="an address from an entity set",
        kind="not_found",
    )


def bad(field: str, value: object, remedy: str) -> Refusal:
    """``field`` cannot be taken as it is."""
    shown = "" if value is None else f" '{str(value)[:80]}'"
    return Refusal(
        f"{field}{shown} cannot be taken; {remedy}", field=field, value=value, remedy=remedy
    )
