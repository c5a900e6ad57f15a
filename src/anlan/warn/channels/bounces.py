"""Letters that come back: delivery status notifications (RFC 3464) and whose letter they are of.

A letter of ours bears ``<delivery.repeat@domain>`` as its Message-ID, which a notification returns
with the letter or its headers (RFC 3462).
"""

from __future__ import annotations

import email
import re
from email.message import Message

from anlan.warn.delivery import State

MOST_PARTS = 50  # of one letter; a notification has three


def read_bounce(octets: bytes, domain: str) -> tuple[str, State | None] | None:
    """The delivery that a notification is about, and what became of it.

    Args:
        octets: the letter as it came.
        domain: of our letters' Message-ID.

    The state is None while the letter is only delayed. None: no notification, or of no letter of
    ours; replies and out-of-office notes are no notifications.
    """
    try:
        letter = email.message_from_bytes(octets)
        if letter.get_content_type() != "multipart/report":
            return None
        parts = [part for _, part in zip(range(MOST_PARTS), letter.walk(), strict=False)]
    except (ValueError, RecursionError, LookupError):
        return None
    actions: set[str] = set()
    names: list[str] = []
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            actions |= {word for block in _blocks(part) if (word := _action(block))}
        elif kind in ("message/rfc822", "message/global"):
            names += [str(one.get("Message-ID", "")) for one in _blocks(part)]
        elif kind in ("text/rfc822-headers", "message/global-headers"):
            names.append(_headers(part))
    ours = re.compile(rf"<([0-9A-Za-z]+)\.\d+@{re.escape(domain)}>")
    found = next((match for name in names if (match := ours.search(name))), None)
    if found is None or not actions:
        return None
    if "failed" in actions:
        return found[1], State.FAILED
    return found[1], State.DELIVERED if actions == {"delivered"} else None


def _blocks(part: Message) -> list[Message]:
    """The messages that a part consists of."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _action(block: Message) -> str:
    return str(block.get("Action", "")).split(";")[0].strip().lower()


def _headers(part: Message) -> str:
    """The Message-ID within headers that came as text."""
    octets = part.get_payload(decode=True)
    text = octets if isinstance(octets, bytes) else str(part.get_payload()).encode()
    return str(email.message_from_bytes(text).get("Message-ID", ""))
