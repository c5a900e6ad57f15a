"""A browser that asks for notices of its own accord, and one that no longer wants them.

An address is kept for a person and a kind, so a person has one browser; the last one that asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import insert, schema
from anlan.warn.channels.book import LONGEST
from anlan.warn.channels.web_push import KIND, read_subscription

C = schema.contact


def subscribe(act: Act, vault: Vault, persons: Sequence[str], given: Mapping[str, Any]) -> str:
    """Keep a browser's subscription as the address of ``persons``; returns its `mark`.

    Another person who used this browser before no longer has it.

    Raises:
        Refusal: for what is no subscription, or one of nobody.
    """
    keys = given.get("keys")
    kept = keys if isinstance(keys, Mapping) else {}
    text = json.dumps(
        {
            "endpoint": given.get("endpoint"),
            "keys": {name: kept.get(name) for name in ("p256dh", "auth")},
        }
    )
    found = read_subscription(text)
    if found is None or len(text) > LONGEST:
        raise Refusal(
            "this is no subscription of a browser; give endpoint and keys as its "
            "PushSubscription says them (不是浏览器推送订阅)",
            field="endpoint",
            remedy="what PushSubscription.toJSON() gives",
        )
    if not persons:
        raise Refusal(
            "this account belongs to nobody on the city's list of people, so no message is "
            "addressed to it (此账号不在人员名册)",
            field="account",
            value=act.actor,
            remedy="an account of a person of people.csv",
            kind="conflict",
        )
    address_key = vault.digest(text)
    act.tx.execute(
        C.delete().where(
            C.c.kind == KIND, C.c.address_key == address_key, C.c.person.not_in(persons)
        )
    )
    for person in persons:
        values = {
            "person": person,
            "kind": KIND,
            "address_enc": vault.seal(text),
            "address_key": address_key,
        }
        act.tx.execute(
            insert(act.tx, C)
            .values(**values)
            .on_conflict_do_update(index_elements=[C.c.person, C.c.kind], set_=values)
        )
    act.record("contact.subscribed", persons[0], content=KIND)
    return mark(found.endpoint)


def unsubscribe(act: Act, persons: Sequence[str]) -> bool:
    """Forget the browser of ``persons``; False where there was none."""
    gone = act.tx.execute(C.delete().where(C.c.kind == KIND, C.c.person.in_(persons)))
    if gone.rowcount:
        act.record("contact.unsubscribed", persons[0], content=KIND)
    return bool(gone.rowcount)


def subscribed(conn: Connection, vault: Vault, persons: Sequence[str]) -> str:
    """The `mark` of the browser that ``persons`` have; empty for none."""
    row = conn.execute(
        select(C.c.address_enc).where(C.c.kind == KIND, C.c.person.in_(persons))
    ).first()
    found = None if row is None else read_subscription(vault.open(row.address_enc))
    return "" if found is None else mark(found.endpoint)


def mark(endpoint: str) -> str:
    """By which a browser knows its own subscription: SHA-256 of the endpoint, hex."""
    return hashlib.sha256(endpoint.encode()).hexdigest()
