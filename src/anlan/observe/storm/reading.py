"""Which form a track file has, by what it holds. Pure."""

from __future__ import annotations

from anlan.observe.storm.best_track import read_best_tracks
from anlan.observe.storm.fix import StormTrack
from anlan.observe.storm.ibtracs import read_csv, read_netcdf
from anlan.observe.storm.operational import read_operational
from anlan.refusal import Refusal

MOST_BYTES = 64 * 1024 * 1024


def read_tracks(data: bytes, name: str) -> list[StormTrack]:
    """The tracks in a file: CMA or JMA best track, IBTrACS CSV or NetCDF, operational JSON.

    Raises:
        Refusal: for another form, or naming line and value of the first fault.
    """
    if len(data) > MOST_BYTES:
        raise Refusal(
            f"{name} has {len(data)} bytes; at most {MOST_BYTES} are read",
            field=name,
            remedy="one basin or one season",
        )
    if data[:4] in (b"\x89HDF", b"CDF\x01", b"CDF\x02", b"CDF\x05"):
        return read_netcdf(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    start = text.lstrip()[:400]
    if start.startswith("66666"):
        return read_best_tracks(text, name)
    if start.startswith(("[", "{")):
        return read_operational(text, name)
    if start.startswith('"SID"') or start.startswith("SID"):
        return read_csv(text, name)
    raise Refusal(
        f"{name} begins with '{start[:30]}': no track file that is known; give a CMA or JMA best "
        "track, IBTrACS v04 CSV or NetCDF, or the operational JSON",
        field=name,
        remedy="a track file",
    )
