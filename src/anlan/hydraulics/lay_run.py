"""The arguments of a run, checked and laid out as the records that it works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks, second_order_scratch
from anlan.hydraulics.arrays import Clock, Crew, Forcing, Ground, Run, Settings, Sums, Tiles
from anlan.hydraulics.crew import counters
from anlan.hydraulics.domain import Domain
from anlan.hydraulics.drainage import Drainage
from anlan.hydraulics.edges import Boundary, Breach, Source, per_member
from anlan.hydraulics.face_rows import SCRATCH_ROWS, SPARE
from anlan.hydraulics.lay_ways import lay_ways, table
from anlan.hydraulics.movers import Held, Sources
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.physics import WALL
from anlan.hydraulics.schemes import largest_courant
from anlan.hydraulics.soil import Infiltration, Soil
from anlan.hydraulics.tables import TabledGround
from anlan.hydraulics.works import Bridge, Structure, Works, check_structures, pack_works


@dataclass(frozen=True, eq=False)
class Plan:
    """All that the course of a run starts from.

    Attributes:
        domain: its cells.
        run: what a step reads and writes besides the water.
        soil: what the ground takes.
        structures: as given.
        works: those of them that move water between cells, laid out.
        drainage: the network below, as given.
        drain_cells: (coupled,) flat indices of the cells over its nodes.
        edge_tiles: (tiles,) uint8 those at boundaries, where water may come to dry ground.
        threads: that share the work.
    """

    domain: Domain
    run: Run
    soil: Soil
    structures: tuple[Structure, ...]
    works: Works
    drainage: Drainage | None
    drain_cells: NDArray[np.int64]
    edge_tiles: Array
    threads: int

    @property
    def links(self) -> list[Structure]:
        """The structures of ``works``, in its order."""
        return [s for s in self.structures if not isinstance(s, Bridge)]

    @property
    def bridges(self) -> list[Bridge]:
        """The others, which lie on faces."""
        return [s for s in self.structures if isinstance(s, Bridge)]


def lay_settings(domain: Domain, courant: float, max_step: float, theta: float) -> Settings:
    """Numbers of a run, without wind.

    Raises:
        ValueError: one of them lies outside its range.
    """
    if not 0.5 <= theta <= 1.0:
        raise ValueError(f"theta is {theta}; it must lie between 0.5 and 1")
    return Settings(
        dx=domain.dx,
        theta=float(theta),
        courant=min(checks.positive("courant", courant), largest_courant(domain.scheme, theta)),
        max_step=checks.positive("max_step", max_step),
        wind_x=0.0,
        wind_y=0.0,
    )


def lay_run(
    domain: Domain,
    *,
    face_crest_x: ArrayLike | None,
    face_crest_y: ArrayLike | None,
    breaches: Sequence[Breach],
    boundaries: Sequence[Boundary],
    sources: Sequence[Source],
    infiltration: Infiltration | None,
    structures: Sequence[Structure],
    drainage: Drainage | None,
    threads: int,
) -> Plan:
    """Lay out a run; arguments as of ``ShallowWater``.

    Raises:
        ValueError: something that does not fit the domain.
    """
    layout, (ny, nx) = domain.layout, domain.shape
    checks.threads(threads)
    check_structures(structures, domain.active)
    ways, edges = lay_ways(
        layout,
        domain.z,
        domain.active,
        checks.crest("face_crest_x", face_crest_x, (ny, nx + 1)) - domain.zero,
        checks.crest("face_crest_y", face_crest_y, (ny + 1, nx)) - domain.zero,
        breaches,
        [s for s in structures if isinstance(s, Bridge)],
        boundaries,
        domain.manning,
        domain.zero,
        domain.real,
    )
    members = domain.members
    soil = Soil(
        infiltration,
        domain.active,
        lambda a: layout.padded(a, 0.0, np.float64),
        members,
        threads,
    )
    tiles, edge_tiles = _lay_tiles(domain, boundaries)
    run = Run(
        ground=_lay_ground(domain),
        forcing=_lay_forcing(domain, soil),
        ways=ways,
        edges=edges,
        held=Held(np.zeros(0, np.int64), np.zeros((members, 0))),
        sources=_lay_sources(domain, sources),
        tiles=tiles,
        scratch=second_order_scratch.scratch(threads, layout.shape, domain.real)
        if domain.flows_at_cells
        else np.zeros((threads, SCRATCH_ROWS, layout.tile_width + SPARE), domain.real),
        sums=Sums(np.zeros(members), np.zeros(members)),
        clock=Clock(
            time=np.zeros(members),
            speed=np.zeros(members),
            last=np.zeros(members),
            steps=np.zeros(members, np.int64),
        ),
        crew=Crew(
            shared=counters(threads),
            dt=np.zeros(members),
            dt_u=np.zeros(members),
        ),
    )
    drain_cells = np.zeros(0, np.int64)
    if drainage is not None:
        drain_cells = domain.flat(checks.cells((drainage.rows, drainage.columns), domain.active))
    return Plan(
        domain=domain,
        run=run,
        soil=soil,
        structures=tuple(structures),
        works=_lay_works(domain, structures),
        drainage=drainage,
        drain_cells=drain_cells,
        edge_tiles=edge_tiles,
        threads=threads,
    )


def _lay_ground(domain: Domain) -> Ground | TabledGround:
    at, real = domain.layout, domain.real
    bed = at.padded(domain.z, float(WALL), real)
    rough = at.padded(domain.manning, 0.0, real)
    if domain.tables is None:
        return Ground(bed, rough)
    return TabledGround(bed, rough, domain.tables.packed(at, domain.zero, real))


def _lay_forcing(domain: Domain, soil: Soil) -> Forcing:
    """No rain yet, and what the soil takes at first."""
    layout, real = domain.layout, domain.real
    rows, columns = layout.shape
    losses = np.zeros(((domain.members if soil.lasting else 1) * rows, columns), real)
    soil.rates(losses)
    return Forcing(
        rain=np.zeros((rows, columns), real),
        losses=losses,
        rain_stride=0,
        losses_stride=rows if soil.lasting else 0,
        has_losses=soil.any,
        soaks=soil.lasting,
        soaked=layout.zeros(real) if soil.lasting else np.zeros((1, 1), real),
    )


def _lay_tiles(domain: Domain, boundaries: Sequence[Boundary]) -> tuple[Tiles, Array]:
    """All tiles, and which of them lie at boundaries."""
    tiles = domain.layout.tiles(domain.active)
    at_edges = np.zeros(tiles.wet.shape[1], np.uint8)
    for boundary in boundaries:
        for faces in boundary.stretches:
            at_edges[domain.layout.tile_of(faces.rows, faces.columns)] = 1
    tiles.rainy[...] = at_edges
    return tiles, at_edges


def _lay_works(domain: Domain, structures: Sequence[Structure]) -> Works:
    works = pack_works(structures, domain.active, domain.zero, domain.members)
    return works._replace(
        cell=domain.flat(works.cell),
        from_cell=domain.flat(works.from_cell),
        to_cell=domain.flat(works.to_cell),
    )


def _lay_sources(domain: Domain, sources: Sequence[Source]) -> Sources:
    cells = [checks.cells(s.cells, domain.active) for s in sources]
    for s, flat in zip(sources, cells, strict=True):
        if not flat.size:
            raise ValueError(f"the source {s.name!r} has no cell")
    series = [
        one
        for s in sources
        for one in per_member(s.discharge, domain.members, f"source {s.name!r}")
    ]
    return Sources(
        cell=domain.flat(np.concatenate(cells) if cells else np.zeros(0, np.int64)),
        share=np.concatenate([np.full(len(c), 1.0 / len(c)) for c in cells])
        if cells
        else np.zeros(0),
        source=np.repeat(np.arange(len(cells)), [len(c) for c in cells]).astype(np.int64),
        series=table(series, [0.0] * len(series)),
        flow=np.zeros((domain.members, len(sources))),
    )
