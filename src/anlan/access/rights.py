"""What each role may do. Everything not listed is denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anlan.city import City
from anlan.refusal import Refusal

Right = Literal[
    "view",  # the live picture: map, stations, runs, assessments, issued alerts
    "phone",  # own messages, own tasks, own reports
    "decide",  # approve, reject and cancel alerts; set the response level
    "command",  # assign, verify and close cases and tasks within one's territory
    "personal",  # names and numbers of people in one's territory, one by one, for a purpose
    "people",  # audience previews, deliveries (masked)
    "journal",  # the decision log and its traces
    "accounts",  # sign-in links for others
    "replay",  # pause, speed and jumps of a replay
    "ingest",  # post readings
]

_DESK: frozenset[Right] = frozenset({"view", "phone", "people", "journal"})
_FIELD: frozenset[Right] = frozenset({"phone"})

ROLES: dict[str, frozenset[Right]] = {
    "admin": frozenset({"view", "phone", "journal", "accounts", "replay", "ingest"}),
    "commander": _DESK | {"personal", "decide", "command", "replay"},
    "duty_officer": _DESK | {"personal", "decide", "command", "replay"},
    "analyst": _DESK,
    "liaison": _DESK | {"command"},
    "town_officer": frozenset({"view", "phone", "command", "personal"}),
    "village_officer": frozenset({"view", "phone", "command", "personal"}),
    "grid_worker": _FIELD,
    "crew": _FIELD,
    "volunteer": _FIELD,
    "resident": _FIELD,
    "firm": _FIELD,
    # of a neighbouring city: sees nothing here but the cases of a joint team
    "partner": _FIELD,
    "station": frozenset({"ingest"}),
}

# in a replay or drill whoever runs the desk hands out the parts; nothing real can follow
EXERCISE_RIGHTS: dict[str, frozenset[Right]] = {
    "duty_officer": frozenset({"accounts"}),
    "commander": frozenset({"accounts"}),
}

CITY_WIDE = frozenset({"admin", "commander", "duty_officer", "analyst", "liaison"})


# whoever has one of these acts with a second factor, or not at all, when the clock is real
WITH_SECOND_FACTOR: frozenset[Right] = frozenset({"decide", "accounts"})
Lack = Literal["", "code", "second_factor"]
"""What a session still lacks: nothing, the code of its second factor, or a second factor."""


def needs_second_factor(role: str) -> bool:
    """Whether a role decides on real things, or lets others in."""
    return not ROLES.get(role, frozenset()).isdisjoint(WITH_SECOND_FACTOR)


@dataclass(frozen=True)
class Caller:
    """The named account behind a request, with what it may do and where.

    ``session``: its id, for browsers; ``by_key``: a program; ``lacks``: what the session still
    needs before it has any right; ``let_in_by``: whose one-time link opened it, on the real clock.
    """

    id: str
    name: str
    name_en: str
    role: str
    territory: str
    department: str | None
    exercise: bool
    station: str | None = None
    session: str | None = None
    by_key: bool = False
    lacks: Lack = ""
    let_in_by: str = ""

    @property
    def rights(self) -> frozenset[Right]:
        """All rights of the caller's role; some more while everything is an exercise.

        None while the session lacks its second factor. A key stands for a program: on the real
        clock it decides nothing, nor lets anybody in.
        """
        if self.lacks:
            return frozenset()
        own = ROLES.get(self.role, frozenset())
        if self.exercise:
            return own | EXERCISE_RIGHTS.get(self.role, frozenset())
        return own - WITH_SECOND_FACTOR if self.by_key else own

    def require(self, *rights: Right) -> None:
        """Raise `Refusal` (forbidden) unless the caller has one of ``rights``."""
        if not self.rights.isdisjoint(rights):
            return
        self.require_whole()
        named = " or ".join(f"'{right}'" for right in rights)
        if self.by_key and not ROLES.get(self.role, frozenset()).isdisjoint(rights):
            raise Refusal(
                f"a key may not do this on the real clock (needs right {named}); sign in",
                field="key",
                remedy="a session with a second factor",
                kind="forbidden",
            )
        holders = ", ".join(role for role, has in ROLES.items() if has.intersection(rights))
        raise Refusal(
            f"role {self.role} may not do this (needs right {named}); ask one of: {holders}",
            field="role",
            value=self.role,
            remedy=f"an account with one of the roles {holders}",
            kind="forbidden",
            zh="您的角色不能做这一步，请联系值班员。",
        )

    def require_whole(self) -> None:
        """Raise `Refusal` (forbidden) while the session lacks its second factor."""
        if not self.lacks:
            return
        have = self.lacks == "code"
        raise Refusal(
            "give the code of your second factor first (请先输入动态口令)"
            if have
            else f"role {self.role} decides on real things: set up a second factor first "
            "(该角色须先启用两步验证)",
            field="second_factor",
            value=self.lacks,
            remedy="the code of the authenticator app" if have else "setting up a second factor",
            kind="forbidden",
        )

    def sees(self, city: City, territory: str) -> bool:
        """True when ``territory`` lies in the caller's own part of the city."""
        return self.role in CITY_WIDE or city.territory.is_within(territory, self.territory)
