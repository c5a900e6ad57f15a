"""A run on an NVIDIA GPU: the device's copy of the run, and the batches of steps it is asked for.

The water stays on the device from step to step. The host launches steps without looking at them,
many at a time in a graph, and reads the clock once per batch; a launch that finds its member at
the end returns at once. Water comes back when something on the host wants to see it.

Numbers differ from the CPU's in the last bits: the device contracts multiplications with
additions. The length of steps differs, too, where it follows the fastest wave: each block of cells
bounds its own, and blocks are smaller than tiles.
"""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import PAD, Run, Settings, Water
from anlan.hydraulics.layout import Layout
from anlan.hydraulics.movers import Sources
from anlan.hydraulics.numerics import SIMULATED, Array
from anlan.hydraulics.physics import WALL
from anlan.hydraulics.way_laws import Ways

# Threads of a block of ``sweep``, along x and y, and of the block of ``turn``. The simulator has
# a thread of the host for each of them.
SHAPE = (8, 8) if SIMULATED else (32, 16)
TURN = 4 if SIMULATED else 256
# Steps that one launch of a graph takes, and at most until the clock is read again.
GRAPH, BATCH = 16, 1024


def check_device() -> None:
    """See that there is a GPU that can be used.

    Raises:
        ValueError: the compiler is not installed, or there is no GPU. The message says what to do.
    """
    if importlib.util.find_spec("numba_cuda") is None:
        raise ValueError(
            "device is 'cuda', but the compiler for NVIDIA GPUs is not installed; "
            "pip install 'anlan[cuda]', or choose device='cpu'"
        )
    from anlan.hydraulics.cuda_kernels import cuda

    if not cuda.is_available():
        raise ValueError(
            "device is 'cuda', but no NVIDIA GPU was found; nvidia-smi lists those that the "
            "driver sees; without one choose device='cpu'"
        )


