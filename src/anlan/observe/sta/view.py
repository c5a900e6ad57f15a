"""Entities and observations as JSON (OGC 18-088, clauses 8 and 9.3): what a caller may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from anlan.city import City
from anlan.observe.reading import USABLE
from anlan.observe.sta import doubting
from anlan.observe.sta.catalogue import Catalogue, Entity
from anlan.observe.sta.lexer import Span, written, written_span
from anlan.observe.sta.model import ID, KINDS, SELF, bad
from anlan.observe.sta.observations import Archive
from anlan.observe.sta.paging import Page, Scope
from anlan.observe.sta.query import TOKEN, Query
from anlan.observe.sta.seen import Seen
from anlan.store import ids

MOST_SHOWN = 20_000
COMPONENTS = (
    "id",
    "phenomenonTime",
    "result",
    "resultTime",
    "resultQuality",
    "validTime",
    "parameters",
)


@dataclass
class View:
    """What one request may show.

    Attributes:
        root: address of the service, without a slash at its end.
        catalogue: what the caller may know of.
        shown: entities written so far.
        days: days of readings that the quality rules may still look at.
    """

    city: City
    archive: Archive
    catalogue: Catalogue
    root: str
    now: datetime
    shown: int = 0
    days: float = doubting.MOST_DAYS

    def address(self, kind: str, id: str) -> str:
        """The selfLink of an entity."""
        quoted = quote(id.replace("'", "''"), safe="@.:~-_")
        return f"{self.root}/{kind}('{quoted}')"

    def entities(self, found: Sequence[Entity], query: Query, at: str) -> dict[str, Any]:
        """A set of entities; ``at`` is its address."""
        evaluator = self.archive.evaluator
        if query.filter is not None:
            found = [each for each in found if evaluator.true(query.filter, each)]
        count = len(found)
        for node, down in reversed(query.order):
            found = sorted(found, key=lambda each: evaluator.key(node, each), reverse=down)
        part = found[query.skip : query.skip + query.page]
        more = query.skip + len(part) < count and query.page > 0
        follow = {"skip": str(query.skip + len(part))} if more else None
        return self._set([self.entity(e, query) for e in part], query, count, follow, at)

    def observations(self, scope: Scope, query: Query, at: str) -> dict[str, Any]:
        """A page of observations."""
        page = self.archive.page(scope, query)
        rows = self._doubted(page.rows, query)
        shown = (
            self._arrays(rows, query)
            if query.array
            else [self.observation(each, query) for each in rows]
        )
        return self._set(shown, query, page.count, _follow(page, query), at)

    def _set(
        self,
        shown: list[dict[str, Any]],
        query: Query,
        count: int | None,
        follow: Mapping[str, str] | None,
        at: str,
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {"@iot.count": count} if query.count else {}
        answer["value"] = shown
        if follow is not None:
            answer["@iot.nextLink"] = f"{at}?{next_options(query, follow)}"
        return answer

    def entity(self, entity: Entity, query: Query) -> dict[str, Any]:
        """One entity."""
        shown = self._head(entity.kind, entity.id, query)
        for name in KINDS[entity.kind].properties:
            if query.select is not None and name not in query.select:
                continue
            value = self.property(entity, name)
            if value is not None:
                shown[name] = value
        for name, inner in query.expand.items():
            relation = KINDS[entity.kind].relations[name]
            at = f"{self.address(entity.kind, entity.id)}/{name}"
            if name == "Observations":
                found = self.observations(self.archive.scope(entity), inner, at)
            else:
                related = self.catalogue.related(entity, name)
                if not relation.many:
                    shown[name] = self.entity(related[0], inner) if related else None
                    continue
                found = self.entities(related, inner, at)
            _inline(shown, name, found)
        return shown

    def observation(self, seen: Seen, query: Query) -> dict[str, Any]:
        """One observation."""
        shown = self._head("Observations", seen.id, query)
        for name in KINDS["Observations"].properties:
            if query.select is None or name in query.select:
                value = observed(seen, name)
                if value is not None or name in ("result", "resultTime"):
                    shown[name] = value
        for name, inner in query.expand.items():
            entity = self.of_observation(seen, name)
            shown[name] = None if entity is None else self.entity(entity, inner)
        return shown

    def of_observation(self, seen: Seen, name: str) -> Entity | None:
        """The Datastream or FeatureOfInterest of an observation, if the caller may see it."""
        if name == "Datastream":
            return self.catalogue.get("Datastreams", seen.stream.series)
        return self.catalogue.get("FeaturesOfInterest", seen.feature)

    def property(self, entity: Entity, name: str) -> Any:
        """A property of an entity as JSON; None if it has none."""
        if entity.kind == "Datastreams" and name == "phenomenonTime":
            span = self.archive.reach(entity)
            return None if span is None else written_span(span)
        return entity.properties.get(name)

    def single(self, seen: Seen, query: Query) -> Seen:
        """An observation with its doubts, where they are shown."""
        return self._doubted([seen], query)[0]

    def _head(self, kind: str, id: str, query: Query) -> dict[str, Any]:
        self.shown += 1
        if self.shown > MOST_SHOWN:
            raise bad("$expand", None, f"one answer holds {MOST_SHOWN} entities; ask with $top")
        at, chosen = self.address(kind, id), query.select
        head = {ID: id, SELF: at} if chosen is None else {ID: id} if ID in chosen else {}
        if chosen is not None and SELF in chosen:
            head[SELF] = at
        for name in KINDS[kind].relations:
            if (chosen is None or name in chosen) and name not in query.expand:
                head[f"{name}@iot.navigationLink"] = f"{at}/{name}"
        return head

    def _doubted(self, rows: Sequence[Seen], query: Query) -> Sequence[Seen]:
        if not rows or (query.select is not None and "resultQuality" not in query.select):
            return rows
        conn = self.archive.conn
        doubts, days = doubting.doubts(
            conn, self.city, rows, self.now, self.days, self.archive.watch
        )
        self.days -= days
        return [
            replace(each, doubts=doubts.get((each.stream.series, each.valid_at))) for each in rows
        ]

    def _arrays(self, rows: Iterable[Seen], query: Query) -> list[dict[str, Any]]:
        """Data arrays, one for each Datastream (clause 12)."""
        chosen = query.select
        names = [
            name
            for name in COMPONENTS
            if chosen is None or name in chosen or (name == "id" and ID in chosen)
        ]
        arrays: dict[str, list[list[Any]]] = {}
        for each in rows:
            line = [each.id if name == "id" else observed(each, name) for name in names]
            arrays.setdefault(each.stream.series, []).append(line)
        return [
            {
                "Datastream@iot.navigationLink": self.address("Datastreams", series),
                "components": names,
                "dataArray@iot.count": len(lines),
                "dataArray": lines,
            }
            for series, lines in arrays.items()
        ]


def observed(seen: Seen, name: str) -> Any:
    """A property of an observation as JSON."""
    if name == "phenomenonTime":
        return written_span(Span(seen.start_at or seen.valid_at, seen.valid_at))
    if name == "result":
        return seen.value
    if name == "resultTime":
        return None if seen.result_at is None else written(seen.result_at)
    if name == "validTime":
        if seen.valid_from is None or seen.valid_to is None:
            return None
        return written_span(Span(seen.valid_from, seen.valid_to))
    if name == "parameters":
        return seen.parameters
    judged = seen.doubts is not None
    usable = seen.value is not None and seen.flag in USABLE
    quality: dict[str, Any] = {
        "flag": seen.flag,
        "doubts": list(seen.doubts) if seen.doubts is not None else None,
        "usable": doubting.usable(seen) if judged else (None if usable else False),
        "synthetic": seen.stream.synthetic,
    }
    if seen.quality is not None:
        quality["given"] = seen.quality
    return quality


def etag(thing: Entity | Seen) -> str:
    """The mark of a state: another one after every change that somebody makes."""
    if isinstance(thing, Entity):
        content: list[Any] = [thing.kind, thing.id, thing.properties, thing.links, thing.version]
    else:
        content = [
            thing.id,
            thing.start_at,
            thing.value,
            thing.flag,
            thing.result_at,
            [thing.valid_from, thing.valid_to, thing.parameters, thing.quality, thing.feature],
        ]
    return f'W/"{ids.digest(content)[:20]}"'


def _inline(shown: dict[str, Any], name: str, found: Mapping[str, Any]) -> None:
    if "@iot.count" in found:
        shown[f"{name}@iot.count"] = found["@iot.count"]
    shown[name] = found["value"]
    if "@iot.nextLink" in found:
        shown[f"{name}@iot.nextLink"] = found["@iot.nextLink"]


def _follow(page: Page, query: Query) -> dict[str, str] | None:
    if not page.more:
        return None
    if page.token is not None:
        return {TOKEN: page.token}
    return {"skip": str(query.skip + len(page.rows))}


def next_options(query: Query, follow: Mapping[str, str]) -> str:
    """The options of the next page: those of this one, from where it ended."""
    options = {k: v for k, v in query.raw.items() if k not in ("skip", TOKEN)} | dict(follow)
    return urlencode(
        {f"${name}": text for name, text in options.items()}, safe="$(),;/'", quote_via=quote
    )
