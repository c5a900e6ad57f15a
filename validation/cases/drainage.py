"""Drainage networks beside EPA-SWMM on the same input files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from anlan.hydraulics.drainage import DrainageRun
from anlan.simulation.inp_text import FLOW_UNITS, read_sections
from anlan.simulation.swmm import read_swmm
from validation.compare import nse
from validation.flow import Numbers
from validation.plots import COLOUR, EXACT, picture
from validation.record import Figure, Picture, Section, Table, Volume

NETWORKS = Path(__file__).parents[2] / "tests" / "data" / "swmm"
PUBLISHED = {
    "extran1": "Extran example 1: surcharge and flooding",
    "extran2": "Extran example 2: the same above a fixed level",
    "extran4": "Extran example 4: the same with a weir",
    "extran5": "Extran example 5: the same with a basin and an orifice",
    "extran7": "Extran example 7: the same with a pump",
    "extran9": "Extran example 9: a pond with an orifice",
}
OWN = {"loops": "looped sewers that surcharge", "polder": "polder with pump, weir and flap gate"}
PROMISE = 0.99
STILL = 1e-3  # m or m3/s: a series that varies by less is compared by its largest difference


@dataclass(frozen=True)
class Pair:
    """One series from both: name of the element, "head" or "flow", ours and SWMM's, SI units."""

    element: str
    kind: str
    ours: Numbers
    theirs: Numbers

    @property
    def score(self) -> float:
        """NSE; 1 for series that hardly vary and agree."""
        if float(np.ptp(self.theirs)) < STILL:
            return 1.0 if float(np.abs(self.ours - self.theirs).max()) < STILL else 0.0
        return nse(self.ours, self.theirs)


def compare(name: str) -> tuple[float, list[Pair], float]:
    """Interval of the outputs, s; every node's head and link's flow; our relative volume error."""
    path = NETWORKS / f"{name}.inp"
    step, heads, flows = _swmm(path)
    options = {line.words[0]: line.words[1] for line in read_sections(path)["OPTIONS"]}
    to_flow, to_length = FLOW_UNITS[options["FLOW_UNITS"]]
    network = read_swmm(path).network
    run = DrainageRun(network)
    count = len(next(iter(heads.values())))
    found_h, found_q = [], []
    for _ in range(count):
        run.advance(step)
        found_h.append(run.head[0].copy())
        found_q.append(run.flow[0].copy())
    ours_h, ours_q = np.array(found_h), np.array(found_q)
    pairs = [
        Pair(node.name, "head", ours_h[:, k], heads[node.name] * to_length)
        for k, node in enumerate(network.nodes)
    ]
    pairs += [
        Pair(link.name, "flow", ours_q[:, k], flows[link.name] * to_flow)
        for k, link in enumerate(network.links)
    ]
    return step, pairs, float(np.max(np.abs(run.budget.relative_error)))


def against_itself(name: str) -> tuple[float, float]:
    """Least NSE of EPA-SWMM's heads and flows by its slot against those by its Extran method."""
    path = NETWORKS / f"{name}.inp"
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / path.name
        other.write_text(text.replace("[OPTIONS]", "[OPTIONS]\nSURCHARGE_METHOD SLOT", 1))
        slot, extran = _swmm(other), _swmm(path)
    heads, flows = (
        min(Pair(name, "", ours[name], theirs[name]).score for name in theirs)
        for ours, theirs in zip(slot[1:], extran[1:], strict=True)
    )
    return heads, flows


def _swmm(path: Path) -> tuple[float, dict[str, Numbers], dict[str, Numbers]]:
    """Interval, s, heads of nodes and flows of links of EPA-SWMM, in the units of the file."""
    from swmm.toolkit import output, shared_enum, solver

    with tempfile.TemporaryDirectory() as folder:
        result = str(Path(folder) / "out")
        solver.swmm_run(str(path), str(Path(folder) / "rpt"), result)
        handle = output.init()
        output.open(handle, result)
        last = output.get_times(handle, shared_enum.Time.NUM_PERIODS) - 1
        step = float(output.get_times(handle, shared_enum.Time.REPORT_STEP))
        sizes = output.get_proj_size(handle)
        node, link = shared_enum.ElementType.NODE, shared_enum.ElementType.LINK
        head, flow = shared_enum.NodeAttribute.HYDRAULIC_HEAD, shared_enum.LinkAttribute.FLOW_RATE
        heads = {
            output.get_elem_name(handle, node, k): np.array(
                output.get_node_series(handle, k, head, 0, last)
            )
            for k in range(sizes[1])
        }
        flows = {
            output.get_elem_name(handle, link, k): np.array(
                output.get_link_series(handle, k, flow, 0, last)
            )
            for k in range(sizes[2])
        }
        output.close(handle)
    return step, heads, flows


