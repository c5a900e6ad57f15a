"""Claims 认领 of offered work: never two by one person, never more than there are places. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from anlan.refusal import Refusal

STATES: Mapping[str, str] = {
    "claimed": "已认领",
    "waiting": "候补",
    "withdrawn": "已退出",
    "on_site": "在外",
    "home": "已平安返回",
    "missed": "未到场",
}
HOLDING = frozenset({"claimed", "on_site", "home", "missed"})
"""States that hold a place; who came and went home has had theirs."""
PROMISED = frozenset({"on_site", "home", "missed"})
CAME = frozenset({"on_site", "home"})


@dataclass(frozen=True)
class Board:
    """The claims of one piece of work: volunteer -> state, in the order of claiming."""

    places: int
    states: Mapping[str, str]

    @property
    def taken(self) -> int:
        """Places held."""
        return sum(state in HOLDING for state in self.states.values())


def claim(board: Board, volunteer: str) -> Board:
    """The board once the volunteer has claimed: a place, or the end of the waiting list.

    Raises `Refusal` (conflict) for a second claim.
    """
    known = board.states.get(volunteer)
    if known is not None and known != "withdrawn":
        raise Refusal(
            f"you have this already ({STATES[known]}); nothing changes (您已认领，无需重复)",
            field="volunteer",
            value=known,
            remedy="withdraw first, if you want to change it",
            kind="conflict",
        )
    waits = board.taken >= board.places or "waiting" in board.states.values()
    others = {name: state for name, state in board.states.items() if name != volunteer}
    return replace(board, states={**others, volunteer: "waiting" if waits else "claimed"})


def withdraw(board: Board, volunteer: str) -> Board:
    """The board once the volunteer has withdrawn; the first who waits moves up.

    Raises `Refusal` (conflict) for who holds no claim, or is out already.
    """
    if board.states.get(volunteer) not in ("claimed", "waiting"):
        known = board.states.get(volunteer)
        raise Refusal(
            f"there is no open claim to withdraw (现状态：{STATES.get(known or '', '无')})",
            field="volunteer",
            value=known,
            remedy="check out, if you are there",
            kind="conflict",
        )
    return move_up(replace(board, states={**board.states, volunteer: "withdrawn"}))


def move_up(board: Board) -> Board:
    """Fill free places from the waiting list, first come first."""
    states = dict(board.states)
    free = board.places - board.taken
    for name, state in board.states.items():
        if free <= 0:
            break
        if state == "waiting":
            states[name] = "claimed"
            free -= 1
    return replace(board, states=states)
