"""Asking the archive for observations: filtered, ordered and cut to pages by the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Result,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from anlan.observe.sta.bounded import Watch
from anlan.observe.sta.catalogue import Catalogue, Entity, Stream
from anlan.observe.sta.evaluate import Evaluator, sortable, specialise
from anlan.observe.sta.expression import Call, Literal, Node, Path, paths
from anlan.observe.sta.holding import O, holds, standing
from anlan.observe.sta.lexer import Span
from anlan.observe.sta.model import bad
from anlan.observe.sta.paging import ID, Page, Scope, beyond, read_token, token, way
from anlan.observe.sta.query import Query
from anlan.observe.sta.seen import Seen, key_of, result_of, seen
from anlan.observe.sta.sql import Compiler, X

# a page in order of time is put together of one from each stream up to here, then by sorting
MOST_MERGED = 3_000
MOST_CASES = 500


class Archive:
    """The observations that a caller may see."""

    def __init__(self, conn: Connection, catalogue: Catalogue, now: datetime) -> None:
        self.conn = conn
        self.catalogue = catalogue
        self.now = now
        self.watch = Watch()
        self.evaluator = Evaluator(catalogue, now, self.observed, self.reach, self.watch)
        self._reach: dict[str, Span | None] = {}

    def _ask(self, query: Select[Any]) -> Result[Any]:
        self.watch()
        return self.conn.execute(query)

    def one(self, stream: Stream, valid_at: datetime) -> Seen | None:
        """The observation of a moment, unless there is none or it was withdrawn."""
        query = self._select([stream]).where(O.c.series == stream.series, O.c.valid_at == valid_at)
        row = self._ask(query).first()
        return None if row is None else self._seen(row)

    def page(self, scope: Scope, query: Query) -> Page:
        """The observations of a scope that a query asks for."""
        groups = self._groups(scope, query.filter)
        count = self._count(groups) if query.count else None
        if query.top == 0 or not groups:
            return Page((), more=False, count=count)
        kind = way(query.order)
        limit = query.page
        merged = query.skip + limit <= MOST_MERGED
        if kind is None or (kind != "stream" and len(scope.streams) > 1 and not merged):
            rows = self._sorted(groups, query, limit + 1)
            end = None
        else:
            after = read_token(query.token)
            if kind == "stream" or len(scope.streams) == 1:
                rows = self._in_turn(groups, kind == "later", after, query.skip, limit + 1)
            else:
                rows = self._merged(groups, kind == "later", after, query.skip, limit + 1)
            end = token(rows[limit - 1]) if len(rows) > limit else None
        return Page(rows[:limit], end, len(rows) > limit, count)

    def observed(self, at: Sequence[Entity], node: Node) -> bool:
        """Whether any observation of Datastreams or FeaturesOfInterest meets a condition."""
        for entity in at:
            for group in self._groups(self.scope(entity), node):
                names = [each.series for each in group.streams]
                query = self._select(group.streams).where(O.c.series.in_(names))
                query = query.where(group.condition).limit(1)
                if self._ask(query).first() is not None:
                    return True
        return False

    def scope(self, entity: Entity) -> Scope:
        """The observations of a Datastream or FeatureOfInterest."""
        if entity.kind == "Datastreams":
            return Scope(self.catalogue.streams_at(entity))
        return Scope(list(self.catalogue.streams.values()), entity.id)

    def reach(self, entity: Entity) -> Span | None:
        """From the first observation of a Datastream to its last; None without any."""
        if entity.id not in self._reach:
            stream = self.catalogue.streams[entity.id]
            ends = []
            for order in (O.c.valid_at, O.c.valid_at.desc()):
                query = (
                    select(O.c.start_at, O.c.valid_at)
                    .where(O.c.series == stream.series, standing(), holds((stream.quantity,)))
                    .order_by(order)
                    .limit(1)
                )
                ends.append(self._ask(query).first())
            first, last = ends
            self._reach[entity.id] = (
                None
                if first is None or last is None
                else Span(first.start_at or first.valid_at, last.valid_at)
            )
        return self._reach[entity.id]

    def _groups(self, scope: Scope, node: Node | None) -> list[_Group]:
        """Streams for which the same condition is left once their Datastream is known."""
        if not scope.streams:
            return []
        found: dict[tuple[Node, float, float], list[Stream]] = {}
        for stream in sorted(scope.streams, key=lambda each: each.series):
            left: Node = Literal(True)
            if node is not None:
                entity = self.catalogue.entities["Datastreams"][stream.series]
                left = specialise(node, entity, self.evaluator)
            if not (isinstance(left, Literal) and left.value is not True):
                found.setdefault((left, stream.factor, stream.offset), []).append(stream)
        groups = []
        for (left, _, _), streams in found.items():
            condition: ColumnElement[bool] = true()
            if left != Literal(True):
                condition = self._compiler(streams).truth(left)
            if scope.feature is not None:
                condition = and_(condition, self._of_feature(streams, scope.feature))
            groups.append(_Group(streams, condition))
        return groups

    def _of_feature(self, streams: Sequence[Stream], feature: str) -> ColumnElement[bool]:
        mine = [each.series for each in streams if each.place == feature]
        given = X.c.feature == feature
        if not mine:
            return given
        return or_(given, and_(X.c.feature.is_(None), O.c.series.in_(mine)))

    def _compiler(self, streams: Sequence[Stream]) -> Compiler:
        def features(node: Node) -> tuple[list[str], list[str]]:
            stripped = _stripped(node)
            known = self.catalogue.entities["FeaturesOfInterest"].values()
            names = [each.id for each in known if self.evaluator.true(stripped, each)]
            return names, [each.series for each in streams if each.place in set(names)]

        return Compiler(result_of(streams), features, self._key, self.now)

    def _key(self, id: str) -> tuple[str, datetime] | None:
        key = key_of(id)
        return key if key is not None and key[0] in self.catalogue.streams else None

    def _select(self, streams: Iterable[Stream]) -> Select[Any]:
        quantities = tuple(sorted({each.quantity for each in streams}))
        joined = O.outerjoin(X, and_(X.c.series == O.c.series, X.c.valid_at == O.c.valid_at))
        columns = [X.c[name] for name in ("result_at", "valid_from", "valid_to", "parameters")]
        return (
            select(O, *columns, X.c.quality, X.c.feature)
            .select_from(joined)
            .where(standing(), holds(quantities))
        )

    def _count(self, groups: Sequence[_Group]) -> int:
        total = 0
        for group in groups:
            names = [each.series for each in group.streams]
            inner = self._select(group.streams).where(O.c.series.in_(names), group.condition)
            counted = inner.with_only_columns(func.count(), maintain_column_froms=True)
            total += int(self._ask(counted).scalar_one())
        return total

    def _in_turn(
        self,
        groups: Sequence[_Group],
        later: bool,
        after: tuple[datetime, str] | None,
        skip: int,
        limit: int,
    ) -> list[Seen]:
        """Stream after stream, each in order of time."""
        turns = sorted(
            ((stream, group) for group in groups for stream in group.streams),
            key=lambda turn: turn[0].series,
        )
        rows: list[Seen] = []
        for stream, group in turns:
            if after is not None and stream.series < after[1]:
                continue
            wanted = self._of(stream, group)
            if after is not None and stream.series == after[1]:
                wanted = wanted.where(beyond(after[0], later, False))
            order = O.c.valid_at.desc() if later else O.c.valid_at
            part = wanted.order_by(order).offset(skip).limit(limit - len(rows))
            found = self._ask(part).all()
            if skip and not found:
                counted = wanted.with_only_columns(func.count(), maintain_column_froms=True)
                skip -= int(self._ask(counted).scalar_one())
            elif found:
                skip = 0
            rows += map(self._seen, found)
            if len(rows) >= limit:
                break
        return rows

    def _merged(
        self,
        groups: Sequence[_Group],
        later: bool,
        after: tuple[datetime, str] | None,
        skip: int,
        limit: int,
    ) -> list[Seen]:
        """In order of time over streams: the first of each are enough."""
        rows: list[Any] = []
        for group in groups:
            for stream in group.streams:
                wanted = self._of(stream, group)
                if after is not None:
                    wanted = wanted.where(beyond(after[0], later, stream.series > after[1]))
                order = O.c.valid_at.desc() if later else O.c.valid_at
                rows += self._ask(wanted.order_by(order).limit(skip + limit)).all()
        rows.sort(key=lambda row: row.series)
        rows.sort(key=lambda row: row.valid_at, reverse=later)
        return [self._seen(row) for row in rows[skip : skip + limit]]

    def _of(self, stream: Stream, group: _Group) -> Select[Any]:
        return self._select([stream]).where(O.c.series == stream.series, group.condition)

    def _sorted(self, groups: Sequence[_Group], query: Query, limit: int) -> list[Seen]:
        """In any order: the database sorts all that is asked for."""
        streams = [stream for group in groups for stream in group.streams]
        conditions = [
            and_(O.c.series.in_([each.series for each in group.streams]), group.condition)
            for group in groups
        ]
        wanted = self._select(streams).where(or_(*conditions))
        for node, down in query.order:
            for expression in self._keys(node, streams):
                key = expression.desc().nulls_last() if down else expression.asc().nulls_first()
                wanted = wanted.order_by(key)
        wanted = wanted.order_by(O.c.series, O.c.valid_at).offset(query.skip).limit(limit)
        return [self._seen(row) for row in self._ask(wanted)]

    def _keys(self, node: Node, streams: Sequence[Stream]) -> list[ColumnElement[Any]]:
        named = list(paths(node))
        if node in ID:
            return [O.c.series, O.c.valid_at]
        if any(path.parts[0] == "FeatureOfInterest" for path in named):
            raise bad("$orderby", named[0].text[:60], "order by the reading or its Datastream")
        if named and all(path.parts[0] == "Datastream" for path in named):
            if len(streams) > MOST_CASES:
                raise bad("$orderby", None, f"of {MOST_CASES} Datastreams at most; filter them")
            return [self._ranks(node, streams)]
        if any(path.parts[0] == "Datastream" for path in named):
            raise bad("$orderby", named[0].text[:60], "give it as a key of its own")
        value = self._compiler(streams).value(node)
        if value.sort in ("null", "json"):
            raise bad("$orderby", None, "order by a number, a text or a time")
        return [value.sql] if value.end is None else [value.sql, value.end]

    def _ranks(self, node: Node, streams: Sequence[Stream]) -> ColumnElement[Any]:
        entities = self.catalogue.entities["Datastreams"]
        stripped = _stripped(node)
        keys = {
            each.series: self.evaluator.key(stripped, entities[each.series]) for each in streams
        }
        order = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
        nothing = sortable(None)
        ranks = {name: order[key] for name, key in keys.items() if key != nothing}
        return case(ranks, value=O.c.series, else_=None) if ranks else literal(0)

    def _seen(self, row: Row[Any]) -> Seen:
        return seen(row, self.catalogue.streams[row.series])


@dataclass(frozen=True)
class _Group:
    streams: Sequence[Stream]
    condition: ColumnElement[bool]


def _stripped(node: Node) -> Node:
    if isinstance(node, Path):
        return Path(node.parts[1:])
    if isinstance(node, Call):
        return Call(node.name, tuple(map(_stripped, node.arguments)))
    return node
