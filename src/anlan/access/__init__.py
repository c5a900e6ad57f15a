"""Who may do what: accounts, rights, credentials, and the desk that routes stand on."""

from anlan.access.credentials import (
    caller,
    issue,
    load_accounts,
    redeem_link,
    revoke,
    seed_accounts,
)
from anlan.access.rights import CITY_WIDE, ROLES, Caller, Right

__all__ = [
    "CITY_WIDE",
    "ROLES",
    "Caller",
    "Right",
    "caller",
    "issue",
    "load_accounts",
    "redeem_link",
    "revoke",
    "seed_accounts",
]
