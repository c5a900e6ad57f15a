"""A plan rehearsed 演练: a script plays what happens, people or actors respond, times are measured.

A drill runs the same chain and the same desk as the real thing, on a store and a clock of its own.
Its messages are of the exercise type and its outlets are files: nothing of it can leave.
"""

from anlan.drill.check import check
from anlan.drill.measure import measure
from anlan.drill.run import Drill, prepare
from anlan.drill.script import Script, find, read

__all__ = ["Drill", "Script", "check", "find", "measure", "prepare", "read"]
