"""``channels.toml``: which channels a city has, checked, opened and tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anlan.city import City, Fault
from anlan.clock import Clock
from anlan.observe.fetching import rules
from anlan.observe.sources import Table
from anlan.observe.sources.table import read_file
from anlan.refusal import Refusal
from anlan.warn.channels.aliyun import ALIYUN
from anlan.warn.channels.book import FILE as CONTACTS
from anlan.warn.channels.book import Book, read_contacts
from anlan.warn.channels.broadcast import MQTT
from anlan.warn.channels.channel import COMMON, NAME, Channel, Common, Line, Setup
from anlan.warn.channels.dingtalk import DINGTALK_ROBOT
from anlan.warn.channels.gov_dingtalk import GOV_DINGTALK
from anlan.warn.channels.mail import MAIL
from anlan.warn.channels.secrets import secrets_of
from anlan.warn.channels.smpp import SMPP
from anlan.warn.channels.tencent import TENCENT
from anlan.warn.channels.web_push import WEB_PUSH
from anlan.warn.channels.webhook import WEBHOOK
from anlan.warn.channels.work_notice import DINGTALK_NOTICE
from anlan.warn.delivery import NO, YES
from anlan.warn.message import load_messages

if TYPE_CHECKING:
    from anlan.warn.inbox import Inbox

FILE = "channels.toml"
MODULES: tuple[Channel[Any], ...] = (
    MAIL,
    SMPP,
    ALIYUN,
    TENCENT,
    DINGTALK_ROBOT,
    DINGTALK_NOTICE,
    GOV_DINGTALK,
    WEBHOOK,
    WEB_PUSH,
    MQTT,
)
KINDS = {each.kind: each for each in MODULES}


@dataclass(frozen=True)
class Configured:
    """A channel of a city: which module, and what its table says."""

    channel: Channel[Any]
    common: Common
    settings: Any

    def setup(self, city: City, book: Book, clock: Clock, inbox: Inbox) -> Setup[Any]:
        """What it needs to be opened. Raises `Refusal` for a secret that is not set."""
        name = self.common.name
        secrets = secrets_of(name, self.channel.wanted(self.settings), self.channel.spare)
        return Setup(self.common, self.settings, secrets, book, clock, inbox, rules(city))


def read_channels(city: City) -> dict[str, Configured]:
    """The channels of a city by name; none where there is no file.

    Raises:
        Refusal: naming file, key, value and remedy.
    """
    return dict(_channels(city))


def _channels(city: City) -> Iterator[tuple[str, Configured]]:
    table = read_file(Path(city.folder), FILE)
    if table is None:
        return
    used = {name for names in load_messages(city).channels.values() for name in names}
    for name in table.values:
        if name == "replies":
            continue
        if not NAME.fullmatch(name):
            raise table.wrong(name, None, "is no name of a channel", "letters, digits and _")
        if name not in used:
            raise table.wrong(
                name,
                None,
                "is used by no tier",
                f"it under [channels] of messages.toml, or one of {', '.join(sorted(used))}",
            )
        own = table.table(name)
        channel = KINDS[own.one_of("kind", tuple(KINDS))]
        common = channel.common(name, own)
        rest = {key: value for key, value in own.values.items() if key not in COMMON}
        yield name, Configured(channel, common, channel.read(Table(FILE, rest, f"{name}.")))


def read_replies(city: City) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The answers by message that mean yes, and no: ``[replies] yes = [...], no = [...]``.

    Raises:
        Refusal: for what is no list of texts, and for a word that would mean both.
    """
    table = read_file(Path(city.folder), FILE)
    if table is None or "replies" not in table:
        return YES, NO
    own = table.table("replies")
    own.known("yes", "no")
    found = []
    for name, usual, such in (("yes", YES, '["1", "收到"]'), ("no", NO, '["2", "不来"]')):
        words = own.values.get(name, list(usual))
        if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
            raise own.wrong(name, words, "is not a list of texts", f"as in {such}")
        found.append(tuple(word.strip().lower() for word in words))
    yes, no = found
    both = sorted(set(yes) & set(no))
    if both and "no" in own.values:
        raise own.wrong("no", both, "means yes too", "words that mean one thing")
    return yes, tuple(word for word in no if word not in yes)


def open_lines(city: City, book: Book, clock: Clock, inbox: Inbox) -> dict[str, Line]:
    """The channels of a city, opened and not yet started, by name.

    Raises:
        Refusal: for a fault of the file or a secret that is not set.
    """
    lines = {}
    for name, found in read_channels(city).items():
        line = found.channel.open(found.setup(city, book, clock, inbox))
        line.kind, line.title = found.channel.kind, found.channel.title
        line.receipts = found.channel.receipts
        lines[name] = line
    return lines


def probe(city: City, found: Configured) -> str:
    """What a channel's other side says, in a sentence; nobody gets a message.

    Raises:
        Refusal: when it cannot be reached or does not know us, or a secret is not set.
    """
    secrets = secrets_of(
        found.common.name, found.channel.wanted(found.settings), found.channel.spare
    )
    return found.channel.probe(found.common, found.settings, secrets)


def check(city: City) -> list[Fault]:
    """The first fault of ``channels.toml`` and of ``contacts.csv`` each."""
    faults = []
    for file, read in ((FILE, read_channels), (FILE, read_replies), (CONTACTS, read_contacts)):
        try:
            read(city)
        except Refusal as refusal:
            value = "" if refusal.value is None else str(refusal.value)[:80]
            field, remedy = refusal.field or "", refusal.remedy or ""
            faults.append(Fault(file, None, field, value, refusal.message, remedy))
    return list(dict.fromkeys(faults))  # a file that cannot be read is one fault
