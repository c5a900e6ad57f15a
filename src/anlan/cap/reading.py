"""CAP 1.2 XML as an :class:`~anlan.cap.alert.Alert`: hostile input first, then form, then values.

A message comes from outside. Its size, depth and number of elements are bounded before anything
is built, and every DOCTYPE is refused, so that entities never come into play. The schema's order
and multiplicity are checked here; the rules of the standard's text are in :mod:`anlan.cap.rules`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from anlan.cap.alert import (
    NAMESPACE,
    Alert,
    Area,
    CapError,
    Category,
    Certainty,
    Info,
    MsgType,
    Named,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from anlan.cap.coordinates import read_circle, read_ring
from anlan.cap.times import read_time

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_BYTES = 4 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 32

# Name, least and greatest number (None: any), in the order of the schema.
_Form: TypeAlias = tuple[tuple[str, int, int | None], ...]
ALERT: _Form = (
    *((name, 1, 1) for name in ("identifier", "sender", "sent", "status", "msgType")),
    ("source", 0, 1),
    ("scope", 1, 1),
    ("restriction", 0, 1),
    ("addresses", 0, 1),
    ("code", 0, None),
    *((name, 0, 1) for name in ("note", "references", "incidents")),
    ("info", 0, None),
)
INFO: _Form = (
    ("language", 0, 1),
    ("category", 1, None),
    ("event", 1, 1),
    ("responseType", 0, None),
    *((name, 1, 1) for name in ("urgency", "severity", "certainty")),
    ("audience", 0, 1),
    ("eventCode", 0, None),
    *((name, 0, 1) for name in ("effective", "onset", "expires", "senderName", "headline")),
    *((name, 0, 1) for name in ("description", "instruction", "web", "contact")),
    ("parameter", 0, None),
    ("resource", 0, None),
    ("area", 0, None),
)
_RESOURCE: _Form = (
    ("resourceDesc", 1, 1),
    ("mimeType", 1, 1),
    *((name, 0, 1) for name in ("size", "uri", "derefUri", "digest")),
)
AREA: _Form = (
    ("areaDesc", 1, 1),
    *((name, 0, None) for name in ("polygon", "circle", "geocode")),
    ("altitude", 0, 1),
    ("ceiling", 0, 1),
)
_NAMED: _Form = (("valueName", 1, 1), ("value", 1, 1))


class _BoundedBuilder(ET.TreeBuilder):
    """Builds the tree and stops a flood of elements before it costs memory."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH:
            raise CapError([f"elements are nested more than {MAX_DEPTH} deep; send plain CAP 1.2"])
        if self._count > MAX_ELEMENTS:
            raise CapError([f"more than {MAX_ELEMENTS} elements; split the message"])
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def read(data: bytes) -> Alert:
    """The alert in a CAP 1.2 document. Elements of other namespaces (a signature) are left out.

    Raises:
        CapError: for a DOCTYPE, more than 4 MiB, bad XML, another namespace, a missing, repeated,
            misplaced or unknown element, or a value that cannot be read. All faults are named.
    """
    return alert_of(parse(data))


def alert_of(root: ET.Element) -> Alert:
    """The alert of a parsed document; raises `CapError` like `read`."""
    space, _, name = root.tag.rpartition("}")
    if space.lstrip("{") != NAMESPACE or name != "alert":
        raise CapError(
            [f"the root element is '{root.tag[:100]}'; send an alert of namespace {NAMESPACE}"]
        )
    reader = _Reader()
    alert = reader.alert(root)
    if reader.problems or alert is None:
        raise CapError(reader.problems[:50])
    return alert


def parse(data: bytes) -> ET.Element:
    """The elements of a document within the bounds of this module.

    Raises:
        CapError: for a DOCTYPE, too much of anything, or bad XML.
    """
    if len(data) > MAX_BYTES:
        raise CapError([f"the message has {len(data)} bytes; at most {MAX_BYTES} are read"])
    parser = DefusedXMLParser(
        target=_BoundedBuilder(), forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(data)
        root: ET.Element = parser.close()
    except DefusedXmlException:
        raise CapError(["the message has a DOCTYPE, which CAP never needs; remove it"]) from None
    except ET.ParseError as error:
        raise CapError([f"the message is not well-formed XML: {error}"]) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, CapError):
            raise
        raise CapError([f"the message's encoding cannot be read: {error}; use UTF-8"]) from None
    return root


class _Faulty(Exception):  # noqa: N818  inner signal: the fault is already on the list
    pass


