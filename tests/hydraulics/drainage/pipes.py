"""Small networks for the tests of this folder."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from anlan.hydraulics.drainage import (
    Conduit,
    CrossSection,
    Curve,
    Drainage,
    DrainageRun,
    Inflow,
    Junction,
    Link,
    Network,
    Node,
    Orifice,
    Outfall,
    Pump,
    Storage,
    Weir,
    constant,
)


def line_of_pipes(
    count: int,
    section: CrossSection,
    *,
    length: float = 100.0,
    slope: float = 0.002,
    roughness: float = 0.013,
    inflow: float = 0.0,
    outfall: Outfall | None = None,
    max_depth: float = 5.0,
) -> Network:
    """Manholes "0", "1", ... in a row that falls to the outfall "end" at level 0."""
    inverts = [slope * length * (count - k) for k in range(count)]
    nodes: list[Node] = [Junction(str(k), z, max_depth) for k, z in enumerate(inverts)]
    nodes.append(outfall or Outfall("end", 0.0))
    names = [node.name for node in nodes]
    links = [
        Conduit(f"pipe {k}", names[k], names[k + 1], section, length, roughness)
        for k in range(count)
    ]
    inflows = [Inflow("0", constant(inflow))] if inflow else []
    return Network(nodes, links, inflows)


def run_for(run: DrainageRun, seconds: float, step: float = 5.0) -> None:
    """Advance a run that is coupled to nothing."""
    for _ in range(round(seconds / step)):
        run.advance(step)


_SECTIONS = st.one_of(
    st.builds(CrossSection, st.just("circular"), st.floats(0.3, 2.0)),
    st.builds(CrossSection, st.just("rect_closed"), st.floats(0.3, 2.0), st.floats(0.3, 3.0)),
    st.builds(
        CrossSection,
        st.just("trapezoidal"),
        st.floats(0.5, 2.0),
        st.floats(0.2, 2.0),
        st.floats(0.0, 2.0),
        st.floats(0.0, 2.0),
    ),
)


@st.composite
def networks(draw: st.DrawFn) -> Drainage:
    """Any tree of up to eight nodes with up to three more links, some nodes under cells."""
    count = draw(st.integers(2, 8))
    nodes: list[Node] = []
    for k in range(count):
        level = draw(st.floats(-3.0, 3.0))
        kinds: dict[str, Any] = {
            "invert": level,
            "max_depth": draw(st.floats(0.5, 4.0)),
            "initial_depth": draw(st.floats(0.0, 3.0)),
        }
        if draw(st.integers(0, 4)) == 0:
            nodes.append(Storage(f"n{k}", area=Curve((0.0, 2.0), (20.0, 60.0)), **kinds))
        else:
            ponded = draw(st.sampled_from([0.0, 0.0, 50.0]))
            nodes.append(Junction(f"n{k}", ponded_area=ponded, **kinds))
    links: list[Link] = []
    for k in range(1, count + draw(st.integers(0, 3))):
        a = k if k < count else draw(st.integers(1, count - 1))
        b = draw(st.integers(0, a - 1))
        links.append(draw(_links(f"l{k}", f"n{a}", f"n{b}")))
    stage = draw(st.one_of(st.none(), st.builds(constant, st.floats(-3.0, 3.0))))
    kind: Any = "stage" if stage else draw(st.sampled_from(["free", "normal"]))
    nodes.append(Outfall("out", draw(st.floats(-4.0, 0.0)), kind, stage, draw(st.booleans())))
    links.append(Conduit("l out", "n0", "out", draw(_SECTIONS), draw(st.floats(5.0, 200.0)), 0.013))
    flood = Curve((0.0, 60.0, 120.0), (0.0, draw(st.floats(-0.5, 3.0)), 0.1))
    network = Network(nodes, links, [Inflow(f"n{count - 1}", flood)])
    under = draw(st.sets(st.sampled_from([n.name for n in nodes])))
    return Drainage(network, {name: (0, k) for k, name in enumerate(sorted(under))})


@st.composite
def _links(draw: st.DrawFn, name: str, a: str, b: str) -> Link:
    kind = draw(st.sampled_from(["conduit", "conduit", "conduit", "orifice", "weir", "pump"]))
    flap = draw(st.booleans())
    offset = draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    if kind == "orifice":
        return Orifice(name, a, b, "side", draw(st.floats(0.1, 1.0)), offset=offset, flap=flap)
    if kind == "weir":
        return Weir(name, a, b, "transverse", 0.8, draw(st.floats(0.2, 3.0)), offset=offset)
    if kind == "pump":
        return Pump(name, a, b, "depth", Curve((0.0, 1.0), (0.0, draw(st.floats(0.0, 1.0)))))
    return Conduit(
        name,
        a,
        b,
        draw(_SECTIONS),
        draw(st.floats(5.0, 300.0)),
        draw(st.floats(0.01, 0.03)),
        from_offset=offset,
        to_offset=draw(st.sampled_from([0.0, 0.5])),
        barrels=draw(st.integers(1, 2)),
        flap=flap,
        entry_loss=draw(st.sampled_from([0.0, 0.5])),
    )
