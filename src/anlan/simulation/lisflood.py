"""Reads simulations of LISFLOOD-FP: a `.par` file and the files that it names.

The formats follow the LISFLOOD-FP user manual, code release 5.9.6 (Bates, Trigg, Neal and Dabrowa
2013, University of Bristol), and the keys that releases 8.x add. Read is what both models compute:
flow over a raster of ground. Channels along lines or inside cells are refused, and so is every key
that is not known, where LISFLOOD-FP passes it over.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.simulation.document import Initial, Roughness, Run, Scheme, Simulation, Terrain
from anlan.simulation.forcing import Evaporation, Infiltration, Rain
from anlan.simulation.lisflood_places import Places, read_counted, unit_of_time
from anlan.simulation.other_models import KeyFile, as_number, as_simulation, in_steps, rising
from anlan.simulation.raster import Raster, read_raster
from anlan.simulation.series import TimeTable
from anlan.simulation.text_lines import read_lines

# The scheme that is nearest to a solver, and what the solver is.
SOLVERS = {
    "acceleration": ("inertial", "local inertia"),
    "acc_nugrid": ("inertial", "local inertia, on a grid of its own making"),
    "fv1": ("full", "full equations, first order"),
    "fv2": ("second_order", "full equations, second order"),
    "dg2": ("second_order", "full equations, second order"),
    "roe": ("full", "full equations, first order"),
    "roe_slow": ("full", "full equations, first order"),
    "adaptoff": ("inertial", "diffusive, limited, with a fixed step"),
    "": ("inertial", "diffusive, which is what holds without a key"),
}
READ = """
demfile fpfric nfp manningfile sim_time simtime initial_tstep saveint massint bcifile bdyfile
startfile startelev rainfall infiltration inf evaporation weirfile weir stagefile gaugefile cfl
gravity tstart drain_nodata nodata_elevation
"""
_CHANNELS = (
    "lays channels along lines, which this reader does not take over; write them as [[channel]] "
    "of a TOML file, or burn them into the DEMfile"
)
_SUBGRID = (
    "lays channels inside cells, which this reader does not take over; write them as [[channel]] "
    "of a TOML file, or burn them into the DEMfile"
)
_START = "starts from a file of LISFLOOD-FP's own; give the depths as an ASCII grid by startfile"
REFUSED = {
    "riverfile": _CHANNELS,
    "multiriverfile": _CHANNELS,
    **dict.fromkeys(
        ("sgcwidth", "sgcbed", "sgcbank", "sgc", "sgc_enable", "sgc2", "chanmask"), _SUBGRID
    ),
    **dict.fromkeys(("binarystartfile", "loadcheck", "startq2d"), _START),
    "porfile": "gives porosity, which is not read; leave it out, or use [terrain] buildings",
    "latlong": "gives degrees; reproject the rasters to metres with gdalwarp",
    "dynamicrainfile": "gives rain as a field in LISFLOOD-FP's own layout; write its rate in mm/h "
    "as CF NetCDF and give it as [rain] field of a TOML file",
    "rainfallmask": "gives shares of rain by cell; give the rain as [rain] field of a TOML file",
    "infilfile": "gives infiltration by cell; give it as [infiltration] rate of a TOML file",
    "damfile": "gives dams with their operation; write them as [[structure]] of a TOML file",
    "dammask": "gives dams with their operation; write them as [[structure]] of a TOML file",
    "dynsw": "turns another set of equations on; give acceleration, fv1, dg2 or Roe",
    "dist_routing": "routes rain at speeds by slope; give acceleration, fv1 or dg2",
    "qfile": "gives discharges in LISFLOOD-FP's own layout; give them by bcifile and bdyfile",
}
ASIDE = {
    "numbers of LISFLOOD-FP's own numerics": """
        theta depththresh dhlin qlimfact 1dfriction drycheckon drycheckoff momentumthresh
        max_froude diffusive_froude_thresh krivodonovathresh limitslopes limiteslopes
        dg2depththresh dg2thindepth_tstep epsilon linklist cuda steady steadytol kill maxint
        """,
    "its routing of thin or steep water, which flows by the scheme here": """
        routing rainfallrouting routingspeed routesfthresh routing_mass_check
        """,
    "keys of channels, of which there are none": """
        diffusive kinematic chainageoff ch_start_h startq ch_dynamic ts_multiple htol nch
        sgcn sgcr sgcp sgcs sgcm sgca sgcchan sgcchangroup sgcchanprams sgclevee sgcd8
        sgcdirnfile sgcmanningfile sgcbfh_mode sgca_mode sgccat_area
        """,
    "what it writes beside the fields, gauges and sections here": """
        resroot dirroot dir overpass overpassfile checkpoint depthoff elevoff qoutput voutput
        voutput_max voutput_stage vtkoff hazard profiles debug mint_hk comp_out binary_out
        ascii_out netcdf_out gzip log ascheader resettimeinit maxdepthonly saveint_max qloutput
        sgcvoutput toutput calcarea calcmeandepth calcvolume output_precision
        standard_extensions_out v
        """,
}


def read_lisflood(path: Path) -> Simulation:
    """A LISFLOOD-FP parameter file as a simulation.

    Raises:
        Refusal: a key or value that this reader does not take; the sentence names file, line and
            remedy.
    """
    return as_simulation(path, lambda path: _Reader(path).simulation())


class _Reader:
    def __init__(self, path: Path) -> None:
        self.keys = KeyFile(path, read_lines(path))
        self.keys.sort_out(f"{READ} {' '.join(SOLVERS)}", REFUSED, ASIDE)
        self.keys.must_have("demfile")
        self._refuse_other_constants()
        dem = self.keys.file("demfile")
        assert dem is not None
        self.dem = read_raster(dem, nameless=True)
        self.duration = self.number("sim_time", "simtime", default=3600.0)

    def simulation(self) -> Simulation:
        scheme = self._scheme()
        places = Places(self.keys, self.dem)
        initial = self._initial()
        boundaries = places.boundaries()  # after which `places.ground` has its holes
        gauges, sections = places.gauges(), places.sections()
        watched = gauges or sections
        return Simulation(
            run=Run(
                name=self.keys.path.stem,
                duration=self.duration,
                output_interval=self.keys.positive("saveint", 1000.0),
                gauge_interval=self.keys.positive("massint", 100.0) if watched else None,
            ),
            terrain=Terrain(elevation=places.ground),
            roughness=self._roughness(),
            scheme=scheme,
            initial=initial,
            rain=self._rain(),
            infiltration=self._infiltration(),
            evaporation=self._evaporation(),
            boundaries=boundaries,
            sources=places.sources,
            barriers=places.barriers,
            structures=places.weirs,
            gauges=gauges,
            sections=sections,
            notes=tuple(self.keys.notes),
        )

    def number(self, *names: str, default: float) -> float:
        """The number of a key that has several names."""
        return next((self.keys.number(n, 0.0) for n in names if n in self.keys), default)

    def _refuse_other_constants(self) -> None:
        for key, only in (("gravity", 9.81), ("tstart", 0.0)):
            value = self.keys.number(key, only)
            if not math.isclose(value, only, rel_tol=2e-3, abs_tol=1e-12):
                raise self.keys.lines[key].refuse(
                    f"{key} is {value:g}; here it is {only:g}", "leave it out", value
                )

    def _scheme(self) -> Scheme:
        solver = next((key for key in SOLVERS if key in self.keys), "")
        name, words = SOLVERS[solver]
        self.keys.notes.append(
            f'solver {solver or "of the default"} ({words}): computed with scheme "{name}"'
        )
        return Scheme(
            name=name,
            courant=min(self.keys.positive("cfl", Scheme().courant), 1.0),
            max_step=self.keys.positive("initial_tstep", 10.0),
        )

    def _roughness(self) -> Roughness:
        everywhere = self.number("fpfric", "nfp", default=0.06)
        grid = self._grid("manningfile", everywhere)
        return Roughness(manning=everywhere if grid is None else grid)

    def _initial(self) -> Initial:
        # In releases 8.x `startelev` has no file: it says what `startfile` holds.
        if self.keys.text("startelev"):
            return Initial(level=self._grid("startelev", self.dem.values))
        if "startelev" in self.keys:
            return Initial(level=self._grid("startfile", self.dem.values))
        depth = self._grid("startfile", 0.0)
        if depth is not None and (depth.values < 0.0).any():
            self.keys.notes.append("depths below 0 in the startfile: dry, as in LISFLOOD-FP")
            depth = replace(depth, values=np.maximum(depth.values, 0.0))
        return Initial(depth=depth)

    def _grid(self, key: str, filling: float | NDArray[np.float64]) -> Raster | None:
        """A grid beside the DEM; ``filling`` stands where it has no data."""
        path = self.keys.file(key)
        if path is None:
            return None
        raster = read_raster(path, nameless=True)
        if raster.values.shape != self.dem.values.shape:
            found, wanted = (
                " by ".join(map(str, shape[::-1]))
                for shape in (raster.values.shape, self.dem.values.shape)
            )
            raise self.keys.lines[key].refuse(
                f"{path.name} has {found} cells, the DEM {wanted}", "give a grid like the DEM"
            )
        values = np.where(np.isfinite(raster.values), raster.values, filling)
        return Raster(values, self.dem.x0, self.dem.y0, self.dem.dx, self.dem.crs)

    def _series(self, key: str) -> TimeTable | None:
        """A file of one series: a comment, a count with a unit of time, rows of value and time."""
        path = self.keys.file(key)
        if path is None:
            return None
        lines = read_lines(path, "\0")[1:]
        if not lines:
            raise self.keys.lines[key].refuse(
                f"{path.name} holds no series", "write a comment, the count and unit, and rows"
            )
        unit = unit_of_time(lines[0])
        rows = read_counted(lines, 0)
        return rising(
            (row, row.number_at(1, "the time") * unit, row.number_at(0, "the value"))
            for row in rows
        )

    def _rain(self) -> Rain | None:
        series = self._series("rainfall")
        return None if series is None else Rain(series=in_steps(series, self.duration))

    def _infiltration(self) -> Infiltration:
        rate = self.number("infiltration", "inf", default=0.0)
        # from m/s
        return Infiltration(model="constant", rate=rate * 3.6e6) if rate else Infiltration()

    def _evaporation(self) -> Evaporation | None:
        series = self._series("evaporation")
        if series is None:
            return None
        rate = as_number(series)
        if rate is None:
            raise self.keys.lines["evaporation"].refuse(
                "evaporation changes in time; here it is steady",
                "give its mean with one row, or leave it out",
            )
        # from mm/day
        return Evaporation(rate=rate / 24.0)
