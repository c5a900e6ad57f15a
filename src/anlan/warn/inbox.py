"""What comes back by a channel: receipts of messages, and people's answers to them.

Nothing of an answer is kept but that it came: its words may be anything, and about anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from anlan.clock import Clock
from anlan.journal import Act
from anlan.store import Store, schema
from anlan.warn import hand_offs
from anlan.warn.channels.outlet import Handed, Outcome
from anlan.warn.delivery import YES, State
from anlan.warn.following import receipt, settle
from anlan.warn.sending import SYSTEM

D = schema.delivery
_TRIM = " \t\r\n.。!！,，~～【】[]"


@dataclass(frozen=True)
class Inbox:
    """Where the channels of one desk leave what they hear. Safe to call from any thread.

    Every method returns once what it was told is on disk, and raises what the store raises: then
    the other side must be left to say it again.
    """

    store: Store
    clock: Clock
    yes: Collection[str] = YES

    def receipt(self, channel: str, reference: str, state: State) -> None:
        """The other side says what became of the message that it calls ``reference``."""
        with self.store.transaction() as tx:
            act = Act(tx, self.clock.now(), SYSTEM)
            delivery = hand_offs.heard(tx, act.now, channel, reference, state)
            if delivery is not None:
                settle(act, delivery)

    def of_delivery(self, delivery: str, channel: str, state: State) -> bool:
        """The other side says what became of a delivery of its channel, by our own id."""
        mine = select(D.c.id).where(D.c.id == delivery, D.c.channel == channel)
        with self.store.transaction() as tx:
            known = tx.execute(mine).first() is not None
            if known:
                receipt(Act(tx, self.clock.now(), SYSTEM), delivery, state)
        return known

    def open_references(self, channel: str, since: datetime) -> list[str]:
        """References of the channel since a moment whose message nobody has read yet, as far as
        is known; for channels that must be asked. Oldest first, some thousands at most."""
        with self.store.read() as conn:
            return hand_offs.still_open(conn, channel, since)

    def late(
        self, channel: str, delivery: str, references: tuple[str, ...], address_key: str
    ) -> None:
        """The other side took a message after all, when nobody waited for its word any more."""
        with self.store.transaction() as tx:
            act = Act(tx, self.clock.now(), SYSTEM)
            row = tx.execute(select(D).where(D.c.id == delivery)).first()
            if row is None:
                return
            handed = Handed(Outcome.ACCEPTED, references, address_key=address_key)
            hand_offs.note(tx, act.now, row, handed)
            if row.state in (State.SENDING, State.UNKNOWN):
                receipt(act, delivery, State.SENT)
            settle(act, delivery)

    def answer(self, channel: str, address_key: str, text: str) -> str | None:
        """Somebody wrote back. A yes acknowledges the newest message that asks for an answer.

        Anything else shows that it was read. Returns the delivery, if there is one.
        """
        with self.store.transaction() as tx:
            names = hand_offs.latest(tx, channel, address_key)
            if not names:
                return None
            rows = {row.id: row for row in tx.execute(select(D).where(D.c.id.in_(names)))}
            newest = [rows[name] for name in names if name in rows]
            if not newest:
                return None
            asked = next((row for row in newest if row.ack_due_at is not None), newest[0])
            said_yes = text.strip(_TRIM).lower() in self.yes
            state = State.ANSWERED if said_yes else State.READ
            receipt(Act(tx, self.clock.now(), SYSTEM), asked.id, state)
            return str(asked.id)
