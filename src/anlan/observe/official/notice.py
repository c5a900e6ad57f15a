"""One message of an authority in the city's words: what it warns of, how gravely, where. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from anlan.cap import Alert, Info, MsgType, Received, ResponseType, Severity
from anlan.city import City
from anlan.observe.official.places import places_of
from anlan.store import ids

LIFE = timedelta(hours=24)
"""How long a message holds that names no end."""
LONGEST = timedelta(days=15)
"""An end further ahead than this is cut: a slip of the year must not hold a warning for ever."""
MOST_TEXT = 4000
COLOURS = ("blue", "yellow", "orange", "red")
_COLOUR_OF = {
    Severity.MINOR: "blue",
    Severity.MODERATE: "yellow",
    Severity.SEVERE: "orange",
    Severity.EXTREME: "red",
}
_ZH = dict(zip("蓝黄橙红", COLOURS, strict=True))
_HEADLINE = re.compile(
    r"(?:发布|继续发布|更新|变更|升级|升级为|降级为|解除)(?P<event>[^发布解除更新变更升级降为]{1,12}?)"
    r"(?P<colour>[蓝黄橙红])色预警"
)
_COLOUR_WORD = re.compile(r"([蓝黄橙红])色")
_LIFTED = re.compile(r"解除")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Sender:
    """An authority as the city knows it.

    Attributes:
        id: as in the ``sender`` of its messages.
        certificates: the keys pinned for it; without any it is never verified.
        area: territory code that a message without a place is about; empty: the whole city.
    """

    id: str
    name: str
    name_en: str = ""
    certificates: tuple[x509.Certificate, ...] = ()
    area: str = ""


@dataclass(frozen=True)
class Notice:
    """One message of an authority.

    Attributes:
        id: digest of what it says, of its sender and of whether that was verified: the same
            message by two ways, or twice, is one notice.
        sent, received_at, onset_at, expires_at: UTC.
        verified: whether a pinned key signed every word; ``why``: how, or why not.
        colour: blue, yellow, orange, red; empty where the message does not say.
        places: territory codes of this city that it is about; ``here``: whether there are any.
        references: (sender, identifier) of earlier messages that it follows.
        ends: it says that a danger is over, or takes a message back.
        remarks: what had to be put right or guessed to read it.
    """

    id: str
    feed: str
    sender: str
    identifier: str
    sent: datetime
    received_at: datetime
    status: str
    msg_type: str
    scope: str
    verified: bool
    why: str
    issuer: str
    event: str
    code: str
    colour: str
    headline: str
    text: str
    instruction: str
    headline_en: str
    text_en: str
    area: str
    places: tuple[str, ...]
    here: bool
    onset_at: datetime | None
    expires_at: datetime
    references: tuple[tuple[str, str], ...]
    ends: bool
    remarks: tuple[str, ...] = field(default=())

    def as_row(self) -> dict[str, Any]:
        """As columns of the store."""
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        row["places"], row["remarks"] = list(self.places), list(self.remarks)
        row["references"] = [list(pair) for pair in self.references]
        return row

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Notice:
        """From columns of the store."""
        values = {name: row[name] for name in cls.__dataclass_fields__}
        values["places"], values["remarks"] = tuple(row["places"]), tuple(row["remarks"])
        values["references"] = tuple((pair[0], pair[1]) for pair in row["references"])
        return cls(**values)


def notice_of(
    received: Received,
    city: City,
    *,
    feed: str,
    received_at: datetime,
    sender: Sender | None,
    verified: bool,
    why: str,
    events: Mapping[str, str] | None = None,
) -> Notice:
    """The notice in a message.

    Args:
        sender: what the city knows of its sender; None for a stranger.
        verified, why: what the check of its signature found.
        events: event code -> the city's word for it.
    """
    alert = received.alert
    info = _info(alert, "zh") or (alert.infos[0] if alert.infos else None)
    english = _info(alert, "en")
    remarks = list(received.repairs)
    headline = plain(info.headline if info else "") or plain(alert.note or "")
    found = _HEADLINE.search(headline)
    code = _code(info)
    event = plain((events or {}).get(code, "")) or (found["event"] if found else "")
    event = event or plain(info.event if info else "") or code
    colour, remark = _colour(info, headline)
    remarks += remark
    places, stated = places_of(alert, city)
    if not stated:
        places = (sender.area,) if sender and sender.area else (city.territory.root.code,)
        remarks.append("names no place that can be matched; taken for its issuer's whole area")
    sent = alert.sent.astimezone(UTC)
    expires = _expires(alert, sent, remarks)
    onset = info.onset or info.effective if info else None
    said = [alert.sender, alert.identifier, sent.isoformat(), verified, repr(alert)]
    return Notice(
        id=ids.digest(said)[:24],
        feed=feed,
        sender=plain(alert.sender, 200),
        identifier=plain(alert.identifier, 200),
        sent=sent,
        received_at=received_at,
        status=alert.status.value,
        msg_type=alert.msg_type.value,
        scope=alert.scope.value,
        verified=verified,
        why=why,
        issuer=plain(
            (sender.name if sender else "") or (info.sender_name if info else "") or alert.sender,
            100,
        ),
        event=event[:60],
        code=code[:40],
        colour=colour,
        headline=headline[:300],
        text=plain(info.description if info else "") or headline,
        instruction=plain(info.instruction if info else ""),
        headline_en=plain(english.headline if english else "")[:300],
        text_en=plain(english.description if english else ""),
        area=plain("、".join(a.description for a in info.areas) if info else "", 300),
        places=places,
        here=bool(places),
        onset_at=onset.astimezone(UTC) if onset else None,
        expires_at=expires,
        references=tuple((r.sender, r.identifier) for r in alert.references),
        ends=_ends(alert, headline),
        remarks=tuple(plain(each, 200) for each in remarks),
    )


def plain(text: str | None, most: int = MOST_TEXT) -> str:
    """Text as it may be shown: no control or direction marks, not longer than ``most``."""
    cleaned = _UNSEEN.sub("", unicodedata.normalize("NFC", text or ""))
    return re.sub(r"[ \t\u3000]+", " ", cleaned).strip()[:most]


def _info(alert: Alert, language: str) -> Info | None:
    for info in alert.infos:
        if (info.language or "en-US").lower().startswith(language):
            return info
    return None


def _code(info: Info | None) -> str:
    return info.event_codes[0][1].strip() if info and info.event_codes else ""


def _colour(info: Info | None, headline: str) -> tuple[str, list[str]]:
    """The graver of what headline, parameters and severity say; empty where none says any."""
    if info is None:
        return "", []
    found = _HEADLINE.search(headline)
    # a text may tell of the level before ("由黄色升级为橙色"); the last colour is the present one
    words = _COLOUR_WORD.findall(headline)
    said = [_ZH[found["colour"]] if found else _ZH[words[-1]]] if found or words else []
    for _, value in info.parameters:
        if value.strip().lower() in COLOURS:
            said.append(value.strip().lower())
    if info.severity in _COLOUR_OF:
        said.append(_COLOUR_OF[info.severity])
    if not said:
        return "", ["states no level that can be read as a colour"]
    gravest = max(said, key=COLOURS.index)
    if len(set(said)) > 1:
        return gravest, [f"headline and severity differ ({', '.join(said)}); the graver one counts"]
    return gravest, []


def _ends(alert: Alert, headline: str) -> bool:
    if alert.msg_type is MsgType.CANCEL:
        return True
    responses = {each for info in alert.infos for each in info.response_types}
    return responses == {ResponseType.ALL_CLEAR} or _LIFTED.search(headline) is not None


def _expires(alert: Alert, sent: datetime, remarks: list[str]) -> datetime:
    stated = [info.expires for info in alert.infos if info.expires is not None]
    if not stated:
        remarks.append(f"names no end; taken to hold {LIFE.total_seconds() / 3600:g} h")
        return sent + LIFE
    end = max(stated).astimezone(UTC)
    if end > sent + LONGEST:
        remarks.append(f"ends {end:%Y-%m-%d}; taken to hold {LONGEST.days} days at most")
        return sent + LONGEST
    return end
