"""The task 任务: work in a case for one person or team, from offer to evidence."""

from __future__ import annotations

from collections.abc import Mapping

from anlan.respond.machine import Event, Machine, Move, Who, decide

STATES: Mapping[str, str] = {
    "offered": "待认领",
    "claimed": "已认领",
    "assigned": "已指派",
    "delivered": "已送达",
    "acknowledged": "已签收",
    "en_route": "途中",
    "on_site": "到场",
    "done": "完成",
    "declined": "谢绝",
    "expired": "失效",
}
WORDS: Mapping[str, str] = {
    **STATES,
    "task": "任务",
    "claim": "认领",
    "assign": "指派",
    "deliver": "确认送达",
    "acknowledge": "签收",
    "depart": "出发",
    "arrive": "到场",
    "complete": "完成",
    "decline": "谢绝",
    "withdraw": "撤回",
}
ENDED = frozenset({"done", "expired"})
WAITING = frozenset({"offered", "claimed", "assigned", "delivered", "declined"})
"""States in which nobody has answered for the work yet."""

_OPEN = frozenset(STATES) - ENDED
_ASSIGNEE = frozenset({"assignee"})
_SUPERVISOR = frozenset({"supervisor"})
_OVERSEER = frozenset({"supervisor", "system"})
_BEFORE = frozenset({"claimed", "assigned", "delivered"})
_ACKNOWLEDGE_FIRST = (
    "it is not acknowledged yet; acknowledge it first, or let a supervisor complete it "
    "with a reason"
)

TASK = Machine(
    name="task",
    states=tuple(STATES),
    ended=ENDED,
    words=WORDS,
    moves=(
        Move("claim", frozenset({"offered"}), "claimed", "claimed", frozenset({"eligible"})),
        Move("assign", _OPEN, "assigned", "assigned", _OVERSEER, ("assignee",)),
        Move(
            "deliver",
            frozenset({"assigned", "claimed"}),
            "delivered",
            "delivered",
            _ASSIGNEE | {"system"},
        ),
        Move("acknowledge", _BEFORE, "acknowledged", "acknowledged", _ASSIGNEE),
        # an answer by telephone or radio, put down by the supervisor who took it
        Move("acknowledge", _BEFORE, "acknowledged", "acknowledged", _SUPERVISOR, ("reason",)),
        Move("depart", frozenset({"acknowledged"}), "en_route", "departed", _ASSIGNEE),
        Move("arrive", frozenset({"acknowledged", "en_route"}), "on_site", "arrived", _ASSIGNEE),
        Move(
            "complete",
            frozenset({"acknowledged", "en_route", "on_site"}),
            "done",
            "done",
            _ASSIGNEE | _SUPERVISOR,
            ("evidence",),
        ),
        Move(
            "complete",
            WAITING,
            "done",
            "done",
            _SUPERVISOR,
            ("reason", "evidence"),
            explain=_ACKNOWLEDGE_FIRST,
        ),
        Move(
            "decline",
            _BEFORE | {"acknowledged", "en_route"},
            "declined",
            "declined",
            _ASSIGNEE,
            ("reason",),
        ),
        Move("withdraw", _OPEN, "expired", "expired", _OVERSEER, ("reason",)),
    ),
)


def command(task_id: str, state: str, name: str, who: Who, payload: Mapping[str, object]) -> Event:
    """The event that command ``name`` makes of a task; raises `Refusal` (see `machine.decide`)."""
    return decide(TASK, task_id, state, name, who, payload)


def overdue(kind: str, state: str) -> bool:
    """Whether a fired timer still finds the task wanting.

    ``kind`` is ``task.ack`` (nobody has answered) or ``task.done`` (not finished).
    """
    return state in WAITING if kind == "task.ack" else state not in ENDED
