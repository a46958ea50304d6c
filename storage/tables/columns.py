"""What all tables are made of: the one metadata, instants, ids and partial indexes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC: the same on every database."""

    impl = BigInteger
    cache_ok = True

    # Not `process_bind_param` and `process_result_value`, around which SQLAlchemy calls another
    # function for every value.

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _written

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[int | None], datetime | None]:
        return _read


def _written(value: datetime | None) -> int | None:
    return None if value is None else microseconds(value)


def _read(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def instant(value: int) -> datetime:
    """The datetime of so many microseconds since 1970 UTC."""
    return EPOCH + timedelta(microseconds=value)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 UTC. Raises ValueError for a datetime without an offset."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no offset: which instant is it?")
    return (at - EPOCH) // _MICROSECOND


# On SQLite an INTEGER primary key is the row's own place; any other needs an index beside it.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def some(condition: str) -> dict[str, Any]:
    """A partial index: only rows under this condition are in it.

    A query uses it only where it says the same words, so these have names beside the tables.
    """
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


BY_BEGINNING: dict[str, Any] = {"postgresql_ops": {"word": "text_pattern_ops"}}
"""An index that finds words by how they begin, whatever the language of the database."""
