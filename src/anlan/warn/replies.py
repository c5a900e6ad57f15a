"""Reply links: an address of this desk, known to one recipient alone, by which they answer.

The token is random, names one delivery and opens nothing else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.store import schema
from anlan.warn.message import Messages, render

R = schema.reply_link
OCTETS = 9  # 72 bits: nobody guesses one of a million in the life of a warning
TOKEN = re.compile(r"[A-Za-z0-9_-]{12}")
PLACEHOLDER = "·" * 12


def carries(messages: Messages, channel: str, asked: bool) -> bool:
    """Whether a message by this channel ends with a link: only one that asks for an answer."""
    return asked and messages.reply is not None and channel in messages.reply.channels


def linked(messages: Messages, text: str, language: str, token: str) -> str:
    """``text`` with the words and the address by which to answer."""
    if messages.reply is None:
        return text
    address = f"{messages.reply.url}/r/{token}"
    return f"{text}{render(messages.reply.texts[language], {'link': address})}"


def add_links(
    tx: Connection,
    messages: Messages,
    now: datetime,
    rows: Sequence[dict[str, Any]],
    languages: Mapping[str, str],
) -> None:
    """Give deliveries that are about to be planned their links; ``rows`` are changed.

    ``languages`` has the language of each person.
    """
    made = []
    for row in rows:
        if row["state"] == "planned" and carries(
            messages, row["channel"], row["ack_due_at"] is not None
        ):
            token = secrets.token_urlsafe(OCTETS)
            made.append({"token": token, "delivery": row["id"], "at": now})
            row["body"] = linked(messages, row["body"], languages[row["person"]], token)
    if made:
        tx.execute(R.insert(), made)


def without_link(
    tx: Connection, messages: Messages, delivery: str, text: str, language: str
) -> str:
    """The text of a delivery without the link that it was sent with, if any."""
    token = tx.execute(select(R.c.token).where(R.c.delivery == delivery)).scalar()
    return text if token is None else text.removesuffix(linked(messages, "", language, token))


def delivery_of(conn: Connection, token: str) -> str | None:
    """The delivery that a token answers for; None for what is no token, or not known."""
    if not TOKEN.fullmatch(token):
        return None
    found = conn.execute(select(R.c.delivery).where(R.c.token == token)).scalar()
    return None if found is None else str(found)
