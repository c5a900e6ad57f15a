"""Personal data: encrypted in the store, masked on the way out, opened only by purpose.

The key file lies outside the data folder, so that a copied data folder tells nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import func, select

from anlan.city import City, Person
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema

P = schema.person


def key_file(store: Store) -> Path:
    """``ANLAN_KEY_FILE``, or ``<data folder>.key`` beside (never inside) the data folder."""
    named = os.environ.get("ANLAN_KEY_FILE")
    return Path(named) if named else store.data_dir.with_name(store.data_dir.name + ".key")


class Vault:
    """Encrypts and opens names and telephone numbers with one symmetric key (Fernet)."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)
        self._digest_key = hashlib.sha256(b"anlan address digest\0" + key).digest()

    @classmethod
    def of(cls, store: Store) -> Vault:
        """The vault of a store; makes a key for a store that holds no people yet.

        Raises `Refusal` when people are there but their key is not.
        """
        path = key_file(store)
        if path.resolve().is_relative_to(store.data_dir):
            raise Refusal(
                f"key file {path} lies inside the data folder; keep it elsewhere",
                field="ANLAN_KEY_FILE",
                value=path,
                remedy="a path outside the data folder",
            )
        with store.read() as conn:
            people = conn.execute(select(func.count()).select_from(P)).scalar_one()
        if not path.exists():
            if people:
                raise Refusal(
                    f"key file {path} is missing, and {people} people in {store.data_dir} are "
                    "encrypted with it; restore it or name it with ANLAN_KEY_FILE",
                    field="ANLAN_KEY_FILE",
                    value=path,
                    remedy="the key that this data folder was made with",
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(Fernet.generate_key())
        vault = cls(path.read_bytes())
        if people:
            with store.read() as conn:
                vault.open(conn.execute(select(P.c.name_enc).limit(1)).scalar_one())
        return vault

    def seal(self, text: str) -> str:
        """``text`` encrypted."""
        return self._fernet.encrypt(text.encode()).decode()

    def digest(self, text: str) -> str:
        """A keyed digest: equal for equal texts, and says nothing to who lacks the key."""
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def open(self, sealed: str) -> str:
        """The text behind ``sealed``; `Refusal` when the key is another one."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as problem:
            raise Refusal(
                "the key file does not open this data folder's people; "
                "name the right one with ANLAN_KEY_FILE",
                field="ANLAN_KEY_FILE",
                remedy="the key that this data folder was made with",
            ) from problem


def masked_name(name: str) -> str:
    """Family name and stars: 王小明 → 王**."""
    return name[:1] + "*" * max(1, len(name) - 1)


def seed_people(act: Act, city: City, vault: Vault) -> int:
    """Bring the city's people into the store, encrypted; those already there stay as they are.

    Returns how many were new.
    """
    known = set(act.tx.execute(select(P.c.id)).scalars())
    new = [person for person in city.people if person.id not in known]
    if new:
        act.tx.execute(P.insert(), [_row(person, vault) for person in new])
        act.record("people.loaded", city.id, content=sorted(person.id for person in new))
    return len(new)


def _row(person: Person, vault: Vault) -> dict[str, object]:
    return {
        "id": person.id,
        "account": person.account or None,
        "name_enc": vault.seal(person.name),
        # empty stays empty: whoever has no number must show as out of reach
        "phone_enc": vault.seal(person.phone) if person.phone else "",
        "role": person.role,
        "tier": person.tier,
        "territory": person.territory,
        "language": person.language,
        "lon": person.lon,
        "lat": person.lat,
        "place": person.place or None,
        "deputy": person.deputy or None,
        "opted_out": person.opted_out,
        "on_duty": person.on_duty,
        "synthetic": person.synthetic,
    }