class Gpu:
    """The device's copy of a run.

    Args:
        layout: of the run.
        full: whether the scheme is the full one.
        real: the run's type of number.
        run: whose ground, ways and sources stay as they are.
    """

    def __init__(self, layout: Layout, full: bool, real: Any, run: Run) -> None:
        from anlan.hydraulics import cuda_kernels as kernels

        number = np.dtype(real).type
        self._layout, self._full, self._real = layout, full, number
        self._sweep = kernels.sweep_kernel(full, number, *SHAPE)
        self._turn = kernels.turn_kernel(full, number, *SHAPE, TURN)
        wide, high = SHAPE[0] - 3, SHAPE[1] - 3
        self._grid = (-(-(layout.nx + 1) // wide), -(-(layout.ny + 1) // high))
        members, count = layout.members, self._grid[0] * self._grid[1]
        rows, columns = layout.shape
        whole = (2, members * rows, columns)
        velocities = whole if full else (2, 1, 1)
        self._pair = _sent(
            Water(*(np.zeros(shape, number) for shape in [whole] * 4 + [velocities] * 2))
        )
        self._ground = _sent(run.ground)
        self._ways = _sent(run.ways)
        self._edges = _sent(run.edges)
        self._sources = _sent(run.sources)
        k = len(run.ways.row)
        self._crossing = _sent(
            kernels.Crossing(np.zeros((members, k), number), np.zeros((members, k), number))
        )
        self._given = _sent(kernels.Given(*_by_cell(run.sources), *np.zeros((2, members))))
        first, way, row, column = self._list_ways(run.ways)
        self._always = np.zeros(count, np.uint8)
        for block in range(count):
            inward = run.ways.inward[way[first[block] : first[block + 1]]]
            self._always[block] = (inward != 0).any()
        self._blocks = _sent(
            kernels.Blocks(
                np.array([self._grid[0]]),
                np.zeros((2, members, count), np.uint8),
                np.zeros((members, count), np.uint8),
                first,
                way,
                row,
                column,
                np.zeros((members, count)),
            )
        )
        self._progress = _sent(
            kernels.Progress(
                time=np.zeros(members),
                speed=np.zeros(members),
                last=np.zeros(members),
                steps=np.zeros(members, np.int64),
                dt=np.zeros(members),
                dt_u=np.zeros(members),
                moves=np.zeros(members, np.int64),
                holds=np.zeros(members, np.int64),
                fastest=np.zeros(members, np.int64),
                left=np.zeros(members, np.int64),
            )
        )
        self._orders = _sent(kernels.Orders(*np.zeros((3, 1))))
        self._sizes = (PAD + layout.ny, PAD + layout.nx)
        self._forcing: Any = None
        self._known: tuple[Any, ...] = (None, None, None)
        self._graph: Any = None
        self._host_is_newer = True
        self._device_is_newer = False

    def forget(self) -> None:
        """The host starts from other water."""
        self._host_is_newer, self._device_is_newer = True, False

    def changed(self) -> None:
        """The host has changed water or losses: send them before the next step."""
        self._host_is_newer = True

    def bring(self, water: Water, run: Run) -> None:
        """Have the host's water, and what the soil has taken, be those of the device."""
        if not self._device_is_newer:
            return
        self._device_is_newer = False
        holds = _read(self._progress.holds)
        rows = self._layout.shape[0]
        for ours, theirs in zip(self._pair, water, strict=True):
            if theirs.size == 1:
                continue
            for member in range(self._layout.members):
                part = slice(member * rows, (member + 1) * rows)
                _fetch(ours[int(holds[member])][part], theirs[part])
        if run.forcing.soaks:
            _fetch(self._forcing.soaked, run.forcing.soaked)

    def collect(self, run: Run) -> None:
        """Add the volumes summed on the device to the host's, and begin them anew."""
        for ours, theirs in (
            (self._ways.came, run.ways.came),
            (self._ways.went, run.ways.went),
            (self._given.inflow, run.sums.inflow),
            (self._given.outflow, run.sums.outflow),
        ):
            theirs += _read(ours)
            _send(np.zeros(theirs.shape), ours)
        taken = self._blocks.taken
        run.tiles.taken[:, 0, 0] += _read(taken).sum(axis=1)
        _send(np.zeros(taken.shape), taken)

    def advance(
        self,
        run: Run,
        settings: Settings,
        water: Water,
        until: float,
        pause: float,
        first_step: float,
        most_steps: int,
    ) -> None:
        """Step every member as ``march.advance`` does; at most ``most_steps`` each."""
        self._learn(run, settings)
        if self._host_is_newer:
            self._upload(run, water)
        clock, progress = run.clock, self._progress
        most = 1 if first_step > 0.0 else most_steps
        for host, device in (
            (clock.time, progress.time),
            (clock.speed, progress.speed),
            (clock.last, progress.last),
            (clock.steps, progress.steps),
            (np.full(len(clock.time), min(most, 2**62), np.int64), progress.left),
            (np.array([until]), self._orders.until),
            (np.array([pause]), self._orders.pause),
            (np.array([first_step]), self._orders.first_step),
        ):
            _send(host, device)
        self._device_is_newer = True
        self._launch_turn(0)
        step = float(_read(progress.dt).min())
        left = min(until, pause) - float(clock.time.min())
        while _read(progress.moves).any():
            wanted = math.ceil(left / step) if step > 0.0 else 1
            self._take(max(1, min(wanted, most, BATCH)))
            step = float(_read(progress.dt).min())
            left = min(until, pause) - float(_read(progress.time).min())
        for device, host in (
            (progress.time, clock.time),
            (progress.speed, clock.speed),
            (progress.last, clock.last),
            (progress.steps, clock.steps),
        ):
            _fetch(device, host)

    def _learn(self, run: Run, settings: Settings) -> None:
        """Send what was replaced since the last call; the graph holds the old, so it goes."""
        forcing, held, _ = self._known
        if forcing is not run.forcing:
            if self._device_is_newer and run.forcing.soaks:
                _fetch(self._forcing.soaked, run.forcing.soaked)
            self._forcing = _sent(run.forcing)
            _send(self._rainy_blocks(run), self._blocks.rainy)
            self._rains = bool((run.forcing.rain > 0.0).any())
        if held is not run.held:
            self._held = _sent(run.held)
        now = (run.forcing, run.held, settings)
        if any(a is not b for a, b in zip(now, self._known, strict=True)):
            self._graph = None
        self._settings = settings
        self._known = now

    def _upload(self, run: Run, water: Water) -> None:
        for ours, theirs in zip(self._pair, water, strict=True):
            if theirs.size > 1:
                _send(theirs, ours[0])
        members = self._layout.members
        _send(np.zeros(members, np.int64), self._progress.holds)
        _send(np.zeros(self._blocks.calm.shape, np.uint8), self._blocks.calm)
        _send(run.forcing.losses, self._forcing.losses)
        _send(run.forcing.soaked, self._forcing.soaked)
        self._host_is_newer = False

    def _take(self, steps: int) -> None:
        """Launch so many steps, or a few more: those after the last return at once."""
        if SIMULATED:
            for _ in range(steps):
                self._launch_sweep(0)
                self._launch_turn(0)
            return
        from cuda.core import Device

        device = Device()
        device.set_current()
        if self._graph is None:
            # One step by itself loads the kernels, which a graph under construction cannot.
            self._launch_sweep(0)
            self._launch_turn(0)
            builder = device.create_graph_builder()
            builder.begin_building()
            for _ in range(GRAPH):
                self._launch_sweep(builder)
                self._launch_turn(builder)
            self._graph = builder.end_building().complete()
        for _ in range(-(-steps // GRAPH)):
            self._graph.launch(device.default_stream)

    def _launch_sweep(self, stream: Any) -> None:
        grid = (*self._grid, self._layout.members)
        self._sweep[grid, SHAPE, stream](
            self._ground,
            self._forcing,
            self._pair,
            self._ways,
            self._crossing,
            self._blocks,
            self._progress,
            self._settings,
            *self._sizes,
            self._rains,
        )

    def _launch_turn(self, stream: Any) -> None:
        self._turn[self._layout.members, TURN, stream](
            self._ground,
            self._forcing,
            self._pair,
            self._ways,
            self._crossing,
            self._edges,
            self._held,
            self._sources,
            self._given,
            self._blocks,
            self._progress,
            self._orders,
            self._settings,
        )

    def _rainy_blocks(self, run: Run) -> Array:
        """(M, blocks) uint8 whether rain falls on a block, or an edge lies in it."""
        layout = self._layout
        rows = layout.shape[0]
        wide, high = SHAPE[0] - 3, SHAPE[1] - 3
        out = np.zeros((layout.members, *self._grid[::-1]), np.uint8)
        for member in range(layout.members):
            start = member * run.forcing.rain_stride
            rain = run.forcing.rain[start : start + rows]
            r, i = np.nonzero((rain > 0.0) & (run.ground.z < WALL))
            out[member, (r - PAD) // high, (i - PAD) // wide] = 1
        return out.reshape(layout.members, -1) | self._always

    def _list_ways(self, ways: Ways) -> tuple[Array, ...]:
        """The ways that each block computes, and which of its threads have them."""
        wide, high = SHAPE[0] - 3, SHAPE[1] - 3
        found: list[list[tuple[int, int, int]]] = [[] for _ in range(math.prod(self._grid))]
        for k, (row, i) in enumerate(zip(ways.row.tolist(), ways.column.tolist(), strict=True)):
            for b, y in _blocks_of(row, high, self._grid[1]):
                for a, x in _blocks_of(i, wide, self._grid[0]):
                    found[b * self._grid[0] + a].append((k, y, x))
        entries = np.array([e for block in found for e in block], np.int64).reshape(-1, 3)
        first = np.cumsum([0, *(len(block) for block in found)]).astype(np.int64)
        return first, *(np.ascontiguousarray(column) for column in entries.T)


def _blocks_of(at: int, size: int, count: int) -> list[tuple[int, int]]:
    """Blocks along one axis that compute the faces at ``at``, each with the thread that does."""
    last = (at - PAD + 1) // size
    near = ((block, at - PAD + 1 - block * size) for block in (last - 1, last))
    return [(block, thread) for block, thread in near if 0 <= block < count and thread < size + 3]


def _by_cell(sources: Sources) -> tuple[Array, Array, Array]:
    """Cells of sources, each once; where their entries begin; the entries, cell by cell."""
    cells, counts = np.unique(sources.cell, return_counts=True)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return cells, first, np.argsort(sources.cell, kind="stable").astype(np.int64)


def _sent(record: Any) -> Any:
    """The record with its arrays on the device."""
    from numba import cuda

    def there(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            # The simulator hands arrays within records to the kernels as they are.
            return value.copy() if SIMULATED else cuda.to_device(np.ascontiguousarray(value))
        return _sent(value) if isinstance(value, tuple) else value

    return type(record)(*(there(value) for value in record))


def _send(host: Array, device: Any) -> None:
    if SIMULATED:
        device[...] = host
    elif host.size:
        device.copy_to_device(np.ascontiguousarray(host))


def _fetch(device: Any, host: Array) -> None:
    if SIMULATED:
        host[...] = device
    elif host.size:
        device.copy_to_host(host)


def _read(device: Any) -> Array:
    return np.array(device) if SIMULATED else np.asarray(device.copy_to_host())
