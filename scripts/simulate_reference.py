"""Write the reference of the simulation file into docs/simulate.md, from the records."""

from pathlib import Path

from anlan.simulation.reference import reference

MANUAL = Path(__file__).parents[1] / "docs" / "simulate.md"
BEGIN, END = "<!-- reference: begin -->\n", "<!-- reference: end -->"


def main() -> None:
    """Replace what stands between the two marks."""
    text = MANUAL.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    MANUAL.write_text(f"{head}{BEGIN}\n{reference()}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
