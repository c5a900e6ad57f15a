"""What a set of messages says at a moment: which hold, which were followed, which are over. Pure.

Worked out from the whole set each time, so that the order of arrival cannot matter: an update that
overtakes what it updates, a cancellation that comes first, a repeat.

Nobody but their sender follows a message, and a message whose sender was not verified never acts
on one whose sender was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from anlan.observe.official.notice import COLOURS, Notice

State = Literal["in_force", "replaced", "ended", "expired", "all_clear", "ahead"]
AHEAD = timedelta(minutes=10)
"""A message sent further ahead of our clock than this waits for its time."""


@dataclass(frozen=True)
class Standing:
    """What became of a notice.

    Attributes:
        state: ``in_force``; ``replaced`` or ``ended`` ``by`` another; ``expired``; ``all_clear``
            (it says itself that something is over); ``ahead`` of the clock.
        by: id of the notice that followed it.
        follows: ids of those that it followed.
        remarks: what a person should know of it.
    """

    notice: Notice
    state: State
    by: str = ""
    follows: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def acts(self) -> bool:
        """Whether it may be passed on and counted: verified, real, public, here, of a colour."""
        notice = self.notice
        return (
            self.state == "in_force"
            and notice.verified
            and notice.here
            and notice.status == "Actual"
            and notice.scope == "Public"
            and notice.msg_type in ("Alert", "Update")
            and notice.colour in COLOURS
        )


def standings(notices: Iterable[Notice], now: datetime) -> list[Standing]:
    """What holds at ``now`` (UTC) of the notices received by then; newest first."""
    came = [each for each in notices if each.received_at <= now]
    chosen, remarks = _one_each(came)
    followed: dict[str, Notice] = {}
    follows: dict[str, list[str]] = {}
    for notice in chosen:
        if notice.sent > now + AHEAD:
            continue
        targets, said = _targets(notice, chosen)
        remarks.setdefault(notice.id, []).extend(said)
        follows[notice.id] = [each.id for each in targets]
        for target in targets:
            before = followed.get(target.id)
            if before is None or _order(notice) > _order(before):
                followed[target.id] = notice
    found = [
        Standing(
            notice,
            _state(notice, followed.get(notice.id), now),
            followed[notice.id].id if notice.id in followed else "",
            tuple(follows.get(notice.id, ())),
            (*notice.remarks, *remarks.get(notice.id, ())),
        )
        for notice in chosen
    ]
    return sorted(found, key=lambda each: _order(each.notice), reverse=True)


def _order(notice: Notice) -> tuple[datetime, datetime, str]:
    return notice.sent, notice.received_at, notice.id


def _one_each(notices: Sequence[Notice]) -> tuple[list[Notice], dict[str, list[str]]]:
    """Of several notices of one (sender, identifier) the one that counts.

    A verified one before any that is not; then the later by its own time; then the graver.
    """
    named: dict[tuple[str, str], list[Notice]] = {}
    for notice in notices:
        named.setdefault((notice.sender, notice.identifier), []).append(notice)
    chosen, remarks = [], {}
    for same in named.values():
        best = max(same, key=lambda n: (n.verified, n.sent, _grade(n), n.id))
        chosen.append(best)
        if len({(n.sent, n.headline, n.text, n.colour) for n in same if n.verified}) > 1:
            remarks[best.id] = ["its sender sent something else under the same identifier"]
    return chosen, remarks


def _grade(notice: Notice) -> int:
    return COLOURS.index(notice.colour) if notice.colour in COLOURS else -1


def _may_follow(notice: Notice, earlier: Notice) -> bool:
    return (
        notice.id != earlier.id
        and notice.sender == earlier.sender
        and notice.status == earlier.status
        and (notice.verified or not earlier.verified)
        and notice.sent >= earlier.sent
    )


def _targets(notice: Notice, chosen: Sequence[Notice]) -> tuple[list[Notice], list[str]]:
    """The notices that this one follows, and what to say where that is not clear."""
    if notice.msg_type not in ("Alert", "Update", "Cancel"):
        return [], []
    if notice.references:
        cited = set(notice.references)
        found = [
            each
            for each in chosen
            if (each.sender, each.identifier) in cited and _may_follow(notice, each)
        ]
        missing = len(cited) - len(found)
        return found, [f"{missing} of the messages it cites are not here"] if missing else []
    if notice.msg_type == "Alert" and not notice.ends:
        return [], []
    # Chinese centres lift a warning by its headline and cite nothing: clear where only one fits
    fitting = [
        each
        for each in chosen
        if _may_follow(notice, each)
        and not each.ends
        and each.event == notice.event
        and each.places == notice.places
        and each.expires_at > notice.sent
    ]
    if len(fitting) == 1:
        return fitting, ["cites nothing; taken to follow the one warning that fits"]
    if notice.ends:
        return [], [f"cites nothing, and {len(fitting)} warnings fit: it ends none by itself"]
    return [], ["an update that cites nothing; stands for itself"]


def _state(notice: Notice, by: Notice | None, now: datetime) -> State:
    if notice.sent > now + AHEAD:
        return "ahead"
    if notice.ends:
        return "all_clear"
    if by is not None:
        return "ended" if by.ends else "replaced"
    return "expired" if notice.expires_at <= now else "in_force"
