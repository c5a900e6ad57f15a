"""Entities that somebody made here: loaded into the catalogue, written by a `Register`.

A change writes its rows and the mark of what is now kept, made of everything ever written, so a
catalogue in memory is known to be stale by one look.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, func, select, update

from anlan.city import City, Station
from anlan.journal import Act
from anlan.observe.quantity import OTHER, QUANTITIES
from anlan.observe.sta import of_city
from anlan.observe.sta.catalogue import Catalogue, Entity, Stream
from anlan.observe.sta.functions import geometry
from anlan.observe.sta.model import bad
from anlan.observe.sta.units import UCUM, factor_of
from anlan.refusal import Refusal
from anlan.store import get_meta, ids, insert, schema, set_meta

log = logging.getLogger(__name__)
T = schema.sensorthings_entity
MARK = "sensorthings.mark"
MOST_ENTITIES = 50_000
KEPT_IN_MEMORY = 4
#: Between the readings of a Datastream that does not say so in properties/cadence_min.
CADENCE = timedelta(hours=1)

_memory: WeakKeyDictionary[City, dict[str, Catalogue]] = WeakKeyDictionary()
_lock = threading.Lock()


def catalogue(conn: Connection, city: City) -> Catalogue:
    """All entities of the city, and all that were made here and are not withdrawn."""
    mark = get_meta(conn, MARK) or ""
    with _lock:
        known = _memory.setdefault(city, {})
        if mark in known:
            return known[mark]
    found = _load(conn, city)
    with _lock:
        while len(known) >= KEPT_IN_MEMORY:
            known.pop(next(iter(known)))
        known[mark] = found
    return found


def _load(conn: Connection, city: City) -> Catalogue:
    rows = conn.execute(select(T).where(T.c.withdrawn_at.is_(None)).order_by(T.c.number))
    made = [
        Entity(
            row.kind,
            row.id,
            row.properties,
            {name: tuple(linked) for name, linked in row.links.items()},
            made=True,
            version=row.version,
        )
        for row in rows
    ]
    return compose(city, made)


def compose(city: City, made: list[Entity]) -> Catalogue:
    """A catalogue of the city's entities and those made here."""
    sets = {(each.kind, each.id): each for each in made}
    known = {stream.series: stream for stream in of_city.streams(city)}
    for each in made:
        if each.kind == "Datastreams":
            try:
                known[each.id] = stream_of(city, each, sets)
            except Refusal as refusal:
                # checked when it was made; since then the city's datums have changed
                log.warning("Datastream %s is left out: %s", each.id, refusal.message)
                sets.pop((each.kind, each.id))
    return Catalogue.of([*of_city.entities(city), *sets.values()], known.values())


def stream_of(city: City, datastream: Entity, sets: Mapping[tuple[str, str], Entity]) -> Stream:
    """How the observations of a Datastream made here lie in the archive.

    Raises `Refusal` where its unit or datum does not fit.
    """
    name, _, quantity = datastream.id.rpartition(".")
    quantity = quantity if quantity in QUANTITIES else OTHER
    more: Mapping[str, Any] = datastream.properties.get("properties") or {}
    symbol = str((datastream.properties.get("unitOfMeasurement") or {}).get("symbol") or "")
    known, thing = QUANTITIES[quantity], datastream.links["Thing"][0]
    factor, offset, unit, datum = 1.0, 0.0, "", ""
    if quantity != OTHER:
        factor = factor_of(quantity, symbol)
        unit = UCUM[symbol][1] if symbol in UCUM else symbol
    if known.has_datum:
        datum = str(more.get("datum") or city.datum)
        offset = city.level(0.0, datum)
    own = city.stations.get(thing)
    lon, lat = (own.lon, own.lat) if own else _position(city, thing, sets)
    station = Station(
        id=name,
        name=str(datastream.properties["name"]),
        name_en="",
        quantity=quantity,
        lon=lon,
        lat=lat,
        unit=unit,
        datum=datum,
        warning=None,
        guarantee=None,
        warning_raw=None,
        guarantee_raw=None,
        territory=own.territory if own else city.territory.root.code,
        owner="",
        cadence=_cadence(more.get("cadence_min")),
        role="gauge",
        synthetic=bool(more.get("synthetic")),
        source="",
    )
    return Stream(
        datastream.id,
        station,
        thing,
        own=False,
        factor=factor,
        offset=offset,
        place=thing if own else "",
        synthetic=station.synthetic,
    )


def _cadence(minutes: object) -> timedelta:
    if minutes is None:
        return CADENCE
    if isinstance(minutes, bool) or not isinstance(minutes, (int, float)):
        raise bad("properties/cadence_min", minutes, "give minutes between two readings, 1 to 1440")
    if not 1 <= minutes <= 1440:
        raise bad("properties/cadence_min", minutes, "give minutes between two readings, 1 to 1440")
    return timedelta(minutes=minutes)


