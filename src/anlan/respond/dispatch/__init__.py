"""Dispatch: who and what is sent to which case, proposed with reasons and decided by a person.

Deciding: `assign`, `needs`. Loading and showing: `proposal`. Doing: `actions`.
"""
