"""Resource paths (OGC 18-088, clause 9.2): entity sets, entities, properties, navigation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.observe.sta.model import ID, KINDS, SELF, Kind, bad, not_there

LONGEST = 600
DEEPEST = 8
REF, VALUE = "$ref", "$value"
_SEGMENT = re.compile(r"([^(/]+)(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One part of a path: a set or navigation property, and the id in brackets, if any."""

    name: str
    id: str | None = None


@dataclass(frozen=True)
class Resource:
    """What a path addresses.

    Attributes:
        steps: from the root, each leading on from the one before.
        kind: the entity set that the last step belongs to.
        single: whether one entity is addressed, not a set.
        property: names from the entity's property downwards, if one is addressed.
        ending: ``$ref``, ``$value`` or nothing.
    """

    steps: tuple[Step, ...]
    kind: Kind
    single: bool
    property: tuple[str, ...] = ()
    ending: str = ""


def read_path(text: str) -> Resource:
    """The resource that a path addresses, decoded, without the root and options.

    Raises `Refusal`: ``not_found`` for a path that leads nowhere.
    """
    if len(text) > LONGEST:
        raise bad("path", None, f"send a path of at most {LONGEST} characters")
    segments = _segments(text)
    ending = segments.pop() if segments[-1] in (REF, VALUE) else ""
    steps: list[Step] = []
    kind: Kind | None = None
    single = False
    while segments:
        match = _SEGMENT.fullmatch(segments[0])
        if match is None:
            raise not_there(text)
        name, raw = match[1], match[2]
        if kind is None:
            if name not in KINDS:
                raise not_there(text)
            kind, many = KINDS[name], True
        elif single and name in kind.relations:
            relation = kind.relations[name]
            kind, many = KINDS[relation.kind], relation.many
        else:
            break
        if raw is not None and not many:
            raise not_there(text)
        steps.append(Step(name, None if raw is None else _id(raw)))
        single = raw is not None or not many
        segments.pop(0)
        if len(steps) > DEEPEST:
            raise bad("path", text[:80], f"at most {DEEPEST} steps")
    if kind is None or (segments and not single):
        raise not_there(text)
    if segments and segments[0] not in ("id", ID, SELF, *kind.properties):
        raise not_there(text)
    if (ending == VALUE and not segments) or (ending == REF and segments):
        raise bad("path", ending, "$value follows a property, $ref an entity or a set")
    return Resource(tuple(steps), kind, single, tuple(segments), ending)


def _segments(text: str) -> list[str]:
    """The path at every slash outside of strings."""
    parts, start, quoted = [], 0, False
    for at, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif letter == "/" and not quoted:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    while parts and not parts[-1]:
        parts.pop()  # a slash at the end changes nothing
    if not all(parts) or not parts:
        raise not_there(text)
    return parts


def _id(raw: str) -> str:
    """``'zhapu'`` or ``7``; our ids are text."""
    if len(raw) >= 2 and raw[0] == raw[-1] == "'":
        return raw[1:-1].replace("''", "'")
    return raw
