"""What comes back by a channel: receipts of messages, and people's answers to them.

Nothing of an answer is kept but that it came: its words may be anything, and about anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from anlan.clock import Clock
from anlan.journal import Act
from anlan.store import Store, schema
from anlan.warn import hand_offs
from anlan.warn.channels.outlet import Handed, Outcome
from anlan.warn.delivery import NO, SAID_NO, YES, State
from anlan.warn.following import receipt, settle
from anlan.warn.sending import SYSTEM

D, N = schema.delivery, schema.notice
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
    no: Collection[str] = NO

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

        To a notice, such as a call for volunteers, a no is an answer too; the last word counts. A
        warning is not answered by a no. Anything else shows that the message was read. Returns
        the delivery, if there is one.
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
            said = text.strip(_TRIM).lower()
            act = Act(tx, self.clock.now(), SYSTEM)
            notice = tx.execute(select(N.c.id).where(N.c.id == asked.alert)).first() is not None
            says_no = notice and said in self.no and said not in self.yes
            answered = says_no or said in self.yes
            receipt(act, asked.id, State.ANSWERED if answered else State.READ)
            if notice and answered:
                reason = SAID_NO if says_no else "" if asked.reason == SAID_NO else asked.reason
                mine = update(D).where(D.c.id == asked.id, D.c.state == State.ANSWERED)
                tx.execute(mine.values(reason=reason, answered_at=act.now))
            return str(asked.id)
