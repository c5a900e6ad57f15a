"""Rules of operation in a file: conditions at map coordinates, and what they set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anlan.hydraulics.works import (
    DifferenceCondition,
    LevelCondition,
    Rule,
    TimeCondition,
)
from anlan.refusal import Refusal
from anlan.simulation.record import Point, Record, Where, exactly_one, key, read_record, shown

Cell = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class ConditionTable(Record):
    """A condition: of a level, of the difference of two levels, or of time."""

    at: Point | None = key("point", "where a level is read", default_doc="a condition of time")
    minus: Point | None = key("point", "where a level is read that is taken from it")
    above: float | None = key("number", "holds while the level (or difference) is above", unit="m")
    below: float | None = key("number", "holds while the level (or difference) is below", unit="m")
    begin: float | None = key("number", "holds from this time on", unit="s")
    end: float | None = key("number", "holds until this time", unit="s")

    def check(self) -> None:
        if self.at is None:
            if self.minus is not None or self.above is not None or self.below is not None:
                raise Refusal(
                    "has minus, above or below without at; give at = [x, y], where the level is "
                    "read",
                    field="at",
                    remedy="at = [x, y]",
                )
            if self.begin is None and self.end is None:
                raise Refusal(
                    "is empty; give at with above or below, or begin and end",
                    field="at",
                    remedy="a level or a time",
                )
            return
        exactly_one(self, ("above", "below"))
        if self.begin is not None or self.end is not None:
            raise Refusal(
                "mixes a level with a time; write two conditions",
                field="begin",
                remedy="two conditions",
            )

    def build(self, cell: Callable[[Point], Cell]) -> Any:
        """The condition as the core takes it."""
        if self.at is None:
            times = {"start": self.begin, "end": self.end}
            return TimeCondition(**{name: t for name, t in times.items() if t is not None})
        mark = self.above if self.above is not None else self.below
        assert mark is not None
        side: Any = "above" if self.above is not None else "below"
        if self.minus is not None:
            return DifferenceCondition(cell(self.at), cell(self.minus), side, mark)
        return LevelCondition(cell(self.at), side, mark)


@dataclass(frozen=True)
class RuleTable:
    """While all conditions hold, the structure is set so."""

    when: tuple[ConditionTable, ...]
    setting: float | str


def read_rules(value: object, folder: Path) -> tuple[RuleTable, ...]:
    """The list under ``rules`` of a structure.

    Raises:
        Refusal: something that is no rule, with what one looks like.
    """
    example = '{ when = [{ at = [120.0, 340.0], above = 4.5 }], set = "off" }'
    if not isinstance(value, list) or not all(isinstance(rule, dict) for rule in value):
        raise Refusal(
            f"rules = {shown(value)} is no list of rules; write one like [{example}]",
            field="rules",
            value=value,
            remedy=example,
        )
    found = []
    for number, rule in enumerate(value, start=1):
        strange = set(rule) - {"when", "set"}
        setting = rule.get("set")
        conditions = rule.get("when", [])
        if strange or "set" not in rule or not isinstance(conditions, list):
            raise Refusal(
                f"rule {number} is {shown(rule)}; it takes set and a list when, like {example}",
                field="rules",
                value=rule,
                remedy=example,
            )
        if isinstance(setting, bool) or not isinstance(setting, str | int | float):
            raise Refusal(
                f'rule {number} sets {shown(setting)}; give "on", "off", "auto" or a share from '
                "0 to 1",
                field="set",
                value=setting,
                remedy='"on", "off", "auto" or a share',
            )
        where = Where(folder / "rules", f"rule {number}")
        when = tuple(_condition(item, where) for item in conditions)
        found.append(RuleTable(when, setting))
    return tuple(found)


def _condition(item: object, where: Where) -> ConditionTable:
    try:
        return read_record(ConditionTable, item, where)
    except Refusal as problem:
        message = problem.message.removeprefix(f"{where.file}: ")
        raise Refusal(
            message, field=problem.field, value=problem.value, remedy=problem.remedy
        ) from None


def rules_at(rules: tuple[RuleTable, ...], cell: Callable[[Point], Cell]) -> tuple[Rule, ...]:
    """The rules as the core takes them.

    Raises:
        ValueError: a setting that is none.
    """
    return tuple(
        Rule(tuple(one.build(cell) for one in rule.when), rule.setting)  # type: ignore[arg-type]
        for rule in rules
    )
