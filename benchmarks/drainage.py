"""``python -m benchmarks.drainage``: milliseconds for one step of a network, beside EPA-SWMM.

Both route the same storm through the same made-up town in steps of 5 s on one thread, and the
processor time of the steps alone is counted. EPA-SWMM (swmm-toolkit) runs one member; ours one and
eight side by side, given for each member.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from swmm.toolkit import solver

from anlan.hydraulics.drainage import (
    Conduit,
    CrossSection,
    Curve,
    DrainageRun,
    Inflow,
    Junction,
    Link,
    Network,
    Node,
    Outfall,
)

STEP, STEPS = 5.0, 120
STORM = Curve((0.0, 300.0, 1800.0, 3600.0), (0.0, 0.004, 0.004, 0.0005))
SIDES = (40, 100)


def town(side: int, loops: float = 0.04) -> Network:
    """Manholes every 50 m in a square; streets drain to a collector along its middle.

    A share ``loops`` of the streets is joined to the next one, as towns grow.
    """
    rng = np.random.default_rng(1)
    middle = side // 2
    nodes: list[Node] = []
    links: list[Link] = []
    for i in range(side):
        for j in range(side):
            level = 20.0 + 0.15 * abs(i - middle) + 0.1 * (side - j)
            nodes.append(Junction(f"n{i}-{j}", level, 3.0))
            here = f"n{i}-{j}"
            if i == middle:
                there = f"n{i}-{j + 1}" if j < side - 1 else "out"
                section = CrossSection("rect_closed", 2.0 + 0.02 * j, 2.0 + 0.04 * j)
            else:
                there = f"n{i + (1 if i < middle else -1)}-{j}"
                upstream = i if i < middle else side - 1 - i
                section = CrossSection("circular", 0.4 + 0.02 * min(upstream, 40))
            links.append(Conduit(f"c{i}-{j}", here, there, section, 50.0, 0.013))
            if i != middle and j < side - 1 and rng.random() < loops:
                pipe = CrossSection("circular", 0.4)
                links.append(Conduit(f"l{i}-{j}", here, f"n{i}-{j + 1}", pipe, 50.0, 0.013))
    inflows = [Inflow(node.name, STORM) for node in nodes]
    nodes.append(Outfall("out", 19.9))
    return Network(nodes, links, inflows, step=STEP)


def as_inp(network: Network) -> str:
    """The town as an EPA-SWMM input file."""
    lines = ["[OPTIONS]", "FLOW_UNITS CMS", "FLOW_ROUTING DYNWAVE", "START_DATE 01/01/2026"]
    lines += ["END_DATE 01/01/2026", "END_TIME 01:00:00", f"ROUTING_STEP {STEP:g}"]
    lines += ["VARIABLE_STEP 0", "THREADS 1", "[JUNCTIONS]"]
    lines += [f"{n.name} {n.invert} 3" for n in network.nodes if isinstance(n, Junction)]
    lines += ["[OUTFALLS]"]
    lines += [f"{n.name} {n.invert} FREE NO" for n in network.nodes if isinstance(n, Outfall)]
    pipes = [k for k in network.links if isinstance(k, Conduit)]
    lines += ["[CONDUITS]"]
    lines += [f"{k.name} {k.from_node} {k.to_node} {k.length} {k.roughness} 0 0" for k in pipes]
    lines += ["[XSECTIONS]"]
    lines += [
        f"{k.name} {k.section.shape.upper()} {k.section.height} {k.section.width} 0 0 1"
        for k in pipes
    ]
    lines += ["[TIMESERIES]"]
    points = zip(STORM.x, STORM.y, strict=True)
    lines += [f"storm {hour} {y}" for hour, y in ((x / 3600.0, y) for x, y in points)]
    lines += ["[INFLOWS]", *(f"{f.node} FLOW storm" for f in network.inflows)]
    return "\n".join(lines) + "\n"


def swmm_ms(network: Network) -> float:
    """Processor milliseconds of one routing step of EPA-SWMM."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / f"town.{end}") for end in ("inp", "rpt", "out")]
        Path(files[0]).write_text(as_inp(network))
        solver.swmm_open(*files)
        solver.swmm_start(0)
        solver.swmm_step()
        begin = time.process_time()
        for _ in range(STEPS):
            solver.swmm_step()
        spent = time.process_time() - begin
        solver.swmm_end()
        solver.swmm_close()
    return 1e3 * spent / STEPS


def our_ms(network: Network, members: int) -> tuple[float, float]:
    """Processor milliseconds of one step for each member, and the error of the volume."""
    run = DrainageRun(network, members)
    run.advance(STEP)
    begin = time.process_time()
    for _ in range(STEPS):
        run.advance(STEP)
    spent = time.process_time() - begin
    return 1e3 * spent / STEPS / members, float(np.abs(run.budget.relative_error).max())


def measure(side: int) -> dict[str, Any]:
    """One row: a town of ``side`` x ``side`` manholes."""
    network = town(side)
    theirs = swmm_ms(network)
    alone, error = our_ms(network, 1)
    together, _ = our_ms(network, 8)
    return {
        "nodes": len(network.nodes),
        "links": len(network.links),
        "swmm_ms": theirs,
        "alone_ms": alone,
        "member_of_8_ms": together,
        "ratio_alone": theirs / alone,
        "ratio_member_of_8": theirs / together,
        "volume_error": error,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    rows = [measure(side) for side in SIDES]
    if given.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(
            f"{row['nodes']:>6} nodes, {row['links']} links: EPA-SWMM {row['swmm_ms']:.2f} ms a "
            f"step; ours {row['alone_ms']:.2f} ms alone ({row['ratio_alone']:.1f} x), "
            f"{row['member_of_8_ms']:.2f} ms for each of 8 members "
            f"({row['ratio_member_of_8']:.1f} x); volume error {row['volume_error']:.0e}"
        )


if __name__ == "__main__":
    main()