class _Part:
    """The CAP children of one element, by name, with the faults of their order and number."""

    def __init__(self, element: ET.Element, form: _Form, path: str, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        self.children: dict[str, list[ET.Element]] = {name: [] for name, _, _ in form}
        places = {name: place for place, (name, _, _) in enumerate(form)}
        reached = 0
        for child in element:
            space, _, name = child.tag.rpartition("}")
            if space.lstrip("{") != NAMESPACE:
                continue
            if name not in places:
                problems.append(f"{path}: the element '{name[:40]}' is not CAP 1.2; remove it")
                continue
            if places[name] < reached:
                problems.append(f"{path}: '{name}' stands too late; keep the schema's order")
            reached = max(reached, places[name])
            self.children[name].append(child)
        for name, least, most in form:
            found = len(self.children[name])
            if found < least:
                problems.append(f"{path}: '{name}' is missing; add it")
            if most is not None and found > most:
                problems.append(f"{path}: '{name}' stands {found} times; keep one")

    def texts(self, name: str) -> tuple[str, ...]:
        for child in self.children[name]:
            if len(child):
                self.problems.append(f"{self.path}: '{name}' holds elements; write plain text")
        return tuple(child.text or "" for child in self.children[name])

    def text(self, name: str) -> str | None:
        found = self.texts(name)
        return found[0] if found else None

    def needed(self, name: str) -> str:
        return self.text(name) or ""

    def parsed(self, name: str, text: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(text.strip())
        except ValueError as error:
            self.problems.append(f"{self.path}/{name}: {error}")
            raise _Faulty from None

    def each(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        values: list[T] = []
        for text in self.texts(name):
            try:
                values.append(self.parsed(name, text, parse))
            except _Faulty:
                continue
        return tuple(values)

    def maybe(self, name: str, parse: Callable[[str], T]) -> T | None:
        found = self.each(name, parse)
        return found[0] if found else None

    def one(self, name: str, parse: Callable[[str], T]) -> T:
        found = self.each(name, parse)
        if not found:
            raise _Faulty
        return found[0]


def _word(kind: type[E]) -> Callable[[str], E]:
    def parse(text: str) -> E:
        try:
            return kind(text)
        except ValueError:
            choices = ", ".join(each.value for each in kind)
            raise ValueError(f"'{text[:40]}' is not one of {choices}") from None

    return parse


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise ValueError(f"'{text[:40]}' is not a whole number of bytes")
    return int(text)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' is not a number of feet") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"'{text[:40]}' is not finite")
    return value


def _references(text: str) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for part in text.split():
        pieces = part.split(",")
        if len(pieces) != 3 or not all(pieces):
            raise ValueError(f"'{part[:60]}' is not sender,identifier,sent")
        found.append(Reference(pieces[0], pieces[1], read_time(pieces[2])))
    if not found:
        raise ValueError("it is empty; write sender,identifier,sent or leave it out")
    return tuple(found)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def alert(self, element: ET.Element) -> Alert | None:
        part = _Part(element, ALERT, "alert", self.problems)
        infos: list[Info] = []
        for number, child in enumerate(part.children["info"], 1):
            try:
                infos.append(self._info(child, f"alert/info[{number}]"))
            except _Faulty:
                continue
        references = part.maybe("references", _references)
        sent: datetime | None = part.maybe("sent", read_time)
        try:
            status = part.one("status", _word(Status))
            msg_type = part.one("msgType", _word(MsgType))
            scope = part.one("scope", _word(Scope))
        except _Faulty:
            return None
        if sent is None:
            return None
        return Alert(
            identifier=part.needed("identifier"),
            sender=part.needed("sender"),
            sent=sent,
            status=status,
            msg_type=msg_type,
            scope=scope,
            source=part.text("source"),
            restriction=part.text("restriction"),
            addresses=part.text("addresses"),
            codes=part.texts("code"),
            note=part.text("note"),
            references=references or (),
            incidents=part.text("incidents"),
            infos=tuple(infos),
        )

    def _info(self, element: ET.Element, path: str) -> Info:
        part = _Part(element, INFO, path, self.problems)
        return Info(
            language=part.text("language"),
            categories=part.each("category", _word(Category)),
            event=part.needed("event"),
            response_types=part.each("responseType", _word(ResponseType)),
            urgency=part.one("urgency", _word(Urgency)),
            severity=part.one("severity", _word(Severity)),
            certainty=part.one("certainty", _word(Certainty)),
            audience=part.text("audience"),
            event_codes=self._named(part, "eventCode"),
            effective=part.maybe("effective", read_time),
            onset=part.maybe("onset", read_time),
            expires=part.maybe("expires", read_time),
            sender_name=part.text("senderName"),
            headline=part.text("headline"),
            description=part.text("description"),
            instruction=part.text("instruction"),
            web=part.text("web"),
            contact=part.text("contact"),
            parameters=self._named(part, "parameter"),
            resources=tuple(
                self._resource(child, f"{path}/resource[{number}]")
                for number, child in enumerate(part.children["resource"], 1)
            ),
            areas=tuple(
                self._area(child, f"{path}/area[{number}]")
                for number, child in enumerate(part.children["area"], 1)
            ),
        )

    def _named(self, parent: _Part, name: str) -> tuple[Named, ...]:
        parts = [
            _Part(child, _NAMED, f"{parent.path}/{name}[{number}]", self.problems)
            for number, child in enumerate(parent.children[name], 1)
        ]
        return tuple((part.needed("valueName"), part.needed("value")) for part in parts)

    def _resource(self, element: ET.Element, path: str) -> Resource:
        part = _Part(element, _RESOURCE, path, self.problems)
        return Resource(
            description=part.needed("resourceDesc"),
            mime_type=part.needed("mimeType"),
            size=part.maybe("size", _size),
            uri=part.text("uri"),
            deref_uri=part.text("derefUri"),
            digest=part.text("digest"),
        )

    def _area(self, element: ET.Element, path: str) -> Area:
        part = _Part(element, AREA, path, self.problems)
        return Area(
            description=part.needed("areaDesc"),
            polygons=part.each("polygon", read_ring),
            circles=part.each("circle", read_circle),
            geocodes=self._named(part, "geocode"),
            altitude=part.maybe("altitude", _number),
            ceiling=part.maybe("ceiling", _number),
        )
