"""The case 事项: anything that must get an outcome, and the moves that take it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from anlan.respond.machine import Event, Machine, Move, Who, decide
from anlan.respond.pack import Pack

STATES: Mapping[str, str] = {
    "draft": "待启",
    "open": "待派",
    "assigned": "已派",
    "accepted": "已受理",
    "working": "处置中",
    "done_claimed": "报完成",
    "verified": "已核实",
    "closed": "已办结",
    "returned": "已退回",
    "blocked": "受阻",
    "cancelled": "已撤销",
    "merged": "已并案",
}
WORDS: Mapping[str, str] = {
    **STATES,
    "case": "事项",
    "submit": "提交",
    "assign": "派给",
    "accept": "受理",
    "start": "开始处置",
    "return": "退回",
    "block": "报受阻",
    "unblock": "解除受阻",
    "claim_done": "报完成",
    "verify": "核实",
    "reject": "打回",
    "close": "办结",
    "rate": "评价",
    "reopen": "重新开启",
    "cancel": "撤销",
    "merge": "并案",
}
ENDED = frozenset({"closed", "cancelled", "merged"})
SETTLED = ENDED | {"done_claimed", "verified"}
"""States in which nobody has to move for the work itself: a dependent step may start."""

_LIVE = frozenset(STATES) - ENDED
_OWNER = frozenset({"owner", "supervisor"})
_OWNER_OR_ENGINE = _OWNER | {"system"}
_SUPERVISOR = frozenset({"supervisor"})
_CHECKER = frozenset({"supervisor", "reporter"})
_REPORTER = frozenset({"reporter"})
_OVERSEER = frozenset({"supervisor", "system"})

_VERDICT = ("verdict", "rating")

CASE = Machine(
    name="case",
    states=tuple(STATES),
    ended=ENDED,
    words=WORDS,
    moves=(
        Move("submit", frozenset({"draft"}), "open", "submitted", _OWNER_OR_ENGINE | {"reporter"}),
        Move(
            "assign",
            frozenset({"open", "assigned", "accepted", "working", "returned", "blocked"}),
            "assigned",
            "assigned",
            _OVERSEER,
            ("owner",),
        ),
        Move("accept", frozenset({"assigned"}), "accepted", "accepted", _OWNER_OR_ENGINE),
        Move("start", frozenset({"accepted"}), "working", "started", _OWNER_OR_ENGINE),
        # a case returned to the supervisor keeps its clock running
        Move(
            "return",
            frozenset({"assigned", "accepted", "working"}),
            "returned",
            "returned",
            _OWNER,
            ("reason",),
        ),
        Move(
            "block", frozenset({"accepted", "working"}), "blocked", "blocked", _OWNER, ("reason",)
        ),
        Move("unblock", frozenset({"blocked"}), "working", "unblocked", _OWNER),
        Move(
            "claim_done",
            frozenset({"working"}),
            "done_claimed",
            "done_claimed",
            _OWNER,
            ("evidence",),
        ),
        Move(
            "claim_done",
            frozenset({"working"}),
            "done_claimed",
            "done_claimed",
            frozenset({"system"}),
            ("tasks",),
        ),
        Move(
            "claim_done",
            frozenset({"open", "assigned", "accepted"}),
            "done_claimed",
            "done_claimed",
            _SUPERVISOR,
            ("reason", "evidence"),
            explain="accept and start it first, or let a supervisor claim it with a reason",
        ),
        Move("verify", frozenset({"done_claimed"}), "verified", "verified", _CHECKER, another=True),
        Move(
            "reject",
            frozenset({"done_claimed", "verified"}),
            "working",
            "rejected",
            _CHECKER,
            ("reason",),
            another=True,
        ),
        Move("close", frozenset({"verified"}), "closed", "closed", _OVERSEER),
        Move("rate", frozenset({"verified"}), "verified", "rated", _REPORTER, _VERDICT),
        Move("rate", frozenset({"closed"}), "closed", "rated", _REPORTER, _VERDICT),
        Move("reopen", frozenset({"closed"}), "open", "reopened", _CHECKER, ("reason",)),
        Move("cancel", _LIVE, "cancelled", "cancelled", _OVERSEER, ("reason",)),
        Move("merge", _LIVE, "merged", "merged", _SUPERVISOR, ("into",)),
    ),
)


@lru_cache(maxsize=64)
def machine_of(pack: Pack) -> Machine:
    """The machine of a kind: without the side states it does not use, checked by whom it says."""
    unused = {"returned", "blocked", "merged"} - set(pack.pack.side_states)
    checkers = frozenset(pack.verification.by)
    moves = []
    for move in CASE.moves:
        sources = move.sources - unused
        if not sources or move.target in unused:
            continue
        if move.command == "rate" and not pack.reporter.rating:
            continue
        by = checkers if move.another else move.by
        moves.append(replace(move, sources=sources, by=by))
    states = tuple(state for state in CASE.states if state not in unused)
    return Machine(CASE.name, states, ENDED - unused, tuple(moves), CASE.words)


def command(
    case_id: str,
    state: str,
    name: str,
    who: Who,
    payload: Mapping[str, object],
    machine: Machine = CASE,
) -> Event:
    """The event that command ``name`` makes of a case; raises `Refusal` (see `machine.decide`)."""
    return decide(machine, case_id, state, name, who, payload)


_ACKNOWLEDGED = frozenset({"acknowledged", "en_route", "on_site", "done"})
_UNDER_WAY = frozenset({"en_route", "on_site", "done"})


def follow(state: str, task_states: Iterable[str]) -> list[str]:
    """What the engine may command of a case because of what its tasks have come to.

    A case is accepted when one of its tasks is acknowledged, under way when one is, and
    claimed done when all have ended and one at least was done. Commands come in order.
    """
    tasks = list(task_states)
    commands = []
    if state == "assigned" and any(task in _ACKNOWLEDGED for task in tasks):
        commands.append("accept")
        state = "accepted"
    if state == "accepted" and any(task in _UNDER_WAY for task in tasks):
        commands.append("start")
        state = "working"
    finished = bool(tasks) and all(task in ("done", "expired") for task in tasks)
    if state == "working" and finished and "done" in tasks:
        commands.append("claim_done")
    return commands