def run(images: Path, quick: bool) -> Section:
    """All networks; left out where EPA-SWMM is not installed."""
    title = "Drainage beside EPA-SWMM"
    source = (
        "Extran examples 1, 2, 4, 5, 7 and 9: Roesner, Aldrich and Dickinson (1988), EPA/600/3-88/001b. Referee: EPA-SWMM 5.2 "
        "(swmm-toolkit), dynamic wave, on the same `.inp` files."
    )
    if find_spec("swmm") is None:
        return Section(
            "drainage", title, source, "EPA-SWMM is not installed; the case was left out."
        )
    rows, figures, volumes, drawn = [], [], [], {}
    for name, words in (PUBLISHED | OWN).items():
        step, pairs, lost = compare(name)
        drawn[name] = (step, pairs)
        volumes.append(Volume(words, "double", lost))
        itself = dict(zip(("head", "flow"), against_itself(name), strict=True))
        for kind in ("head", "flow"):
            chosen = [p for p in pairs if p.kind == kind]
            worst = min(chosen, key=lambda p: p.score)
            rows.append(
                (words, f"{kind}s of {len(chosen)}", f"{worst.score:.4f}", worst.element,
                 f"{np.median([p.score for p in chosen]):.4f}", f"{itself[kind]:.4f}")
            )  # fmt: skip
            figures.append(
                Figure(
                    f"{words}: least NSE of {len(chosen)} {kind}s",
                    worst.score,
                    promise=PROMISE,
                    at_least=True,
                )
            )
    with picture(images, "drainage.png", columns=2, size=(9.0, 3.2)) as axes:
        for ax, kind, unit in zip(axes, ("head", "flow"), ("m", "m³/s"), strict=True):
            step, pairs = drawn["extran1"]
            chosen = sorted((p for p in pairs if p.kind == kind), key=lambda p: -np.ptp(p.theirs))
            for k, pair in enumerate(chosen[:3]):
                hours = np.arange(1, pair.ours.size + 1) * step / 3600.0
                ax.plot(hours, pair.theirs, label="EPA-SWMM" if k == 0 else None, **EXACT)
                ax.plot(
                    hours, pair.ours, "--", color=COLOUR["second_order"], label="Anlan" if k == 0 else None,
                    zorder=6,
                )  # fmt: skip
            ax.set(xlabel="t [h]", ylabel=f"{kind} [{unit}]")
        axes[0].legend(frameon=False)
    return Section(
        name="drainage",
        title=title,
        source=source,
        setup="Every node's head and every link's flow at the interval of the report of each file, whole simulations. A series "
        "that varies by less than 1 mm or 1 l/s counts as 1 where both agree within that. The last two networks are our own.",
        figures=tuple(figures),
        tables=(
            Table(
                "Nash–Sutcliffe efficiency",
                ("network", "series", "least", "at", "median", "EPA-SWMM against itself, least"),
                tuple(rows),
            ),
        ),
        pictures=(
            Picture("drainage.png", "Extran example 1: the three heads and flows that vary most"),
        ),
        volumes=tuple(volumes),
        notes=(
            "EPA-SWMM against itself: its two methods for surcharged pipes (SURCHARGE_METHOD SLOT beside EXTRAN) on the same "
            "file. In examples 5 and 7 they differ as much or more while pipes fill and empty: there is no one answer to hold "
            "0.99 against. Node 10309 of example 2: EPA-SWMM gives a dry end the surface of the middle of its conduit, 4500 ft "
            "long and under water at the other end, and so fills it late.",
        ),
    )
