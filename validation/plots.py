"""Small pictures that all look alike."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from PIL import Image

mpl.use("Agg")
from matplotlib import pyplot as plt

COLOUR = {"inertial": "#8a8f98", "full": "#1f6fb4", "second_order": "#d9660a"}
LABEL = {"inertial": "inertial", "full": "full", "second_order": "second order"}
EXACT: dict[str, Any] = {"color": "black", "linewidth": 1.0, "zorder": 5}
COLOURS_IN_FILE = 256


def of(scheme: str) -> dict[str, Any]:
    """Line and label of a scheme."""
    return {"color": COLOUR[scheme], "label": LABEL[scheme], "linewidth": 1.3}


@contextmanager
def picture(
    folder: Path, file: str, rows: int = 1, columns: int = 1, size: tuple[float, float] = (7.5, 3.2)
) -> Iterator[Any]:
    """Axes to draw on; written as a palette PNG, well below 60 kB, when left.

    Args:
        folder: made if it is not there.
        file: name with ``.png``.
        rows, columns: of axes.
        size: inches at 100 dots each.

    Yields:
        One axes, or an array of them.
    """
    style: Any = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    with mpl.rc_context(style):
        figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained")
        yield axes
        held = io.BytesIO()
        figure.savefig(held, dpi=100, metadata={"Software": None})
        plt.close(figure)
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.open(held).convert("RGB")
    image.quantize(COLOURS_IN_FILE).save(folder / file, optimize=True)
