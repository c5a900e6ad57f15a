"""Reading what others really send: CAP with known slips put right, each of them named.

Messages of Chinese warning centres lack urgency and certainty, write times without seconds or
zone, give the colour where the severity belongs, and carry elements of the national profile
(eventType, secClassification); some leave out the namespace. What is only unusual is put right
and said; what would be a guess (an unreadable time, no identifier) stays a fault.

What may be put right is small and fixed. The repaired document is then read by the same strict
reader as any other, so that nothing gets in by this door that `anlan.cap.read` would not take.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from anlan.cap.alert import NAMESPACE, Alert
from anlan.cap.reading import ALERT, AREA, INFO, alert_of, parse

_CAP = f"{{{NAMESPACE}}}"
_NAMES = {
    "alert": [name for name, _, _ in ALERT],
    "info": [name for name, _, _ in INFO],
    "area": [name for name, _, _ in AREA],
}
_ONCE = {
    "alert": {name for name, _, most in ALERT if most == 1},
    "info": {name for name, _, most in INFO if most == 1},
    "area": {name for name, _, most in AREA if most == 1},
}
_TIMES = ("sent", "effective", "onset", "expires")
_UNKNOWN = ("urgency", "severity", "certainty")
# blue, yellow, orange, red are Minor, Moderate, Severe, Extreme
SEVERITY_OF_COLOUR = {"蓝": "Minor", "黄": "Moderate", "橙": "Severe", "红": "Extreme"}
_SEVERITY_WORDS = {
    **SEVERITY_OF_COLOUR,
    **{"blue": "Minor", "yellow": "Moderate", "orange": "Severe", "red": "Extreme"},
    **{"蓝色": "Minor", "黄色": "Moderate", "橙色": "Severe", "红色": "Extreme"},
}
_WORDS = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}
_TIME = re.compile(
    r"(\d{4})[-/](\d\d?)[-/](\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?"
    r"\s*(Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True)
class Received:
    """A message as it may be used, and what had to be put right for that."""

    alert: Alert
    repairs: tuple[str, ...]


def read_received(data: bytes, zone: tzinfo | None = None) -> Received:
    """The alert in a document of somebody else.

    Args:
        data: the document.
        zone: of times that name none; without it they are faults.

    Raises:
        CapError: for everything that `anlan.cap.read` refuses and this module does not put right.
    """
    root = parse(data)
    mend = _Mending(zone)
    mend.alert(root)
    return Received(alert_of(root), tuple(dict.fromkeys(mend.repairs)))


class _Mending:
    def __init__(self, zone: tzinfo | None) -> None:
        self.zone = zone
        self.repairs: list[str] = []

    def say(self, sentence: str) -> None:
        self.repairs.append(sentence)

    def alert(self, root: ET.Element) -> None:
        if root.tag == "alert":
            self.say(f"the namespace {NAMESPACE} was missing")
            for element in root.iter():
                if isinstance(element.tag, str) and "}" not in element.tag:
                    element.tag = f"{_CAP}{element.tag}"
        if root.tag != f"{_CAP}alert":
            return
        self._drop_empty(root, "alert")
        self._words(root, ("status", "msgType", "scope"))
        self._times(root)
        self._references(root)
        if _find(root, "scope") is None:
            self.say("'scope' was missing; read as Public")
            _add(root, "scope", "Public")
        for info in root.findall(f"{_CAP}info"):
            self._info(info)
        self._order(root, "alert")

    def _info(self, info: ET.Element) -> None:
        self._drop_empty(info, "info")
        kind = _find(info, "eventType")
        if kind is not None and (kind.text or "").strip():
            code = ET.SubElement(info, f"{_CAP}eventCode")
            ET.SubElement(code, f"{_CAP}valueName").text = "eventType"
            ET.SubElement(code, f"{_CAP}value").text = (kind.text or "").strip()
            if _find(info, "event") is None:
                self.say("'event' was missing; its code stands for it")
                _add(info, "event", (kind.text or "").strip())
        self._words(info, _UNKNOWN)
        for name in _UNKNOWN:
            if _find(info, name) is None:
                self.say(f"'{name}' was missing; read as Unknown")
                _add(info, name, "Unknown")
        if _find(info, "category") is None:
            self.say("'category' was missing; read as Other")
            _add(info, "category", "Other")
        language = _find(info, "language")
        if language is not None and "_" in (language.text or ""):
            self.say(f"the language '{(language.text or '')[:20]}' was written with _")
            language.text = (language.text or "").replace("_", "-")
        self._times(info)
        for area in info.findall(f"{_CAP}area"):
            self._drop_empty(area, "area")
            if _find(area, "areaDesc") is None:
                self.say("'areaDesc' was missing; left empty")
                _add(area, "areaDesc", "")
            self._order(area, "area")
        self._order(info, "info")

    def _drop_empty(self, parent: ET.Element, form: str) -> None:
        """An optional element without text says nothing: <references/>, <note/>, <expires/>."""
        for child in list(parent):
            name = _name(child)
            if name in (None, "identifier", "sender", "sent", "areaDesc"):
                continue
            if not len(child) and not (child.text or "").strip():
                parent.remove(child)
        seen: set[str] = set()
        for child in list(parent):
            name = _name(child)
            if name in _ONCE[form] and name in seen and _same(child, _find(parent, name)):
                self.say(f"'{name}' stood twice with the same text")
                parent.remove(child)
            seen.add(name or "")

    def _words(self, parent: ET.Element, names: Iterable[str]) -> None:
        for name in names:
            element = _find(parent, name)
            if element is None:
                continue
            given = (element.text or "").strip()
            plain = {word.lower(): word for word in _WORDS[name]}
            word = plain.get(given.lower())
            if word is None and name == "severity":
                word = _SEVERITY_WORDS.get(given.lower())
            if word is not None and word != given:
                self.say(f"{name} '{given[:20]}' was read as {word}")
            element.text = word if word is not None else given

    def _times(self, parent: ET.Element) -> None:
        for name in _TIMES:
            element = _find(parent, name)
            if element is None:
                continue
            given = (element.text or "").strip()
            put_right = self._time(given)
            if put_right is not None and put_right != given:
                self.say(f"{name} '{given[:40]}' was read as {put_right}")
                element.text = put_right

    def _time(self, given: str) -> str | None:
        found = _TIME.fullmatch(given)
        if found is None:
            return None
        year, month, day, hour, minute = (int(each) for each in found.groups()[:5])
        offset = found[7]
        try:
            moment = datetime(year, month, day, hour, minute, int(found[6] or 0))  # noqa: DTZ001
        except ValueError:
            return None
        if offset is None:
            if self.zone is None:
                return None
            shift = moment.replace(tzinfo=self.zone).utcoffset() or timedelta(0)
            minutes = int(shift.total_seconds()) // 60
            offset = (
                f"{'+' if minutes >= 0 else '-'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
            )
        elif offset == "Z":
            offset = "-00:00"
        elif ":" not in offset:
            offset = f"{offset[:3]}:{offset[3:]}"
        return f"{moment:%Y-%m-%dT%H:%M:%S}{offset}".rjust(25, "0")

    def _references(self, root: ET.Element) -> None:
        """Times inside references are put right too; what is no triple is left out and said."""
        element = _find(root, "references")
        if element is None:
            return
        kept = []
        text = re.sub(r"(\d{4}-\d\d-\d\d) (\d\d:)", r"\1T\2", element.text or "")
        for part in text.split():
            pieces = part.split(",")
            sent = self._time(pieces[2]) if len(pieces) == 3 else None
            if sent is None or not pieces[0] or not pieces[1]:
                self.say(f"reference '{part[:60]}' is not sender,identifier,sent; left out")
                continue
            kept.append(f"{pieces[0]},{pieces[1]},{sent}")
        if kept:
            element.text = " ".join(kept)
        else:
            root.remove(element)

    def _order(self, parent: ET.Element, form: str) -> None:
        """Children in the schema's order; what the schema does not know is left out."""
        names = _NAMES[form]
        known, foreign = [], []
        for child in parent:
            name = _name(child)
            if name is None:
                foreign.append(child)
            elif name in names:
                known.append(child)
            elif name != "eventType":
                self.say(f"the element '{name[:40]}' is not CAP 1.2; left out")
        ordered = sorted(known, key=lambda child: names.index(_name(child) or ""))
        for child in list(parent):
            parent.remove(child)
        parent.extend([*ordered, *foreign])


def _name(element: ET.Element) -> str | None:
    """The element's name, None outside CAP's namespace."""
    tag = element.tag
    return tag[len(_CAP) :] if isinstance(tag, str) and tag.startswith(_CAP) else None


def _find(parent: ET.Element, name: str) -> ET.Element | None:
    return parent.find(f"{_CAP}{name}")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{_CAP}{name}").text = text


def _same(one: ET.Element, other: ET.Element | None) -> bool:
    return other is not None and one is not other and (one.text or "") == (other.text or "")
