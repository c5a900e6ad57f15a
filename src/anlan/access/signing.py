"""The key that signs freight passes: beside the key of the people, never in the data folder.

Its public half stands in the store (table ``pass_key``), so that passes of an earlier key stay
readable until they expire, unless that key is retired.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Connection, select

from anlan.access.vault import key_file
from anlan.refusal import Refusal
from anlan.store import Store, insert, schema

K = schema.pass_key


def signing_file(store: Store) -> Path:
    """The key file of the people, with ``.passes`` behind its name."""
    people = key_file(store)
    return people.with_name(people.name + ".passes")


def signing_key(store: Store) -> Ed25519PrivateKey:
    """The signing key of a store, made at first use (PKCS #8 in PEM, readable by its owner)."""
    path = signing_file(store)
    if path.resolve().is_relative_to(store.data_dir):
        raise Refusal(
            f"key file {path} lies inside the data folder; keep it elsewhere",
            field="ANLAN_KEY_FILE",
            value=path,
            remedy="a path outside the data folder",
        )
    if not path.exists():
        _make(path)
    found = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(found, Ed25519PrivateKey):
        raise Refusal(
            f"key file {path} holds no Ed25519 key; move it away to have a new one made",
            field="ANLAN_KEY_FILE",
            value=path,
            remedy="a PEM file with an Ed25519 private key",
        )
    return found


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        # a link never replaces: of two that make a key at once, one key stays
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def enrol(tx: Connection, name: str, public: bytes, now: datetime) -> bool:
    """Put down the public key ``name`` as one whose passes hold; whether it was new."""
    row = {"id": name, "public": public.hex(), "made_at": now, "retired_at": None}
    return tx.execute(insert(tx, K).values(row).on_conflict_do_nothing()).rowcount == 1


def public_keys(conn: Connection) -> dict[str, bytes]:
    """The public keys (32 bytes) whose passes hold, by name."""
    rows = conn.execute(select(K.c.id, K.c.public).where(K.c.retired_at.is_(None)))
    return {row.id: bytes.fromhex(row.public) for row in rows}


def retire(tx: Connection, store: Store, now: datetime) -> list[str]:
    """Let no pass signed so far hold any more: for a key that somebody may have copied.

    The file is set aside and a new key is made at the next use. Returns the names retired.
    """
    names = [*public_keys(tx)]
    tx.execute(K.update().where(K.c.id.in_(names)).values(retired_at=now))
    path = signing_file(store)
    if path.exists():
        path.rename(path.with_name(f"{path.name}.retired-{int(now.timestamp())}"))
    return names
