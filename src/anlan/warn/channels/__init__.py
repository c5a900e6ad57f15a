"""Outlets, one module each: what hands messages over."""

from anlan.warn.channels.file import FileOutlet, RealFileOutlet
from anlan.warn.channels.outlet import (
    ActualMessage,
    ExerciseMessage,
    ExerciseOutlet,
    Handed,
    Outcome,
    Outlet,
    RealOutlet,
    hand_over,
)

__all__ = [
    "ActualMessage",
    "ExerciseMessage",
    "ExerciseOutlet",
    "FileOutlet",
    "Handed",
    "Outcome",
    "Outlet",
    "RealFileOutlet",
    "RealOutlet",
    "hand_over",
]
