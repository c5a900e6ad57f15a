"""A state machine as a table: who may make which move, from where to where, and what it needs.

Deciding is pure. `decide` takes a state, a command and what is known about the person, and
returns the event to be recorded, or raises `Refusal` with a sentence that says what would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from anlan.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a machine: ``command`` takes a thing from any of ``sources`` to ``target``.

    ``by`` names the relations (see `Who`) of which the person must have at least one;
    ``needs`` the payload that must come along; ``another`` asks for somebody other than
    the doer; ``explain`` is added to the refusal when only the person is wrong.
    """

    command: str
    sources: frozenset[str]
    target: str
    event: str
    by: frozenset[str]
    needs: tuple[str, ...] = ()
    another: bool = False
    explain: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """States, where they start, where they end, the moves between, and the Chinese ``words``."""

    name: str
    states: tuple[str, ...]
    ended: frozenset[str]
    moves: tuple[Move, ...]
    words: Mapping[str, str] = field(default_factory=dict, compare=False)

    def word(self, code: str) -> str:
        """The Chinese word for the machine, a state or a command of it; else the code."""
        return self.words.get(code, code)

    @property
    def commands(self) -> tuple[str, ...]:
        """All commands, in the order of the table."""
        return tuple(dict.fromkeys(move.command for move in self.moves))


@dataclass(frozen=True, slots=True)
class Who:
    """What matters about the person who commands: relations to the thing, and past deeds.

    Relations: ``owner``, ``assignee``, ``eligible`` (may claim), ``supervisor``,
    ``reporter``, ``checker``, ``system``. ``did_it``: this person, or the one stood in for, did
    the work, or is barred from checking it for another reason that the pack names.
    """

    account: str
    relations: frozenset[str]
    did_it: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: to be written to the history, from which the state can be rebuilt."""

    type: str
    command: str
    source: str
    target: str
    payload: Mapping[str, object] = field(default_factory=dict)


MOST_NAMED = 3
"""States that a Chinese sentence names; more are no help."""
_WHO = {
    "owner": "负责人",
    "assignee": "承办人",
    "eligible": "可认领的人",
    "supervisor": "上级",
    "reporter": "报告人",
    "checker": "核查人",
}
_NEEDS = {
    "evidence": "办理说明或照片",
    "reason": "理由",
    "owner": "负责人",
    "assignee": "承办人",
    "into": "并入哪件事项",
    "verdict": "是否解决",
    "rating": "1 到 5 星的评分",
}


def _listed(words: Mapping[str, str], codes: Iterable[str]) -> str:
    return "、".join(words.get(code, code) for code in codes)


def has_evidence(payload: Mapping[str, object]) -> bool:
    """Evidence is words or at least one photo (named by its digest)."""
    text, photos = payload.get("text"), payload.get("photos")
    return bool(isinstance(text, str) and text.strip()) or bool(
        isinstance(photos, list) and photos and all(isinstance(p, str) and p for p in photos)
    )


def _missing(need: str, payload: Mapping[str, object]) -> str | None:
    """The sentence for a payload that lacks ``need``, or None."""
    if need == "evidence":
        return None if has_evidence(payload) else "evidence: a text or a photo's digest"
    if need == "tasks":
        return None if payload.get("tasks") else "the tasks that were done"
    value = payload.get(need)
    if need == "rating":
        return None if isinstance(value, int) else "rating: 1 to 5"
    return None if isinstance(value, str) and value.strip() else f"{need}: a text that is not blank"


def decide(
    machine: Machine, name: str, state: str, command: str, who: Who, payload: Mapping[str, object]
) -> Event:
    """The event that ``command`` makes of the thing ``name`` in ``state``.

    Raises:
        Refusal: ``invalid`` for an unknown command or a payload that lacks something,
            ``conflict`` when the state does not allow it, ``forbidden`` for the wrong person.
    """
    moves = [move for move in machine.moves if move.command == command]
    thing = f"{machine.word(machine.name)} {name}（{machine.word(state)}）"
    verb = f"“{machine.word(command)}”"
    if not moves:
        raise Refusal(
            f"a {machine.name} has no command '{command}'; it has {', '.join(machine.commands)}",
            field="command",
            value=command,
            remedy=", ".join(machine.commands),
            zh=f"{machine.word(machine.name)}没有{verb}这一步。",
        )
    fitting = [move for move in moves if state in move.sources]
    if not fitting:
        fit = sorted({source for move in moves for source in move.sources})
        raise Refusal(
            f"{machine.name} {name} is '{state}'; '{command}' acts on {', '.join(fit)}",
            field="state",
            value=state,
            remedy=f"first bring it to {' or '.join(fit)}",
            kind="conflict",
            zh=f"{thing}现在不能{verb}"
            + (
                f"；{'、'.join(map(machine.word, fit))}时才可以。"
                if len(fit) <= MOST_NAMED
                else "。"
            ),
        )
    allowed = [move for move in fitting if move.by & who.relations]
    if not allowed:
        able = sorted({relation for move in fitting for relation in move.by} - {"system"})
        advice = next((move.explain for move in fitting if move.explain), "")
        raise Refusal(
            f"{who.account} may not '{command}' {machine.name} {name} in state '{state}'; "
            f"its {' or '.join(able) or 'engine'} may" + (f": {advice}" if advice else ""),
            field="actor",
            value=who.account,
            remedy=advice or f"ask the {' or '.join(able)}",
            kind="forbidden",
            zh=f"您不能对{thing}{verb}，请找{_listed(_WHO, able) or '系统'}。",
        )
    lacks: list[str] = []
    for move in allowed:
        lacking = [text for need in move.needs if (text := _missing(need, payload))]
        if lacking:
            lacks = lacks or lacking
        elif move.another and who.did_it:
            raise Refusal(
                f"{who.account} did the work of {machine.name} {name} or is a party to it; "
                f"'{command}' needs another person",
                field="actor",
                value=who.account,
                remedy="let somebody else look at it",
                kind="forbidden",
                zh=f"{thing}是您办的或与您有关，{verb}须由另一人来做。",
            )
        else:
            return Event(move.event, command, state, move.target, dict(payload))
    raise Refusal(
        f"'{command}' on {machine.name} {name} needs {' and '.join(lacks)}",
        field=lacks[0].split(":")[0],
        value=None,
        remedy=f"give {' and '.join(lacks)}",
        zh=f"{verb}还缺：{_listed(_NEEDS, [one.split(':')[0] for one in lacks])}。",
    )


def possible(machine: Machine, state: str, who: Who) -> list[str]:
    """Commands open to this person now, in the table's order: what the desk shows as buttons."""
    return list(
        dict.fromkeys(
            move.command
            for move in machine.moves
            if state in move.sources
            and move.by & who.relations
            and not (move.another and who.did_it)
        )
    )
