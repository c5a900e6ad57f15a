"""Reading $filter and $orderby expressions (OGC 18-088, clause 9.3.3.5) into a tree.

A recursive-descent reader with a bound on depth and size: what comes from outside can neither
exhaust the stack nor the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from anlan.observe.sta.lexer import Token, words, wrong
from anlan.refusal import Refusal

DEEPEST = 40
MOST_NODES = 400


@dataclass(frozen=True)
class Literal:
    """A value: text, number, truth, null, time, duration or geometry."""

    value: Any


@dataclass(frozen=True)
class Path:
    """A property, through navigation properties if need be: ``Datastream/Thing/name``."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """As written."""
        return "/".join(self.parts)


@dataclass(frozen=True)
class Call:
    """An operator or function over its arguments."""

    name: str
    arguments: tuple[Node, ...]


Node = Literal | Path | Call

COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
#: Functions of tables 22 and 23 of the standard: least and most arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "substringof": (2, 2),
    "contains": (2, 2),  # OData 4's name for it, the other way round
    "endswith": (2, 2),
    "startswith": (2, 2),
    "length": (1, 1),
    "indexof": (2, 2),
    "substring": (2, 3),
    "tolower": (1, 1),
    "toupper": (1, 1),
    "trim": (1, 1),
    "concat": (2, 2),
    **dict.fromkeys(
        ("year", "month", "day", "hour", "minute", "second", "fractionalseconds"), (1, 1)
    ),
    **dict.fromkeys(("date", "time", "totaloffsetminutes"), (1, 1)),
    **dict.fromkeys(("now", "mindatetime", "maxdatetime"), (0, 0)),
    **dict.fromkeys(
        ("before", "after", "meets", "during", "overlaps", "starts", "finishes"), (2, 2)
    ),
    **dict.fromkeys(("round", "floor", "ceiling"), (1, 1)),
    "geo.distance": (2, 2),
    "geo.length": (1, 1),
    "geo.intersects": (2, 2),
    **dict.fromkeys(
        (
            "st_equals",
            "st_disjoint",
            "st_touches",
            "st_within",
            "st_overlaps",
            "st_crosses",
            "st_intersects",
            "st_contains",
        ),
        (2, 2),
    ),
    "st_relate": (3, 3),
}
#: Functions whose answer is a truth by itself.
TRUTHS = frozenset(
    {"substringof", "contains", "endswith", "startswith", "geo.intersects"}
    | {name for name in FUNCTIONS if name.startswith("st_")}
    | {"before", "after", "meets", "during", "overlaps", "starts", "finishes"}
    | {"and", "or", "not", *COMPARISONS}
)
_WORDS = {"true": True, "false": False, "null": None}


def paths(node: Node) -> Iterator[Path]:
    """Every property that an expression names."""
    if isinstance(node, Path):
        yield node
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from paths(argument)


def read_filter(text: str) -> Node:
    """The tree of a $filter. Raises `Refusal` naming the place, and what would be taken."""
    reader = _Reader(text)
    node = reader.either()
    reader.end()
    truth = isinstance(node, Call) and node.name in TRUTHS
    literal = isinstance(node, Literal) and isinstance(node.value, bool)
    # whether a property is true or false by itself cannot be told before it is looked at
    if not (truth or literal or isinstance(node, Path)):
        raise wrong(text, 0, "is neither true nor false", "compare it, as in result gt 3.5")
    return node


def read_orderby(text: str) -> list[tuple[Node, bool]]:
    """The keys of a $orderby, each with whether it descends. Raises `Refusal` likewise."""
    reader = _Reader(text)
    keys = []
    while True:
        node = reader.sum()
        way = reader.word("asc", "desc")
        keys.append((node, way == "desc"))
        if not reader.mark(","):
            break
    reader.end()
    if len(keys) > 8:
        raise wrong(text, 0, f"{len(keys)} keys", "order by 8 at most")
    return keys


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = words(text)
        self.at = 0
        self.depth = 0
        self.nodes = 0

    def here(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def word(self, *names: str) -> str | None:
        """Step over one of the names, if it is next."""
        token = self.here()
        if token is not None and token.sort == "name" and token.text in names:
            self.at += 1
            return token.text
        return None

    def mark(self, mark: str) -> bool:
        """Step over a mark, if it is next."""
        token = self.here()
        if token is not None and token.sort == "mark" and token.text == mark:
            self.at += 1
            return True
        return False

    def end(self) -> None:
        """Nothing may be left."""
        if self.here() is not None:
            raise self.objection("nothing more was expected", "join conditions with and, or")

    def objection(self, problem: str, remedy: str) -> Refusal:
        token = self.here()
        return wrong(self.text, token.at if token else len(self.text), problem, remedy)

    def call(self, name: str, *arguments: Node) -> Call:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self.objection(f"more than {MOST_NODES} operations", "ask for less at once")
        return Call(name, arguments)

    def deeper(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.objection(f"nested deeper than {DEEPEST}", "use fewer brackets")
        node = read()
        self.depth -= 1
        return node

    def _row(self, names: tuple[str, ...], read: Callable[[], Node]) -> Node:
        """Operators of one rank, from left to right."""
        node = read()
        chain = 0
        while name := self.word(*names):
            chain += 1
            if chain > DEEPEST:
                raise self.objection(f"more than {DEEPEST} of {'/'.join(names)} in a row", "fewer")
            node = self.call(name, node, read())
        return node

    def _list(self, name: str, read: Callable[[], Node]) -> Node:
        """``and`` or ``or`` of any number of conditions, side by side."""
        parts = [read()]
        while self.word(name):
            parts.append(read())
        return parts[0] if len(parts) == 1 else self.call(name, *parts)

    def either(self) -> Node:
        return self._list("or", self.both)

    def both(self) -> Node:
        return self._list("and", self.negation)

    def negation(self) -> Node:
        if self.word("not"):
            return self.call("not", self.deeper(self.negation))
        return self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        name = self.word(*COMPARISONS)
        return left if name is None else self.call(name, left, self.sum())

    def sum(self) -> Node:
        return self._row(("add", "sub"), self.product)

    def product(self) -> Node:
        return self._row(("mul", "div", "mod"), self.operand)

    def operand(self) -> Node:
        token = self.here()
        if token is None:
            raise self.objection("ends too soon", "give a property or a value")
        if self.mark("("):
            node = self.deeper(self.either)
            if not self.mark(")"):
                raise self.objection("a bracket is not closed", "close it with )")
            return node
        if self.mark("-"):
            return self.call("sub", Literal(0.0), self.deeper(self.operand))
        if token.sort == "mark":
            raise self.objection("no property or value", "give one")
        self.at += 1
        if token.sort != "name":
            return Literal(token.value)
        if token.text in _WORDS:
            return Literal(_WORDS[token.text])
        if self.mark("("):
            return self.function(token)
        return Path(tuple(token.text.split("/")))

    def function(self, token: Token) -> Node:
        name = token.text
        if name not in FUNCTIONS:
            names = ", ".join(sorted(FUNCTIONS))
            raise wrong(self.text, token.at, f"function '{name[:30]}' is not known", f"use {names}")
        arguments: list[Node] = []
        if not self.mark(")"):
            while True:
                arguments.append(self.deeper(self.sum))
                if not self.mark(","):
                    break
            if not self.mark(")"):
                raise self.objection(f"{name}( is not closed", "close it with )")
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            took = f"{name} takes {least}, not {len(arguments)} arguments"
            raise wrong(self.text, token.at, took, "see table 23 of OGC 18-088")
        return self.call(name, *arguments)
