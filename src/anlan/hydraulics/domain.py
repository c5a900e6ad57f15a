"""What a run is of: its cells and their ground, its scheme, its members and its type of number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks
from anlan.hydraulics.layout import Layout
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.physics import WALL
from anlan.hydraulics.schemes import TABLED_TILES, TILES
from anlan.hydraulics.subgrid import Subgrid


@dataclass(frozen=True, eq=False)
class Domain:
    """What does not change, and how arrays of the user and of the run answer to each other.

    Attributes:
        layout: where cells and faces lie in the run's arrays.
        active: (ny, nx) cells of the domain.
        bed: (ny, nx) as the run holds it, m; NaN where inactive.
        z: (ny, nx) the same from ``zero``; ``physics.WALL`` where inactive.
        manning: (ny, nx) s m^-1/3; 0 where inactive.
        tables: of a finer raster, as the run holds them.
        zero: level that the run counts from, m.
        dx: side of a cell, m.
        scheme: key of ``schemes.TILES``.
        real: the run's type of number.
        single: whether it is one run, whose arrays have no dimension of members.
    """

    layout: Layout
    active: NDArray[np.bool_]
    bed: NDArray[np.float64]
    z: NDArray[np.float64]
    manning: NDArray[np.float64]
    tables: Subgrid | None
    zero: float
    dx: float
    scheme: str
    real: np.dtype[Any]
    single: bool

    @property
    def members(self) -> int:
        """Of the ensemble, 1 for a single run."""
        return self.layout.members

    @property
    def shape(self) -> tuple[int, int]:
        """(ny, nx)."""
        return self.layout.ny, self.layout.nx

    @property
    def area(self) -> float:
        """Of a cell, m2."""
        return self.dx**2

    @property
    def keeps_velocities(self) -> bool:
        """Whether the scheme keeps velocities at faces beside the discharges."""
        return self.scheme == "full"

    @property
    def flows_at_cells(self) -> bool:
        """Whether the scheme keeps discharges at cells, not at faces."""
        return self.scheme == "second_order"

    @property
    def tile(self) -> Any:
        """The compiled function that computes a tile."""
        return (TILES if self.tables is None else TABLED_TILES)[self.scheme]

    def flat(self, cells: Array) -> NDArray[np.int64]:
        """Flat indices in the padded grid of one member, from those in (ny, nx)."""
        nx = self.layout.nx
        return self.layout.flat(cells // nx, cells % nx)

    def level(self, depth: Array) -> NDArray[np.float64]:
        """(…, ny, nx) level of cells with so much water, m."""
        if self.tables is not None:
            return self.tables.level(depth)
        return np.asarray(self.bed + depth)

    def of_members(self, name: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
        """A field of every member, (M, *shape) float64.

        Raises:
            ValueError: wrong shape.
        """
        array = np.asarray(value, np.float64)
        wanted = (self.members, *shape)
        if array.shape not in (shape, wanted):
            raise ValueError(f"{name} has shape {array.shape}; it must have the shape {shape}")
        return np.broadcast_to(array, wanted)

    def shown(self, values: Any) -> Any:
        """What a single run shows of something kept for all members."""
        if not self.single:
            return values
        one = values[0]
        return float(one) if np.ndim(one) == 0 else one

    def shown_field(self, array: Array) -> Array:
        """The same for fields (…, M, ny, nx)."""
        return array[..., 0, :, :] if self.single else array


def lay_domain(
    bed_elevation: ArrayLike | Subgrid,
    dx: float,
    manning: ArrayLike | None,
    scheme: str,
    active: ArrayLike | None,
    members: int | None,
    precision: str,
) -> Domain:
    """The domain of a run; arguments as of ``ShallowWater``.

    Raises:
        ValueError: an array of the wrong shape, NaN or infinite on active cells, negative
            Manning, or a setting outside its range.
    """
    tables = bed_elevation if isinstance(bed_elevation, Subgrid) else None
    if tables is not None:
        tables.check(dx, manning)
        bed_elevation, manning = tables.bed, tables.manning
    if manning is None:
        raise ValueError("manning is missing; give a number or (ny, nx)")
    bed = np.array(bed_elevation, np.float64)
    if bed.ndim != 2 or 0 in bed.shape:
        raise ValueError(
            f"bed_elevation has shape {bed.shape}; it must have rows and columns (ny, nx)"
        )
    ny, nx = bed.shape
    inside = checks.mask("active", active, (ny, nx))
    if tables is not None:
        inside &= tables.active
    if not inside.any():
        raise ValueError("active has no active cell; mark at least one")
    good = np.isfinite(bed) | ~inside
    checks.every("bed_elevation", bed, good, "must be finite on active cells")
    n = checks.field("manning", manning, (ny, nx))
    checks.every(
        "manning",
        n,
        (np.isfinite(n) & (n >= 0.0) & (n <= 10.0)) | ~inside,
        "must lie between 0 and 10 s m^-1/3 on active cells",
    )
    checks.choice("precision", precision, ("single", "double"))
    checks.choice("scheme", scheme, tuple(TILES))
    if tables is not None and scheme not in TABLED_TILES:
        raise ValueError(
            f"the scheme {scheme!r} takes no sub-grid tables; choose one of "
            f"{', '.join(map(repr, TABLED_TILES))}, or give it the mean ground"
        )
    if members is not None and members < 1:
        raise ValueError(f"members is {members}; it must be 1 or more, or left out")
    real = np.dtype(np.float32 if precision == "single" else np.float64)
    zero = float(np.median(bed[inside]))
    z = np.where(inside, bed - zero, WALL)
    # What a face compares must be what the run holds, not what was given.
    z = z.astype(real).astype(np.float64)
    held = np.where(inside, z + zero, np.nan)
    return Domain(
        layout=Layout(ny, nx, members or 1, bands=scheme == "second_order"),
        active=inside,
        bed=held,
        z=z,
        manning=np.where(inside, n, 0.0),
        tables=None if tables is None else tables.held_as(held, real.type),
        zero=zero,
        dx=checks.positive("dx", dx),
        scheme=scheme,
        real=real,
        single=members is None,
    )
