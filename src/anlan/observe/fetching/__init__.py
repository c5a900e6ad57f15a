"""Asking other servers over HTTP: the one door for every URL that somebody has written down.

A URL comes from a city folder, a feed or another server's redirect, and may name a machine inside
the city's own network. So a request goes only to addresses that the whole world may reach, and to
those that the city's own list allows:

::

    [fetch]                          # city.toml
    allow = ["hydro.pinghu.lan", "10.20.0.0/16", "192.168.1.7"]

Rules: `rules`, `Rules`. Asking: `get`. What is refused: `judge`.
"""

from anlan.observe.fetching.account import Account
from anlan.observe.fetching.get import Fetched, Unreached, get
from anlan.observe.fetching.rules import Rules, check, judge, rules

__all__ = ["Account", "Fetched", "Rules", "Unreached", "check", "get", "judge", "rules"]
