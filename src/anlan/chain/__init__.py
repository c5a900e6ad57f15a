"""The stages joined: one step carries a reading as far as it goes."""

from anlan.chain.chain import CURSOR, SYSTEM, Arrivals, Chain, Step
from anlan.chain.cycle import ForecastCycle, newest_runs

__all__ = ["CURSOR", "SYSTEM", "Arrivals", "Chain", "ForecastCycle", "Step", "newest_runs"]
