"""The manual's reference is what the records say, and says something about every key."""

from __future__ import annotations

from pathlib import Path

from anlan.simulation.document import Simulation
from anlan.simulation.record import Record, keys
from anlan.simulation.reference import reference

MANUAL = Path(__file__).parents[2] / "docs" / "simulate.md"


def test_the_manual_holds_the_reference_as_the_records_give_it() -> None:
    begin, end = "<!-- reference: begin -->\n", "<!-- reference: end -->"
    text = MANUAL.read_text(encoding="utf-8")

    written = text.split(begin)[1].split(end)[0].strip()

    assert written == reference().strip(), "write it anew: python scripts/simulate_reference.py"


def test_every_key_and_every_table_has_words() -> None:
    def silent(record: type[Record]) -> list[str]:
        found = [name for name, one in keys(record).items() if one.record is None and not one.doc]
        for one in keys(record).values():
            if one.record is not None:
                found += silent(one.record) + ([] if one.record.__doc__ else [str(one.record)])
        return found

    assert silent(Simulation) == []
