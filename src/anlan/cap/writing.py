"""An :class:`~anlan.cap.alert.Alert` as CAP 1.2 XML, elements in the order of the schema."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from anlan.cap.alert import NAMESPACE, Alert, Area, CapError, Info, Named, Reference, Resource
from anlan.cap.coordinates import circle_text, decimal_text, ring_text
from anlan.cap.times import time_text

# Characters that XML 1.0 cannot carry, not even escaped.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _escape(text: str) -> str:
    found = _FORBIDDEN.search(text)
    if found:
        raise ValueError(f"the character U+{ord(found[0]):04X} cannot stand in XML; remove it")
    # A bare carriage return would be read back as a line feed.
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    )


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def text(self, name: str, value: str | None) -> None:
        if value is None:
            return
        try:
            escaped = _escape(value)
        except ValueError as error:
            raise CapError([f"{name}: {error}"]) from None
        self.lines.append(f"{'  ' * self.depth}<{name}>{escaped}</{name}>")

    def texts(self, name: str, values: Iterable[str]) -> None:
        for value in values:
            self.text(name, value)

    def time(self, name: str, value: datetime | None) -> None:
        if value is None:
            return
        try:
            self.text(name, time_text(value))
        except ValueError as error:
            raise CapError([f"{name}: {error}"]) from None

    def open(self, name: str, attributes: str = "") -> None:
        self.lines.append(f"{'  ' * self.depth}<{name}{attributes}>")
        self.depth += 1

    def close(self, name: str) -> None:
        self.depth -= 1
        self.lines.append(f"{'  ' * self.depth}</{name}>")

    def named(self, name: str, pairs: Iterable[Named]) -> None:
        for value_name, value in pairs:
            self.open(name)
            self.text("valueName", value_name)
            self.text("value", value)
            self.close(name)


def write(alert: Alert) -> bytes:
    """The message as UTF-8 XML; equal alerts give equal bytes.

    Raises:
        CapError: when a value has no CAP form (a naive time, a character XML cannot carry, a
            coordinate that is not finite).
    """
    out = _Writer()
    out.open("alert", f' xmlns="{NAMESPACE}"')
    out.text("identifier", alert.identifier)
    out.text("sender", alert.sender)
    out.time("sent", alert.sent)
    out.text("status", alert.status)
    out.text("msgType", alert.msg_type)
    out.text("source", alert.source)
    out.text("scope", alert.scope)
    out.text("restriction", alert.restriction)
    out.text("addresses", alert.addresses)
    out.texts("code", alert.codes)
    out.text("note", alert.note)
    if alert.references:
        out.text("references", " ".join(_reference(each) for each in alert.references))
    out.text("incidents", alert.incidents)
    for info in alert.infos:
        _info(out, info)
    out.close("alert")
    body = "\n".join(out.lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def _reference(reference: Reference) -> str:
    for value in (reference.sender, reference.identifier):
        if not value or re.search(r"[\s,]", value):
            raise CapError([f"references: '{value}' is empty or holds a blank or comma"])
    try:
        return f"{reference.sender},{reference.identifier},{time_text(reference.sent)}"
    except ValueError as error:
        raise CapError([f"references: {error}"]) from None


def _info(out: _Writer, info: Info) -> None:
    out.open("info")
    out.text("language", info.language)
    out.texts("category", info.categories)
    out.text("event", info.event)
    out.texts("responseType", info.response_types)
    out.text("urgency", info.urgency)
    out.text("severity", info.severity)
    out.text("certainty", info.certainty)
    out.text("audience", info.audience)
    out.named("eventCode", info.event_codes)
    out.time("effective", info.effective)
    out.time("onset", info.onset)
    out.time("expires", info.expires)
    out.text("senderName", info.sender_name)
    out.text("headline", info.headline)
    out.text("description", info.description)
    out.text("instruction", info.instruction)
    out.text("web", info.web)
    out.text("contact", info.contact)
    out.named("parameter", info.parameters)
    for resource in info.resources:
        _resource(out, resource)
    for area in info.areas:
        _area(out, area)
    out.close("info")


def _resource(out: _Writer, resource: Resource) -> None:
    out.open("resource")
    out.text("resourceDesc", resource.description)
    out.text("mimeType", resource.mime_type)
    out.text("size", None if resource.size is None else str(resource.size))
    out.text("uri", resource.uri)
    out.text("derefUri", resource.deref_uri)
    out.text("digest", resource.digest)
    out.close("resource")


def _area(out: _Writer, area: Area) -> None:
    out.open("area")
    out.text("areaDesc", area.description)
    try:
        out.texts("polygon", [ring_text(ring) for ring in area.polygons])
        out.texts("circle", [circle_text(circle) for circle in area.circles])
        out.named("geocode", area.geocodes)
        out.text("altitude", None if area.altitude is None else decimal_text(area.altitude))
        out.text("ceiling", None if area.ceiling is None else decimal_text(area.ceiling))
    except CapError:
        raise
    except ValueError as error:
        raise CapError([f"area '{area.description[:40]}': {error}"]) from None
    out.close("area")
