"""Query options of a request and of each $expand within it (OGC 18-088, clause 9.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from anlan.observe.sta.expression import Node, Path, paths, read_filter, read_orderby
from anlan.observe.sta.model import ID, KINDS, SELF, Kind, bad
from anlan.refusal import Refusal

PAGE = 100  # entities of one answer, unless $top says otherwise
MOST = 1000  # and at most
MOST_SKIPPED = 10_000_000
DEEPEST_EXPAND = 5
MOST_EXPANDED = 20  # navigation properties in one request
MOST_QUERY = 16_384  # characters of all options together
SYSTEM = ("filter", "select", "expand", "orderby", "top", "skip", "count", "resultFormat")
TOKEN = "skiptoken"
_OPTIONS = ", ".join("$" + name for name in SYSTEM)
ARRAY = "dataArray"


@dataclass(frozen=True)
class Query:
    """What is asked of a set of entities.

    Attributes:
        order: keys, each with whether it descends.
        token: where the page before ended, from our own nextLink.
        select: properties to show; None for all.
        expand: navigation properties to show inline, each with a query of its own.
        array: whether observations are asked for as data arrays.
        raw: the options as sent, for the link to the next page.
    """

    filter: Node | None = None
    order: tuple[tuple[Node, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    token: str = ""
    count: bool = False
    select: frozenset[str] | None = None
    expand: Mapping[str, Query] = field(default_factory=dict)
    array: bool = False
    raw: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> int:
        """How many entities one answer may hold."""
        return PAGE if self.top is None else min(self.top, MOST)


def read_query(pairs: Iterable[tuple[str, str]], kind: Kind, *, single: bool = False) -> Query:
    """The options of a request for entities of ``kind``.

    ``single``: for one entity, which can be neither filtered nor ordered nor counted.

    Raises `Refusal` naming the option: field ``option`` for one that the standard does not know,
    which must be answered with 501.
    """
    found: dict[str, str] = {}
    for name, text in pairs:
        plain = name.removeprefix("$")
        if plain not in SYSTEM and plain != TOKEN:
            if not name.startswith("$"):
                continue  # options of others, such as a proxy's, are none of ours (OData 5.2)
            raise Refusal(
                f"query option {name[:40]} is not supported; use {_OPTIONS}",
                field="option",
                value=name[:40],
                remedy=_OPTIONS,
            )
        if plain in found:
            raise bad(f"${plain}", text[:40], "give it once")
        found[plain] = text
    if sum(map(len, found.values())) > MOST_QUERY:
        raise bad("query", None, f"send at most {MOST_QUERY} characters of query options")
    return _query(found, kind, 0, [0], single)


def _query(
    found: Mapping[str, str], kind: Kind, depth: int, seen: list[int], single: bool
) -> Query:
    for name in ("filter", "orderby", "top", "skip", "count", TOKEN):
        if single and name in found:
            raise bad(f"${name}", found[name][:40], "ask it of a set; this is one entity")
    query = Query(raw=found)
    if "filter" in found:
        query = replace(query, filter=read_filter(found["filter"]))
        _known(query.filter, kind)
    if "orderby" in found:
        query = replace(query, order=tuple(read_orderby(found["orderby"])))
        for node, _ in query.order:
            _known(node, kind)
    if "top" in found:
        query = replace(query, top=_whole("$top", found["top"]))
    if "skip" in found:
        query = replace(query, skip=_whole("$skip", found["skip"]))
    if "count" in found:
        if found["count"] not in ("true", "false"):
            raise bad("$count", found["count"][:40], "write true or false")
        query = replace(query, count=found["count"] == "true")
    if "select" in found:
        query = replace(query, select=_select(found["select"], kind))
    if "expand" in found:
        query = replace(query, expand=_expand(found["expand"], kind, depth, seen))
    if "resultFormat" in found:
        if found["resultFormat"] != ARRAY or kind.name != "Observations" or single:
            raise bad(
                "$resultFormat",
                found["resultFormat"][:40],
                f"only {ARRAY}, of a set of Observations",
            )
        query = replace(query, array=True)
    return replace(query, token=found.get(TOKEN, ""))


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) > MOST_SKIPPED:
        raise bad(name, text[:40], f"write a whole number from 0 to {MOST_SKIPPED}")
    return int(text)


def _select(text: str, kind: Kind) -> frozenset[str]:
    names = set()
    for name in (each.strip() for each in text.split(",")):
        plain = ID if name in ("id", ID) else name
        if plain not in (ID, SELF, *kind.properties, *kind.relations):
            known = ", ".join(("id", *kind.properties, *kind.relations))
            raise bad("$select", name[:60], f"{kind.name} have {known}")
        names.add(plain)
    return frozenset(names)


def _expand(text: str, kind: Kind, depth: int, seen: list[int]) -> dict[str, Query]:
    if depth >= DEEPEST_EXPAND:
        raise bad("$expand", text[:40], f"expand {DEEPEST_EXPAND} levels at most")
    found: dict[str, Query] = {}
    for part in split(text, ","):
        name, _, rest = part.partition("(")
        inner: dict[str, str] = {}
        if rest:
            if not rest.endswith(")"):
                raise bad("$expand", part[:60], "close the bracket of its options with )")
            for option in split(rest[:-1], ";"):
                key, equals, value = option.partition("=")
                plain = key.strip().removeprefix("$")
                if not equals or plain not in SYSTEM[:-1] or plain in inner:
                    raise bad("$expand", option[:60], "write options like ($top=1;$select=result)")
                inner[plain] = value.strip()
        first, *deeper = name.strip().split("/")
        relation = kind.relations.get(first)
        if relation is None:
            known = ", ".join(kind.relations)
            raise bad("$expand", first[:60], f"{kind.name} lead to {known}")
        seen[0] += 1
        if seen[0] > MOST_EXPANDED:
            raise bad("$expand", text[:40], f"expand {MOST_EXPANDED} navigation properties at most")
        if deeper:
            # A/B(…): the options are those of B
            options = "(" + ";".join(f"${k}={v}" for k, v in inner.items()) + ")" if inner else ""
            inner = {"expand": "/".join(deeper) + options}
        target = KINDS[relation.kind]
        query = _query(inner, target, depth + 1, seen, not relation.many)
        if first in found:
            query = _joined(found[first], query)
        found[first] = query
    return found


def _joined(one: Query, other: Query) -> Query:
    """Datastreams/Sensor,Datastreams/Thing: both under one Datastreams."""
    plain, rest = (one, other) if not other.raw.keys() - {"expand"} else (other, one)
    if rest.raw.keys() - {"expand"}:
        raise bad("$expand", None, "expand each navigation property once, with all its options")
    return replace(plain, expand={**plain.expand, **rest.expand})


def split(text: str, mark: str) -> list[str]:
    """``text`` at every ``mark`` outside of brackets and strings."""
    parts, start, depth, quoted = [], 0, 0, False
    for at, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
            if letter == mark and depth == 0:
                parts.append(text[start:at])
                start = at + 1
    return [*parts, text[start:]]


def _known(node: Node | None, kind: Kind) -> None:
    """Refuse a path that leads nowhere, before anything is read."""
    if node is None:
        return
    for path in paths(node):
        resolve(path, kind)


def resolve(path: Path, kind: Kind) -> tuple[list[str], Kind, tuple[str, ...]]:
    """A path as navigation properties, the entity set that they reach, and what is named there.

    Raises `Refusal` for a path that leads nowhere.
    """
    steps: list[str] = []
    rest = list(path.parts)
    here = kind
    while len(rest) > 1 and rest[0] in here.relations:
        step = rest.pop(0)
        steps.append(step)
        here = KINDS[here.relations[step].kind]
        if len(steps) > DEEPEST_EXPAND:
            raise bad("$filter", path.text[:60], f"at most {DEEPEST_EXPAND} navigation properties")
    if rest[0] not in ("id", ID, SELF, *here.properties):
        known = ", ".join(("id", *here.properties, *here.relations))
        raise bad("$filter", path.text[:60], f"{here.name} have {known}")
    return steps, here, tuple(rest)
