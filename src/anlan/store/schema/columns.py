"""Kinds of column: times are `Instant` (UTC, to the millisecond), texts are `Words`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """A moment as the store keeps it: since 1970-01-01T00:00Z, what is finer cut off."""
    return (moment - EPOCH) // MILLISECOND


class Instant(TypeDecorator[datetime]):
    """A moment, kept as integer milliseconds since 1970-01-01T00:00Z; aware UTC in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database: refuses naive times, which mean nothing across zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value} has no zone; the store takes aware datetimes")
        return milliseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From the database: aware UTC."""
        return None if value is None else EPOCH + value * MILLISECOND


class Words(TypeDecorator[str]):
    """Text, compared and ordered by its code points on every engine.

    PostgreSQL would order by the language of its server, and cannot keep the character NUL: it is
    kept as the mark that stands for what cannot be shown (U+FFFD).
    """

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else value.replace("\0", "\ufffd")


metadata = MetaData()
# autoincrement needs INTEGER on SQLite, where it is 64 bits wide anyway
BigKey = BigInteger().with_variant(Integer(), "sqlite")


def text(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=False, server_default=default)


def moment(name: str) -> Column[datetime]:
    return Column(name, Instant, nullable=False)
