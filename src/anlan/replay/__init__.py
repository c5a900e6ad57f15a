"""The replayed world: reconstructed readings and actors, driven through the chain.

No stage imports this package: what a replay knows, a forecast must not.
Making one: `prepare` from a `Plan`. Driving: `Replay`, `ReplayThread`. Result: `summary`.
"""

from anlan.replay.driver import Replay, ReplayThread
from anlan.replay.prepare import Plan, prepare
from anlan.replay.summary import summary, truth_of
from anlan.replay.world import world_names

__all__ = ["Plan", "Replay", "ReplayThread", "prepare", "summary", "truth_of", "world_names"]
