"""Short messages by SMPP 3.4, to a carrier's message centre or one of an aggregator.

::

    [sms]
    kind = "smpp"
    host = "smsc.carrier.example"
    port = 2775
    tls = false
    user = "anlan"              # system_id; the password: ANLAN_CHANNEL_<NAME>_PASSWORD
    system_type = ""
    sender = "10690330482"      # the number or word that people see, and answer to
    long = "udh"                # udh: parts with a header; payload: whole, by message_payload
    window = 10                 # requests under way at once
    enquire_s = 30
    receipt_id = "as_sent"      # or hex_to_decimal: receipts name the number in another base
    per_minute = 3000

Accepted means that the centre answered submit_sm with status 0 for every part. Throttled, queue
full and system error put a message off; every other status refuses it for good. A line lost, or
no answer in time, leaves it unknown; an answer that comes late settles it, and so does a receipt.
"""

from __future__ import annotations

from collections.abc import Mapping

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.book import PHONE
from anlan.warn.channels.channel import Channel, Common, Line, Setup
from anlan.warn.channels.smpp.carrier import Carrier, Settings
from anlan.warn.channels.smpp.session import try_bind
from anlan.warn.channels.smpp.text import MOST_PARTS
from anlan.warn.channels.smpp.wire import Lost


class Smpp(Channel[Settings]):
    """Short messages by SMPP 3.4."""

    kind = "smpp"
    title = "短信 SMS by SMPP 3.4"
    address = PHONE
    longest = 67 * MOST_PARTS
    per_minute = 600.0
    secrets = ("password",)
    receipts = "delivered or failed by deliver_sm, for each part; answers come the same way"

    def read(self, table: Table) -> Settings:
        """Where the message centre is, and how it wants its messages."""
        table.known(
            *("host", "port", "tls", "user", "system_type", "sender", "long", "window"),
            *("enquire_s", "receipt_id"),
        )
        user = table.text("user", "the system_id")
        if not 1 <= len(user) <= 15 or not user.isascii():
            raise table.wrong("user", user, "is no system_id", "1 to 15 plain letters")
        sender = table.text("sender", "the number that people see")
        most = 20 if sender.isdigit() else 11
        if not 1 <= len(sender) <= most or not sender.isascii():
            raise table.wrong("sender", sender, "is no sender", "digits, or up to 11 letters")
        return Settings(
            table.text("host", "the message centre's name"),
            table.whole("port", "1 to 65535", 2775, 1, 65535),
            table.flag("tls", False),
            user,
            table.text("system_type", "what the carrier says", ""),
            sender,
            table.one_of("long", ("udh", "payload"), "udh"),
            table.whole("window", "1 to 100", 10, 1, 100),
            table.positive("enquire_s", 30.0),
            table.one_of("receipt_id", ("as_sent", "hex_to_decimal"), "as_sent"),
        )

    def open(self, setup: Setup[Settings]) -> Line:
        """The line, not yet bound."""
        return Carrier(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Bind, and leave."""
        try:
            try_bind(settings.centre(common, secrets["password"]))
        except (Lost, OSError) as problem:
            raise Refusal(
                f"channels.toml: {common.name}: no bind to {settings.host}:{settings.port} "
                f"({problem}); check host, port, user and password",
                field="host",
                value=settings.host,
                remedy="a message centre that lets the desk in",
            ) from problem
        return f"message centre {settings.host}:{settings.port} lets the desk in"


SMPP = Smpp()

__all__ = ["SMPP", "Carrier", "Settings", "Smpp"]
