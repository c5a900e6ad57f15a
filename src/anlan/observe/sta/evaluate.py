"""$filter and $orderby over entities held in memory.

A path through a navigation property that leads to many gives many values; a comparison is true
when it is true of any of them (as the examples of OGC 18-088, clause 9.3.3.5 have it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from anlan.observe.sta import functions
from anlan.observe.sta.catalogue import Catalogue, Entity
from anlan.observe.sta.expression import Call, Literal, Node, Path, paths
from anlan.observe.sta.lexer import Span, span
from anlan.observe.sta.model import ID, KINDS, OBSERVATIONS, SELF, bad
from anlan.observe.sta.query import resolve

MOST_VALUES = 5_000
TIMES = frozenset(name for kind in KINDS.values() for name in kind.times)
SHAPES = frozenset({"location", "feature", "observedArea"})


@dataclass(frozen=True)
class Evaluator:
    """Expressions over entities.

    Attributes:
        observed: whether any observation of these Datastreams or FeaturesOfInterest meets a
            condition.
        reach: the phenomenonTime of a Datastream, from its first observation to its last.
        watch: raises `Refusal` when the request has taken its time.
    """

    catalogue: Catalogue
    now: datetime
    observed: Callable[[Sequence[Entity], Node], bool]
    reach: Callable[[Entity], Span | None]
    watch: Callable[[], None] = lambda: None

    def true(self, node: Node, entity: Entity) -> bool:
        """Whether the expression is true of the entity; null is not."""
        if isinstance(node, Call) and node.name == "or":
            return any(self.true(each, entity) for each in node.arguments)
        if isinstance(node, Call) and node.name == "not":
            return not self.true(node.arguments[0], entity)
        if isinstance(node, Call) and node.name == "and":
            return self._all(node.arguments, entity)
        return self._all((node,), entity)

    def _all(self, conditions: Sequence[Node], entity: Entity) -> bool:
        """Conditions on observations must be met by one and the same observation."""
        of_observations: dict[tuple[str, ...], list[Node]] = {}
        for each in conditions:
            steps = _to_observations(each, entity)
            if steps is not None:
                of_observations.setdefault(steps, []).append(_without(each, len(steps)))
            elif isinstance(each, Call) and each.name in ("and", "or", "not"):
                if not self.true(each, entity):
                    return False
            elif not any(value is True for value in self.values(each, entity)):
                return False
        for steps, nodes in of_observations.items():
            at = self._follow(entity, steps[:-1])
            condition = nodes[0] if len(nodes) == 1 else Call("and", tuple(nodes))
            if not at or not self.observed(at, condition):
                return False
        return True

    def key(self, node: Node, entity: Entity) -> Any:
        """What an entity is ordered by: the least of the values, if there are several."""
        return min(map(sortable, self.values(node, entity)), default=sortable(None))

    def values(self, node: Node, entity: Entity) -> list[Any]:
        """All values of an expression."""
        self.watch()
        if isinstance(node, Literal):
            return [node.value]
        if isinstance(node, Path):
            return list(self._named(node, entity))
        if node.name in ("and", "or", "not"):
            return [self.true(node, entity)]
        found = [self.values(each, entity) for each in node.arguments]
        size = 1
        for each in found:
            size *= len(each)
        if size > MOST_VALUES:
            raise bad("$filter", node.name, f"compare at most {MOST_VALUES} pairs at once")
        return [functions.apply(node.name, each, self.now) for each in product(*found)]

    def _follow(self, entity: Entity, steps: Sequence[str]) -> list[Entity]:
        found = [entity]
        for step in steps:
            reached = {
                (each.kind, each.id): each
                for one in found
                for each in self.catalogue.related(one, step)
            }
            found = list(reached.values())
        return found

    def _named(self, path: Path, entity: Entity) -> Iterator[Any]:
        steps, _, names = resolve(path, KINDS[entity.kind])
        for each in self._follow(entity, steps):
            yield self.property(each, names)

    def property(self, entity: Entity, names: Sequence[str]) -> Any:
        """A property of an entity as a value, or what it holds further down; None if nothing."""
        first, *rest = names
        if first in ("id", ID):
            return entity.id
        if first == SELF:
            return None
        if entity.kind == "Datastreams" and first == "phenomenonTime":
            return self.reach(entity)
        value = entity.properties.get(first)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        if not rest and first in TIMES and isinstance(value, str):
            return span(value)
        if not rest and first in SHAPES:
            shape = functions.geometry(value)
            return value if shape is None else shape
        return value


def _to_observations(node: Node, entity: Entity) -> tuple[str, ...] | None:
    """The navigation properties up to Observations that all paths of a condition share."""
    if isinstance(node, Call) and node.name in ("and", "or", "not"):
        return None
    found = set()
    for path in paths(node):
        steps, _, _ = resolve(path, KINDS[entity.kind])
        found.add(tuple(steps[: steps.index(OBSERVATIONS) + 1]) if OBSERVATIONS in steps else None)
    if found - {None} and len(found) > 1:
        raise bad("$filter", None, "compare properties of Observations with values only")
    return found.pop() if found else None


def _without(node: Node, steps: int) -> Node:
    if isinstance(node, Path):
        return Path(node.parts[steps:])
    if isinstance(node, Call):
        return Call(node.name, tuple(_without(each, steps) for each in node.arguments))
    return node


def sortable(value: Any) -> tuple[int, Any]:
    """A key by which values of any sort can be ordered: nothing comes first."""
    if value is None:
        return (0, 0)
    if isinstance(value, (bool, int, float)):
        return (1, float(value))
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, Span):
        return (3, (value.start, value.end))
    return (4, str(value))


def specialise(node: Node, entity: Entity, evaluator: Evaluator) -> Node:
    """A condition on observations with what it says of their Datastream put in."""
    if isinstance(node, Call) and node.name in ("and", "or"):
        parts = [specialise(each, entity, evaluator) for each in node.arguments]
        ends = node.name == "or"  # what decides it alone
        if any(isinstance(each, Literal) and each.value is ends for each in parts):
            return Literal(ends)
        left = tuple(each for each in parts if not isinstance(each, Literal) or each.value is ends)
        if not left:
            return Literal(not ends)
        return left[0] if len(left) == 1 else Call(node.name, left)
    if isinstance(node, Call) and node.name == "not":
        inner = specialise(node.arguments[0], entity, evaluator)
        return (
            Literal(inner.value is not True)
            if isinstance(inner, Literal)
            else Call("not", (inner,))
        )
    named = list(paths(node))
    if named and all(path.parts[0] == "Datastream" for path in named):
        return Literal(evaluator.true(_without(node, 1), entity))
    return _put_in(node, entity, evaluator)


def _put_in(node: Node, entity: Entity, evaluator: Evaluator) -> Node:
    if isinstance(node, Path) and node.parts[0] == "Datastream":
        values = evaluator.values(Path(node.parts[1:]), entity)
        if len(values) > 1:
            raise bad("$filter", node.text[:60], "compare a reading with one value, not with many")
        value = values[0] if values else None
        return Literal(value if not isinstance(value, (dict, list)) else None)
    if isinstance(node, Call):
        return Call(node.name, tuple(_put_in(each, entity, evaluator) for each in node.arguments))
    return node
