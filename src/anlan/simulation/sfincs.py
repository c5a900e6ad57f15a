"""Reads simulations of SFINCS: a `sfincs.inp` file and the files that it names.

The formats follow the SFINCS user manual (Deltares, sfincs.readthedocs.io). Read is what both
models compute on an equidistant grid of square cells that is not turned: flow over the ground of
`depfile`. Sub-grid tables, quadtrees, waves and fields of wind are refused, and so is every key
that is not known, where SFINCS passes it over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation.document import Initial, Roughness, Run, Scheme, Simulation, Terrain
from anlan.simulation.forcing import AIR_OVER_WATER, Infiltration, Rain, Wind
from anlan.simulation.other_models import KeyFile, as_number, as_simulation, in_steps
from anlan.simulation.sfincs_grid import CellGrid
from anlan.simulation.sfincs_places import Places
from anlan.simulation.sfincs_series import Clock, columns_of
from anlan.simulation.text_lines import Line, read_lines

READ = """
mmax nmax dx dy x0 y0 rotation epsg depfile mskfile indexfile inputformat manning manningfile
manning_land manning_sea rgh_lev_land zsini inifile tref tstart tstop dtout dtmapout dthisout
tspinup alpha dtmax advection bndfile bzsfile netbndbzsbzifile srcfile disfile netsrcdisfile
precipfile prcfile netamprfile ampr_block amprblock qinf qinf_zmin qinffile obsfile crsfile thdfile
weirfile drnfile wndfile rhoa rhow cdnrb cdwnd cdval
"""
_WAVES = "belongs to waves, which are not computed; leave it out, and put set-up into the bzsfile"
_WIND = "gives wind or pressure as a field; here wind is uniform and steady: give a wndfile of it"
_SOIL = "gives a law of infiltration by cell; write it as [infiltration] of a TOML file"
REFUSED_TOGETHER = {
    "bzifile wvmfile wfpfile whifile wtifile wstfile wavemaker_wvmfile rugfile": _WAVES,
    "spwfile netspwfile amufile amvfile netamuamvfile ampfile netampfile": _WIND,
    "scsfile smaxfile sefffile ksfile sigmafile psifile f0file fcfile kdfile infiltration_file "
    "infiltration_type": _SOIL,
}
REFUSED = {
    "sbgfile": "gives sub-grid tables, which are not read; leave it out to run on the depfile, or "
    "give the fine ground as [terrain] elevation of a TOML file",
    "qtrfile": "gives a quadtree; build the model on a regular grid",
    "rstfile": "starts from a file of SFINCS's own; give the levels as inifile",
    "cstfile": "gives another kind of boundary; use mask 2 or 3",
    "bdrfile": "gives levels of rivers by slope; use mask 2 with a bndfile, or mask 3",
    "bcafile": "gives tides by constituents; write them as a series in the bzsfile",
    "volfile": "gives storage by cell, which is not read; leave it out",
    "z0lfile": "gives land that slows the wind, which is not read; leave it out",
    "vegetationfile": "gives plants, which are not read; put their drag into the manningfile",
    "amprfile": "gives rain as a field of text; write it as CF NetCDF and give it as netamprfile",
    **{key: why for keys, why in REFUSED_TOGETHER.items() for key in keys.split()},
}
# Switches of what is not computed: refused unless off.
OFF = {
    "crsgeo": "reckons in degrees; build the model in a projected system",
    "global": "wraps the grid round the globe; build the model in a projected system",
    "snapwave": _WAVES,
    "wave_enhanced_roughness": _WAVES,
    "nonh": "adds pressure that is not hydrostatic; leave it out",
    "bathtub": "spreads levels without flow; leave it out",
    "vegetation": "adds plants, which are not read; put their drag into the manningfile",
    "spinup_meteo": "lets rain and wind begin slowly; leave it out, or begin the series slowly",
    "latitude": "turns the Coriolis force on, which is not computed; leave it out",
}
# Factors: refused unless 1.
ONE = {"factor_prcp": "rain", "factor_wind": "wind", "factor_pres": "pressure"}
ASIDE = {
    "numbers of SFINCS's own numerics": """
        theta huthresh huvmin hmin_cfl advlim advection_scheme advection_mask friction2d viscosity
        nuvisc nuviscdim nuviscfac slopelim uvlim uvmax stopdepth wiggle_suppression
        wiggle_factor wiggle_threshold structure_relax btfilter btrelax h73table dtmin coriolis
        bndtype horton_kr_kd sfacinf use_bcafile
        """,
    "keys of wind, pressure and waves, of which there are none": """
        baro pavbnd gapres utmzone dtwnd dtwave spwmergefrac usespwprecip factor_spw_size radstr
        waveage snapwave_wind snapwave_use_nearest snapwave_waveforces_ratio storefw storewavdir
        """,
    "what it writes beside the fields, gauges and sections here": """
        dtmaxout dtrstout trstout t0out t1out dtoutfixed outputformat outputformat_map
        outputformat_his outputtype_map outputtype_his nc_deflate_level twet_threshold storetwet
        storevel storevelmax storefluxmax storecumprcp storehsubgrid storehmean storeqdrain
        storezvolume storestoragevolume storemeteo storemaxwind storetzsmax timestep_analysis
        debug percentage_done writeruntime regular_output_on_mesh store_dynamic_bed_level
        store_tsunami_arrival_time tsunami_arrival_threshold rugdepth
        """,
}
# Drag of wind by its speed, where the file gives none.
DRAG = ((0.0, 28.0, 50.0), (0.001, 0.0025, 0.0015))


def read_sfincs(path: Path) -> Simulation:
    """A SFINCS input file as a simulation.

    Raises:
        Refusal: a key or value that this reader does not take; the sentence names file, line and
            remedy.
    """
    return as_simulation(path, lambda path: _Reader(path).simulation())


class _Reader:
    def __init__(self, path: Path) -> None:
        self.keys = KeyFile(path, _key_lines(path))
        self.keys.sort_out(f"{READ} {' '.join(OFF)} {' '.join(ONE)}", REFUSED, ASIDE)
        self._refuse_switches()
        self.clock = self._clock()
        self.grid = CellGrid(self.keys)
        self.places = Places(self.keys, self.grid, self.clock)

    def simulation(self) -> Simulation:
        gauges, sections = self.places.gauges(), self.places.sections()
        return Simulation(
            run=Run(
                name=self.keys.path.resolve().parent.name or "sfincs",
                duration=self.clock.duration,
                output_interval=self.keys.number("dtmapout", self.keys.number("dtout", 0.0))
                or None,
                gauge_interval=self.keys.number("dthisout", 600.0) or None,
                start=self.clock.start.replace(tzinfo=UTC),
            ),
            terrain=Terrain(elevation=self.grid.raster(self.grid.ground)),
            roughness=self._roughness(),
            scheme=self._scheme(),
            initial=self._initial(),
            rain=self._rain(),
            infiltration=self._infiltration(),
            wind=self._wind(),
            boundaries=self.places.boundaries(),
            sources=self.places.sources(),
            barriers=self.places.barriers(),
            structures=self.places.pumps(),
            gauges=gauges,
            sections=sections,
            notes=tuple(self.keys.notes),
        )

    def _refuse_switches(self) -> None:
        for key, why in OFF.items():
            if not self._is_off(key) and not (key == "latitude" and self._coriolis_is_off()):
                said, remedy = why.split("; ", 1)
                raise self.keys.lines[key].refuse(f"{key} {said}", remedy, self.keys.text(key))
        for key, what in ONE.items():
            if self.keys.number(key, 1.0) != 1.0:
                raise self.keys.lines[key].refuse(
                    f"{key} changes the {what}", f"put the factor into the file of the {what}"
                )

    def _is_off(self, key: str) -> bool:
        return self.keys.text(key).lower().strip(".") in ("", "0", "0.0", "false", "f", "no", "n")

    def _coriolis_is_off(self) -> bool:
        return "coriolis" in self.keys and self._is_off("coriolis")

    def _clock(self) -> Clock:
        self.keys.must_have("tstart", "tstop")
        start, stop = (_moment(self.keys.lines[key]) for key in ("tstart", "tstop"))
        reference = _moment(self.keys.lines["tref"]) if "tref" in self.keys else start
        if stop <= start:
            raise self.keys.lines["tstop"].refuse("tstop is not after tstart", "give a later tstop")
        return Clock(reference, start, stop)

    def _scheme(self) -> Scheme:
        name = "inertial" if self.keys.number("advection", 1.0) == 0.0 else "full"
        return Scheme(
            name=name,
            courant=min(self.keys.positive("alpha", 0.5), 1.0),
            max_step=self.keys.positive("dtmax", 60.0),
        )

    def _roughness(self) -> Roughness:
        by_cell = self.grid.numbers("manningfile")
        if by_cell is not None:
            return Roughness(manning=self.grid.raster(by_cell))
        manning = self.keys.number("manning", 0.04)
        land, sea = (self.keys.number(f"manning_{of}", -999.0) for of in ("land", "sea"))
        if max(land, sea) < 0.0:
            return Roughness(manning=manning)
        land, sea = (manning if of < 0.0 else of for of in (land, sea))
        is_land = self.grid.bed > self.keys.number("rgh_lev_land", 0.0)
        return Roughness(manning=self.grid.raster(np.where(is_land, land, sea)))

    def _initial(self) -> Initial:
        by_cell = self.grid.numbers("inifile")
        if by_cell is None:
            return Initial(level=self.keys.number("zsini", 0.0))
        return Initial(level=self.grid.raster(by_cell))

    def _rain(self) -> Rain | None:
        text = next((key for key in ("precipfile", "prcfile") if key in self.keys), None)
        field = self.keys.file("netamprfile")
        if field is None:
            if text is None:
                return None
            (series,) = columns_of(self.keys, text, self.clock, 1)
            return Rain(series=in_steps(series, self.clock.duration))
        if text is not None:
            raise self.keys.lines[text].refuse(
                f"{text} gives rain, and so does netamprfile", "give one of them"
            )
        for key in ("ampr_block", "amprblock"):
            if self.keys.number(key, 1.0) != 1.0:
                raise self.keys.lines[key].refuse(
                    f"{key} makes rain linear in time; here a frame holds until the next",
                    "give frames closer in time, and leave it out",
                )
        return Rain(field=field, interpolation="bilinear")

    def _infiltration(self) -> Infiltration:
        """A rate in mm/h; SFINCS takes it only where rain is given."""
        rate = self.keys.number("qinf", 0.0)
        if not {"precipfile", "prcfile", "netamprfile"} & set(self.keys.lines):
            if rate or "qinffile" in self.keys:
                self.keys.notes.append("left aside, as in SFINCS: infiltration without rain")
            return Infiltration()
        by_cell = self.grid.numbers("qinffile")
        if rate:
            above = self.grid.bed > self.keys.number("qinf_zmin", 0.0)
            by_cell = np.where(above, rate, 0.0)
        if by_cell is None:
            return Infiltration()
        return Infiltration(model="constant", rate=self.grid.raster(by_cell))

    def _wind(self) -> Wind | None:
        if "wndfile" not in self.keys:
            return None
        speed, direction = (
            as_number(one) for one in columns_of(self.keys, "wndfile", self.clock, 2)
        )
        if speed is None or direction is None:
            raise self.keys.lines["wndfile"].refuse(
                "wndfile changes in time; here wind is steady",
                "give its mean in one row, or leave it out",
            )
        density = self.keys.number("rhoa", 1.25) / self.keys.positive("rhow", 1024.0)
        drag = float(np.interp(speed, *self._drag())) * density / AIR_OVER_WATER
        return Wind(speed=speed, direction=direction, drag=drag)

    def _drag(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Speeds and the drag at each."""
        if "cdwnd" not in self.keys or "cdval" not in self.keys:
            return np.array(DRAG[0]), np.array(DRAG[1])
        lines = self.keys.lines["cdwnd"], self.keys.lines["cdval"]
        speeds, drags = (
            np.array([line.number_at(k, "a value") for k in range(1, len(line.words))])
            for line in lines
        )
        if len(speeds) != len(drags) or not len(speeds) or (np.diff(speeds) <= 0.0).any():
            raise lines[0].refuse(
                "cdwnd and cdval are no table", "give as many of each, speeds rising"
            )
        return speeds, drags


def _key_lines(path: Path) -> list[Line]:
    """(key, value, …) of each line with ``=``; of a key that stands twice the first line."""
    found: dict[str, Line] = {}
    for line in read_lines(path):
        text = " ".join(line.words)
        if text[0] in "!@":
            continue
        if text.startswith("["):
            raise Refusal(
                f"{path} is an EPA-SWMM network; give it as [drainage] swmm of a simulation file",
                field="file",
                value=path,
                remedy="[drainage] swmm",
            )
        key, equals, value = text.partition("=")
        words = value.split()
        if not equals or not key.split():
            raise line.refuse(f"{text[:40]!r} is no key = value", "write key = value")
        if words and words[0].lower() != "none":
            made = Line(path, line.number, "", (key.split()[0], *words))
            found.setdefault(key.split()[0].lower(), made)
    return list(found.values())


def _moment(line: Line) -> datetime:
    text = "".join(line.words[1:])
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007  the file names no zone
    except ValueError:
        raise line.refuse(
            f"{line.words[0]} {text} is no moment", "write it as yyyymmdd HHMMSS", text
        ) from None