def _position(
    city: City, thing: str, sets: Mapping[tuple[str, str], Entity]
) -> tuple[float, float]:
    """Of a Thing: where its first Location is; the city's centre where it has none."""
    entity = sets.get(("Things", thing))
    for id in entity.links.get("Locations", ()) if entity else ():
        location = sets.get(("Locations", id))
        shape = geometry(location.properties["location"]) if location else None
        if shape is not None:
            return shape.centroid.x, shape.centroid.y
    return city.territory.root.lon, city.territory.root.lat


class Register:
    """The entities, as they change within one act."""

    def __init__(self, act: Act, city: City) -> None:
        self.act = act
        self.city = city
        self._at_start = catalogue(act.tx, city)
        self._changed: dict[tuple[str, str], Entity | None] = {}
        #: what was found out for a Datastream within this act: the place of its observations
        self.places: dict[str, str] = {}

    @property
    def catalogue(self) -> Catalogue:
        """The entities as they are now."""
        if not self._changed:
            return self._at_start
        made = {
            (kind, each.id): each
            for kind, entities in self._at_start.entities.items()
            for each in entities.values()
            if each.made
        }
        for key, entity in self._changed.items():
            if entity is None:
                made.pop(key, None)
            else:
                made[key] = entity
        self._at_start, self._changed = compose(self.city, list(made.values())), {}
        return self._at_start

    def get(self, kind: str, id: str) -> Entity | None:
        """An entity as it is now."""
        if (kind, id) in self._changed:
            return self._changed[kind, id]
        return self._at_start.get(kind, id)

    def every(self, kind: str) -> Iterator[Entity]:
        """The entities of a set as they are now."""
        for each in self._at_start.entities[kind].values():
            now = self._changed.get((kind, each.id), each)
            if now is not None:
                yield now
        for (changed, id), entity in self._changed.items():
            if changed == kind and entity is not None and self._at_start.get(kind, id) is None:
                yield entity

    def add(
        self, kind: str, properties: dict[str, Any], links: dict[str, tuple[str, ...]]
    ) -> Entity:
        """A new entity under an id of its own."""
        tx = self.act.tx
        count = tx.execute(select(func.count()).where(T.c.withdrawn_at.is_(None))).scalar_one()
        if count >= MOST_ENTITIES:
            raise bad(kind, None, f"{MOST_ENTITIES} entities are kept at most; delete some first")
        last = tx.execute(select(func.coalesce(func.max(T.c.number), 0))).scalar_one()
        # a colon: no id of the city folder should look like this
        id = f"sta:{int(last) + 1}"
        if kind == "Datastreams":
            observed = links["ObservedProperty"][0]
            id = f"{id}.{observed if observed in QUANTITIES else OTHER}"
        entity = Entity(kind, id, properties, links, made=True, version=1)
        tx.execute(
            T.insert().values(
                kind=kind,
                id=id,
                number=int(last) + 1,
                properties=properties,
                links={name: list(linked) for name, linked in links.items()},
                version=1,
                changed_at=self.act.now,
            )
        )
        self._note(entity, "made")
        return entity

    def change(
        self,
        entity: Entity,
        properties: dict[str, Any] | None = None,
        links: dict[str, tuple[str, ...]] | None = None,
    ) -> Entity:
        """An entity with other properties or links."""
        changed = replace(
            entity,
            properties=entity.properties if properties is None else properties,
            links={**entity.links, **(links or {})},
            version=entity.version + 1,
        )
        self.act.tx.execute(
            update(T)
            .where(T.c.kind == entity.kind, T.c.id == entity.id)
            .values(
                properties=dict(changed.properties),
                links={name: list(linked) for name, linked in changed.links.items()},
                version=changed.version,
                changed_at=self.act.now,
            )
        )
        self._note(changed, "changed")
        return changed

    def withdraw(self, entity: Entity) -> None:
        """The entity is gone; its row and the readings of its series stay."""
        self.act.tx.execute(
            update(T)
            .where(T.c.kind == entity.kind, T.c.id == entity.id)
            .values(withdrawn_at=self.act.now, changed_at=self.act.now)
        )
        self._note(entity, "withdrawn")

    def _note(self, entity: Entity, what: str) -> None:
        self._changed[entity.kind, entity.id] = None if what == "withdrawn" else entity
        content = [entity.kind, entity.id, entity.properties, entity.links, what]
        before = get_meta(self.act.tx, MARK) or ""
        set_meta(self.act.tx, MARK, ids.digest([before, content]))
        self.act.record(f"sensorthings.{what}", f"{entity.kind}:{entity.id}", content=content)


def extras(tx: Connection, series: str, rows: list[dict[str, Any]]) -> None:
    """Keep what SensorThings says of observations; what is said again takes its place."""
    table = schema.sensorthings_observation
    for row in rows:
        changes = {name: value for name, value in row.items() if name != "valid_at"}
        tx.execute(
            insert(tx, table)
            .values(series=series, **row)
            .on_conflict_do_update(index_elements=["series", "valid_at"], set_=changes)
        )
