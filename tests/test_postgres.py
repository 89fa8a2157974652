"""PostgreSQL: the same tables can be made there. Nothing else is promised yet."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from db import schema

SCHEMA = "appeals_test_throw_away"
PLACE = "127.0.0.1:5432/test"


@pytest.fixture
def connection():
    """A connection whose tables go into a schema of their own, which is dropped whatever happens."""
    pytest.importorskip("psycopg", reason="psycopg, the PostgreSQL driver, is not installed")
    users = [os.environ["APPEALS_TEST_POSTGRES"]] if "APPEALS_TEST_POSTGRES" in os.environ else ["postgres", "root"]
    for user in users:
        engine = create_engine(f"postgresql+psycopg://{user}@{PLACE}", connect_args={"connect_timeout": 3})
        try:
            connection = engine.connect()
        except OperationalError:
            engine.dispose()
            continue
        try:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            yield connection
        finally:
            connection.rollback()  # the schema was never committed
            connection.close()
            engine.dispose()
        return
    pytest.skip(f"no PostgreSQL answers at {PLACE} for {' or '.join(users)}")


def test_all_tables_indexes_and_constraints_are_made_on_postgresql(connection):
    schema.create(connection)
    there = inspect(connection)
    assert set(there.get_table_names(SCHEMA)) == set(schema.metadata.tables)
    for table in schema.metadata.sorted_tables:
        assert {index["name"] for index in there.get_indexes(table.name, SCHEMA) if "duplicates_constraint" not in index} == {
            index.name for index in table.indexes
        }
        assert [column["name"] for column in there.get_columns(table.name, SCHEMA)] == table.columns.keys()


def test_partial_indexes_stay_partial_on_postgresql(connection):
    schema.create(connection)
    rows = connection.execute(text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = :name"), {"name": SCHEMA})
    found = {row.indexname: row.indexdef for row in rows}
    assert "WHERE" in found["ix_clock_work_by"]
    assert found["uq_patient_identifier_mrn"].startswith("CREATE UNIQUE INDEX")
    assert "'mrn'" in found["uq_patient_identifier_mrn"]
