"""Guards of the compiled code: kernels stay packed, and time loops ask for no memory.

Speed is seen in ``make bench``; here the generated code itself is read, so that a busy machine
changes nothing. What is read is the code after all passes of the compiler, in its own language:
``fmul <16 x float>`` is one packed multiplication of sixteen numbers. The compiler names the
packed twin of each loop ``vector.body``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from llvmlite import binding
from numba import njit
from numba.core.runtime import _nrt_python  # type: ignore[attr-defined]

from anlan.hydraulics import (
    GreenAmpt,
    ShallowWater,
    rows,
    schemes,
    tracking,
)

PACKAGE = Path(rows.__file__).parent
Scheme = Literal["inertial", "full"]
SCHEMES: tuple[Scheme, ...] = ("inertial", "full")
SINGLE = [
    "carry_row",
    "depth_row",
    "flow_row",
    "inertial_row",
    "loss_row",
    "peak_row",
    "scale_row",
    "share_row",
    "soak_row",
    "stay_row",
]
MIXED = ["add_row"]  # it sums in double precision
# What a processor does to a whole register at once; a ``pow`` is taken apart.
IN_HARDWARE = {"copysign", "fabs", "masked", "smax", "smin", "sqrt", "umax", "umin", "vector"}


def sloping_basin(scheme: Scheme) -> ShallowWater:
    """Half under water, with rain and soil."""
    model = ShallowWater(
        np.add.outer(np.zeros(40), np.linspace(2.0, -2.0, 60)),
        10.0,
        0.03,
        scheme=scheme,
        infiltration=GreenAmpt(1e-6, 0.1, 0.3),
        courant=0.1,
    )
    model.restore(model.still_water(0.0))
    model.set_rain(1e-5)
    return model


def bits_at_once(code: str) -> int:
    """Widest arithmetic of the code: numbers in one instruction times bits of a number."""
    found = re.findall(r"= f(?:add|sub|mul|div) <(\d+) x (float|double)>", code)
    return max((int(n) * {"float": 32, "double": 64}[kind] for n, kind in found), default=0)


def packed_loops(code: str) -> list[str]:
    return re.findall(r"^vector\.body[\w.]*:.*?(?=^\S|\Z)", code, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def register_bits() -> int:
    """Width of the vector registers of this processor."""
    features = binding.get_host_cpu_features()
    for feature, bits in (("avx512f", 512), ("avx2", 256), ("sse2", 128), ("neon", 128)):
        if features.get(feature):
            return bits
    pytest.skip("this processor has no packed arithmetic")


def _anew(compiled: Any) -> Any:
    return njit(error_model="numpy")(compiled.py_func)


@pytest.fixture(scope="module")
def loops() -> Iterator[dict[str, Any]]:
    """The tiles of both schemes and their tracking, compiled anew.

    What comes from disk cannot be read.
    """
    anew: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracking, "follow", _anew(tracking.follow))
        for scheme in SCHEMES:
            anew[scheme] = _anew(schemes.TILES[scheme])
            patch.setitem(schemes.TILES, scheme, anew[scheme])
            model = sloping_basin(scheme)
            model.track()
            model.run(1.0)
        yield anew


@pytest.fixture(scope="module")
def generated(loops: dict[str, Any]) -> dict[str, str]:
    """Code of a tile and of every kernel in it."""
    kernels = vars(rows) | vars(tracking)
    compiled = loops | {name: kernels[name] for name in SINGLE + MIXED}
    # Other tests of the process may have had them compiled in double precision, too.
    return {
        name: "\n".join(c for types, c in f.inspect_llvm().items() if "float32" in str(types))
        for name, f in compiled.items()
    }


@pytest.mark.parametrize("kernel", SINGLE + MIXED)
def test_a_kernel_fills_the_registers(
    kernel: str, generated: dict[str, str], register_bits: int
) -> None:
    assert bits_at_once(generated[kernel]) == register_bits


@pytest.mark.parametrize("kernel", SINGLE)
def test_a_kernel_of_single_precision_widens_no_number(
    kernel: str, generated: dict[str, str]
) -> None:
    assert " x double>" not in generated[kernel]


@pytest.mark.parametrize("kernel", SINGLE + MIXED)
def test_a_kernel_calls_nothing_that_must_be_done_number_by_number(
    kernel: str, generated: dict[str, str]
) -> None:
    called = re.findall(r"@llvm\.(\w+)[\w.]*\.v\d+", generated[kernel])
    assert set(called) <= IN_HARDWARE


@pytest.mark.parametrize(
    ("scheme", "fewest"),
    [
        # Flow along x and y, share, cut along x and y, soil of both kinds, depth.
        ("inertial", 8),
        # Besides, velocity carried along x and y, and speed.
        ("full", 11),
    ],
)
def test_the_kernels_stay_packed_within_the_tile(
    scheme: str, fewest: int, generated: dict[str, str], register_bits: int
) -> None:
    widths = [bits_at_once(block) for block in packed_loops(generated[scheme])]
    assert sum(width >= register_bits // 2 for width in widths) >= fewest


@pytest.mark.usefixtures("loops")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_time_loop_asks_for_as_much_memory_in_many_steps_as_in_one(scheme: Scheme) -> None:
    model = sloping_basin(scheme)
    model.run(1.0)
    _nrt_python.memsys_enable_stats()

    def asked_for(seconds: float) -> tuple[int, int]:
        before, steps = _nrt_python.memsys_get_stats_alloc(), model.steps
        model.run(seconds)
        return _nrt_python.memsys_get_stats_alloc() - before, model.steps - steps

    one, few = asked_for(0.01)
    many, hundreds = asked_for(50.0)
    assert few == 1
    assert hundreds > 100
    assert many == one


BARE = {"part", "piece", "kernel"}  # decorators whose functions Python cannot call
COMPILED = BARE | {"entry", "law", "maker", "overload"}


def _decorators(function: ast.FunctionDef) -> set[str]:
    plain = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return {d.id for d in plain if isinstance(d, ast.Name)}


def _calls_from_python(tree: ast.AST, names: set[str], compiled: bool = False) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inside = compiled
        if isinstance(node, ast.FunctionDef):
            inside = compiled or bool(_decorators(node) & COMPILED)
        if isinstance(node, ast.Call) and not inside:
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in names:
                yield f"{name} in line {node.lineno}"
        yield from _calls_from_python(node, names, inside)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_no_plain_python_calls_what_has_no_door_for_it(path: Path) -> None:
    """Such a call would end the process: the compiler leaves that door out to save its time."""
    tree = ast.parse(path.read_text())
    sources = [path]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("anlan.hydraulics."):
            sources.append(
                PACKAGE.parents[1].joinpath(*str(node.module).split(".")).with_suffix(".py")
            )
    bare = {
        f.name
        for source in sources
        if source.exists()
        for f in ast.walk(ast.parse(source.read_text()))
        if isinstance(f, ast.FunctionDef) and _decorators(f) & BARE
    }
    if path.stem.startswith("cuda"):
        return  # it compiles them anew for the device
    assert not list(_calls_from_python(tree, bare))
