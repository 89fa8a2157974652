"""The tables hold what the values hold, the practice comes first everywhere, and every constraint has a name."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from sqlalchemy import CheckConstraint, DefaultClause, ForeignKeyConstraint, UniqueConstraint, create_engine, text
from sqlalchemy.exc import IntegrityError

from appeals import model, record
from db import schema
from db.columns import UtcDateTime
from db.engine import Database
from db.opening import create_database
from db.rows import KINDS_IN_ORDER, TABLES

# What only the store knows: no value has it.
STORE_ONLY = {
    "practice": {"log_id", "log_size", "log_frontier", "log_root", "next_case_number"},
    "patient": {"event_count"},
}
# Tables without a value: `Event` is stored as its text and its place, and the others are the store's own.
OWN = {"meta", "event", "event_text", "log_head", "alembic_version", "original"}
# The practice is not the first column here: it is the row itself, or there is none.
OF_NO_PRACTICE = {"meta", "practice", "alembic_version"}
EVENT = {
    "practice_id", "seq", "log_id", "kind", "name", "on", "recorded_at", "actor", "patient_id", "patient_seq", "case_id", "case_version",
    "request_id", "leaf", "root",
}  # fmt: skip
SQL_TYPES = {"str": "VARCHAR", "int": "BIGINT", "bool": "BOOLEAN", "date": "DATE", "datetime": "DATETIME", "bytes": "BLOB"}

TENANT_TABLES = [table for table in schema.metadata.sorted_tables if table.name not in OF_NO_PRACTICE]


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        schema.create(connection)
        yield connection
    engine.dispose()


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_columns_are_the_fields_of_the_value_and_allow_nothing_where_it_does(kind):
    table = TABLES[kind]
    own = STORE_ONLY.get(table.name, set())
    declared = {field.name: field.type.partition(" | ") for field in fields(kind)}
    assert {column.name for column in table.columns} - own == set(declared)
    for name, (type_, _, optional) in declared.items():
        column = table.c[name]
        assert column.nullable == bool(optional), name
        assert str(column.type.compile(dialect=create_engine("sqlite://").dialect)) == SQL_TYPES.get(type_, "VARCHAR(20)"), name


def test_every_stored_value_has_a_table_and_every_table_is_accounted_for():
    stored = {
        kind
        for module in (model, record)
        for kind in vars(module).values()
        if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
    }
    apart = {record.Run, record.Event, record.Change, record.StoredEvent, record.Head, record.Problem, record.Situation}
    assert stored - apart == set(TABLES)
    assert {table.name for table in schema.metadata.sorted_tables} == {table.name for table in TABLES.values()} | OWN


def test_the_event_table_holds_an_entrys_place_and_nothing_of_its_text():
    assert set(schema.schema_work.event.columns.keys()) == EVENT


@pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.name)
def test_the_practice_comes_first_in_every_key_constraint_and_index(table):
    keys = [table.primary_key, *table.indexes]
    keys += [one for one in table.constraints if isinstance(one, UniqueConstraint | ForeignKeyConstraint)]
    for one in keys:
        assert next(iter(one.columns)).name == "practice_id", one.name
    for one in table.foreign_keys:
        first = one.constraint.elements[0].target_fullname
        assert first in {"practice.id", f"{one.constraint.referred_table.name}.practice_id"}


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_constraint_has_a_short_name(table):
    for one in table.constraints:
        assert one.name and len(str(one.name)) <= 63, (one, "PostgreSQL cuts longer names")
    assert all(isinstance(one.server_default, DefaultClause | None) for one in table.columns)


def test_states_flags_and_limits_are_held_by_named_checks():
    named = {str(one.name) for table in schema.metadata.sorted_tables for one in table.constraints if isinstance(one, CheckConstraint)}
    assert {"ck_case_state", "ck_clock_status", "ck_peer_review_came_from", "ck_case_version", "ck_document_content"} <= named
    assert {f"ck_clock_{flag}" for flag in ("candidate", "hard", "verified")} <= named


def test_parents_are_written_before_their_children():
    seen = set()
    for kind in KINDS_IN_ORDER:
        seen.add(TABLES[kind])
        assert {key.column.table for key in TABLES[kind].foreign_keys} <= seen, kind


def test_only_running_clocks_are_in_the_indexes_of_the_daily_run(connection):
    for name in ("ix_clock_next_remind_on", "ix_clock_work_by"):
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}).scalar_one()
        assert sql.endswith("WHERE status IN ('open', 'sent', 'tolled')")
    queue = "SELECT id FROM clock WHERE practice_id = 'p' AND status IN ('open', 'sent', 'tolled') ORDER BY work_by LIMIT 50"
    plan = connection.execute(text(f"EXPLAIN QUERY PLAN {queue}")).all()
    assert [row[-1] for row in plan] == ["SEARCH clock USING INDEX ix_clock_work_by (practice_id=?)"]


def test_a_state_that_is_none_is_refused(connection):
    with pytest.raises(IntegrityError, match="ck_peer_review_came_from"):
        connection.execute(
            text(
                "INSERT INTO peer_review VALUES ('p','i','c','lost','','','','','','2026-01-01','','','',NULL,0)",
            )
        )


def test_a_naive_instant_is_refused_and_an_aware_one_keeps_its_moment():
    dialect = create_engine("sqlite://").dialect
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 11, 23, 12, 0), dialect)  # noqa: DTZ001 - refused on purpose
    aware = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert UtcDateTime().process_result_value(UtcDateTime().process_bind_param(aware, dialect), dialect) == aware


def test_making_tables_is_taken_back_whole(tmp_path):
    create_database(tmp_path / "appeals.db", driver=sqlite3)
    database = Database(tmp_path / "appeals.db", sqlite3, "delete")

    def half_done(connection):
        connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))
        connection.execute(text("DROP TRIGGER event_no_update"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(half_done)
    names = database.read(lambda connection: set(connection.execute(text("SELECT name FROM sqlite_master")).scalars()))
    database.close()
    assert "left_behind" not in names
    assert "event_no_update" in names
