"""What a channel needs in order to reach somebody, and how its messages are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from anlan.city import City
from anlan.refusal import Refusal
from anlan.warn.audience import PHONE
from anlan.warn.channels.settings import FILE, Configured, read_channels
from anlan.warn.channels.smpp.text import encode
from anlan.warn.kept import Kept
from anlan.warn.message import Messages, segments


@dataclass(frozen=True)
class Reach:
    """Of one channel: the kind of address that it needs (empty: none), and how many messages of
    the provider's counting a text makes."""

    address: str
    count: Callable[[str], int]


def _one(_: str) -> int:
    return 1


def _smpp(text: str) -> int:
    return len(encode(text).parts)


COUNTS: Mapping[str, Callable[[str], int]] = {
    "smpp": _smpp,
    "aliyun_sms": segments,
    "tencent_sms": segments,
}


def _configured(city: City) -> dict[str, Configured]:
    try:
        return read_channels(city)
    except Refusal:  # named by `city check` and at the start; a warning must go out all the same
        return {}


_kept = Kept(FILE, _configured)


def reach(city: City, messages: Messages) -> dict[str, Reach]:
    """Every channel that the city's texts use, by name.

    A channel that ``channels.toml`` sets up needs what its module says; any other needs a number
    if ``[needs_phone]`` of ``messages.toml`` names it.
    """
    set_up = _kept.of(city)
    found = {}
    for name in {name for names in messages.channels.values() for name in names}:
        address = PHONE if name in messages.needs_phone else ""
        count: Callable[[str], int] = segments if name == "sms" else _one
        if name in set_up:
            channel = set_up[name].channel
            address, count = channel.address, COUNTS.get(channel.kind, _one)
        found[name] = Reach(address, count)
    return found


def needs(city: City, messages: Messages) -> dict[str, str]:
    """The kind of address that each channel needs; those that need none are left out."""
    return {name: each.address for name, each in reach(city, messages).items() if each.address}
