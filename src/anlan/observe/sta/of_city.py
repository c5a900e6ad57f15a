"""The stations of the city folder as sensing entities. Ids are those of the folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anlan.city import City, Station
from anlan.city.station import BATTERY
from anlan.observe.quantity import OTHER, QUANTITIES
from anlan.observe.sta.catalogue import Entity, Stream
from anlan.observe.sta.units import names_of, unit_of

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
GEOJSON = "application/geo+json"
PLAIN = "text/plain"


def streams(city: City) -> Iterator[Stream]:
    """The series of each station: what it measures, and its battery."""
    for station in city.stations.values():
        for series in (station.series, station.battery):
            yield Stream(
                series,
                station,
                station.id,
                own=True,
                place=station.id,
                synthetic=station.synthetic,
            )


def entities(city: City) -> Iterator[Entity]:
    """Things, Locations, Datastreams, Sensors, ObservedProperties and FeaturesOfInterest."""
    for name in QUANTITIES:
        if name != OTHER:
            yield observed_property(name)
    for station in city.stations.values():
        about = f"{station.name} {station.name_en}".strip()
        labels = {"synthetic": station.synthetic, "source": station.source}
        point = {"type": "Point", "coordinates": [station.lon, station.lat]}
        yield Entity(
            "Things",
            station.id,
            {
                "name": station.name,
                "description": f"{about}: {names_of(station.quantity).zh}站",
                "properties": {
                    "name_en": station.name_en,
                    "owner": station.owner,
                    "territory": station.territory,
                    **labels,
                },
            },
            {"Locations": (station.id,)},
        )
        yield Entity(
            "Locations",
            station.id,
            {
                "name": station.name,
                "description": f"{about}: 站址 position",
                "encodingType": GEOJSON,
                "location": point,
                "properties": labels,
            },
        )
        yield Entity(
            "FeaturesOfInterest",
            station.id,
            {
                "name": station.name,
                "description": f"{about}: 测点 where it measures",
                "encodingType": GEOJSON,
                "feature": point,
                "properties": labels,
            },
        )
        yield from _measured(city, station, station.quantity, labels)
        yield from _measured(city, station, BATTERY, labels)


def observed_property(name: str) -> Entity:
    """A quantity of the archive."""
    words = names_of(name)
    return Entity(
        "ObservedProperties",
        name,
        {
            "name": words.zh,
            "definition": words.definition,
            "description": words.en,
            "properties": {"sum": QUANTITIES[name].is_sum},
        },
    )


def _measured(
    city: City, station: Station, quantity: str, labels: dict[str, Any]
) -> Iterator[Entity]:
    series = f"{station.id}.{quantity}"
    words, known = names_of(quantity), QUANTITIES[quantity]
    more: dict[str, Any] = {"cadence_min": station.cadence.total_seconds() / 60, **labels}
    if known.has_datum:
        more |= {"datum": city.datum, "warning": station.warning, "guarantee": station.guarantee}
    if known.is_sum:
        more["sum"] = True
    yield Entity(
        "Datastreams",
        series,
        {
            "name": f"{station.name} {words.zh}",
            "description": f"{station.name_en} {words.en}".strip(),
            "observationType": MEASUREMENT,
            "unitOfMeasurement": unit_of(known.unit),
            "properties": more,
        },
        {"Thing": (station.id,), "Sensor": (series,), "ObservedProperty": (quantity,)},
    )
    yield Entity(
        "Sensors",
        series,
        {
            "name": f"{station.name} {words.zh}传感器",
            "description": f"{station.name_en}: sensor of {words.en}",
            "encodingType": PLAIN,
            "metadata": station.source or "unknown",
            "properties": {"owner": station.owner},
        },
    )
