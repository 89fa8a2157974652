"""What all tables are made of: column types, constraint names and the practice that comes first in every key. No table itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

from appeals.model import DECISIONS, RUNNING, ClockStatus, State


def _own_columns(constraint: Any, _table: Any) -> str:
    """The columns a key is about: all but the practice, which is in every one."""
    names = [column if isinstance(column, str) else column.name for column in getattr(constraint, "column_keys", constraint.columns)]
    return "_".join(name for name in names if name != "practice_id") or "practice_id"


# Every constraint has a name: a migration that rebuilds a table silently loses those without one.
metadata = MetaData(
    naming_convention={
        "own_columns": _own_columns,
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(own_columns)s",
        "uq": "uq_%(table_name)s_%(own_columns)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite drops time zones without a word, so a naive one is refused at the door."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else value.replace(tzinfo=UTC)


def key() -> tuple[Column[str], Column[str]]:
    """The primary key of nearly every table: the practice first, then an id the caller made."""
    return Column("practice_id", String, primary_key=True), Column("id", String, primary_key=True)


def words(name: str, *, null: bool = False) -> Column[str]:
    """Text; "" where nothing was given."""
    return Column(name, String, nullable=null)


def added(name: str, default: str = "") -> Column[str]:
    """Text that a later schema added: rows from before have the default."""
    return Column(name, String, nullable=False, server_default=default)


def cents(name: str) -> Column[int]:
    """US dollars in integer cents."""
    return Column(name, BigInteger, nullable=False)


def added_flag(name: str) -> Column[bool]:
    """A flag that a later schema added: rows from before have it false. SQLite cannot add a CHECK to a table that is there."""
    return Column(name, Boolean(create_constraint=False), nullable=False, server_default=false())


def added_cents(name: str) -> Column[int]:
    """A whole number, mostly cents, that a later schema added: rows from before have 0."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def count(name: str, *, null: bool = False) -> Column[int]:
    """A whole number that is no money."""
    return Column(name, BigInteger, nullable=null)


def day(name: str, *, null: bool = False) -> Column[date]:
    """A date in the practice's zone."""
    return Column(name, Date, nullable=null)


def instant(name: str, *, null: bool = False) -> Column[datetime]:
    """An aware UTC instant."""
    return Column(name, UtcDateTime, nullable=null)


def flag(name: str) -> Column[bool]:
    """True or false; nothing else gets past the CHECK."""
    return Column(name, Boolean(create_constraint=True, name=name), nullable=False)


def _values(kind: type[State] | type[ClockStatus]) -> list[str]:
    return [each.value for each in kind]


def member(name: str, kind: type[State] | type[ClockStatus]) -> Column[Any]:
    """A member of `kind`, stored as its text value and held to it by a CHECK."""
    stored = Enum(kind, name=name, native_enum=False, create_constraint=True, length=20, values_callable=_values)
    return Column(name, stored, nullable=False)


def refers(column: str, table: str) -> ForeignKeyConstraint:
    """`column` names a row of `table` of the same practice."""
    return ForeignKeyConstraint(["practice_id", column], [f"{table}.practice_id", f"{table}.id"])


def belongs() -> ForeignKeyConstraint:
    """The practice exists; only for tables without a parent that already says so."""
    return ForeignKeyConstraint(["practice_id"], ["practice.id"])


def unique(*columns: str) -> UniqueConstraint:
    """No two rows of one practice have the same values here."""
    return UniqueConstraint("practice_id", *columns)


def index(table: str, name: str, *columns: str) -> Index:
    """An index that starts with the practice."""
    return Index(f"ix_{table}_{name}", "practice_id", *columns)


def partial(table: str, name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows of one practice for which `where` holds.

    Only SQLite is told here: naming PostgreSQL would import its dialect (40 ms) into every command; `db.schema.create` does it.
    """
    prefix = "uq" if unique else "ix"
    return Index(f"{prefix}_{table}_{name}", "practice_id", *columns, unique=unique, sqlite_where=text(where))


def check(name: str, condition: str) -> CheckConstraint:
    """A named CHECK."""
    return CheckConstraint(condition, name=name)


def listed(values: Iterable[str]) -> str:
    """`'a', 'b'` for an SQL list of our own constants."""
    return ", ".join(f"'{value}'" for value in values)


STILL_RUNNING = f"status IN ({listed(status.value for status in RUNNING)})"
STILL_OPEN = f"state <> '{State.RESOLVED.value}'"
LEFT = "fate = 'person'"
DECIDED = f"outcome IN ({listed(DECISIONS)}) AND NOT voided"
