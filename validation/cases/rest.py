"""Still water: nothing may move."""

from __future__ import annotations

from pathlib import Path

from validation.flow import SCHEMES, Precision, Scheme, largest_speed, make_model
from validation.record import Figure, Section, Table, Volume, number
from validation.stillness import BEDS, options

LONG = 600.0  # s
SHORT = 120.0  # s, in a quick report: what moves still water moves it in the first steps
PROMISE: dict[Precision, float] = {"single": 1e-6, "double": 1e-12}


def speed(case: str, scheme: Scheme, precision: Precision, until: float) -> tuple[float, float]:
    """Largest speed, m/s, at ``until``, s, and the volume error."""
    bed, level, dx = BEDS[case]()
    model = make_model(
        bed, dx, 0.03, level=level, scheme=scheme, precision=precision, **options(case, bed)
    )
    model.run_until(until)
    return largest_speed(model), model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Every bed, scheme and precision."""
    rows, volumes = [], []
    worst = dict.fromkeys(PROMISE, 0.0)
    until = SHORT if quick else LONG
    for case in BEDS:
        for scheme in SCHEMES:
            cells = []
            for precision in PROMISE:
                try:
                    found, lost = speed(case, scheme, precision, until)
                except (ValueError, NotImplementedError) as refusal:
                    cells.append(f"refused: {str(refusal)[:60]}")
                    continue
                worst[precision] = max(worst[precision], found)
                cells.append(number(found, 2))
                volumes.append(Volume(f"{case}, {scheme}", precision, lost))
            rows.append((case, scheme.replace("_", " "), *cells))
    return Section(
        name="rest",
        title="Still water",
        source="The balance of bed slope and pressure that any scheme must keep (Greenberg and Leroux 1996).",
        setup=f"A lake with islands, dry corners and hollows for {until:.0f} s on random beds; with barriers; "
        "with idle structures. Largest speed of any cell at the end.",
        figures=tuple(
            Figure(f"largest speed, {precision} precision", worst[precision], "m/s", limit)
            for precision, limit in PROMISE.items()
        ),
        tables=(Table("Largest speed, m/s", ("bed", "scheme", *PROMISE), tuple(rows)),),
        volumes=tuple(volumes),
    )
