"""Files around the hydraulic core: rasters in."""

from anlan.simulation.raster import Raster, read_raster

__all__ = ["Raster", "read_raster"]
