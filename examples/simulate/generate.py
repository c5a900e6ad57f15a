"""Write the example's synthetic ground: a foreshore, a strip for a dike, and a low polder."""

from pathlib import Path

import numpy as np

NX, NY, DX = 60, 40, 10.0


def ground():
    """(NY, NX) levels in m, row 0 northernmost."""
    x = (np.arange(NX) + 0.5) * DX
    y = (np.arange(NY)[::-1] + 0.5)[:, None] * DX
    polder = 0.6 + 0.4 * np.cos(2 * np.pi * (x - 350) / 700) * np.cos(2 * np.pi * (y - 200) / 800)
    polder = 1.4 - 0.9 * (polder - 0.2) / 0.8  # lowest, 0.5 m, in the middle; 1.4 m at the corners
    foreshore = np.full_like(polder, -1.0)
    return np.where(x < 100, foreshore, np.where(x < 160, 1.2, polder))


def main():
    """Write `synthetic_dem.asc` beside this script."""
    head = (
        f"ncols {NX}\nnrows {NY}\nxllcorner 0\nyllcorner 0\ncellsize {DX:g}\nNODATA_value -9999\n"
    )
    rows = "\n".join(" ".join(f"{z:.3f}" for z in row) for row in ground())
    Path(__file__).with_name("synthetic_dem.asc").write_text(head + rows + "\n")


if __name__ == "__main__":
    main()
