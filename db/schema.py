"""The whole schema: every table, the triggers that keep the trail append-only, and how a new database is made.

Column names equal field names; a test holds them equal. A database on disk is changed by a migration, never by editing a
table alone.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, PrimaryKeyConstraint, String, Table, insert, text

from db import schema_case, schema_people, schema_work
from db.columns import metadata

__all__ = ["APPLICATION", "NUMBER", "STATISTICS", "TRIGGERS", "create", "metadata", "schema_case", "schema_people", "schema_work"]

NUMBER = 2  # of this schema: `PRAGMA user_version` of a file, and the newest revision in db/migrations/versions
APPLICATION = 0x4150504C  # "APPL" at byte 68 of a file tells our databases from other programs' (sqlite.org/fileformat.html)

alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),  # Alembic's own name for it
)

# The trail is written to and never changed. These stop our own mistakes; people with the file are found by `audit verify`.
TRIGGERS = {
    **{
        f"{table}_no_{verb.lower()}": f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        for table in ("event", "event_text")
        for verb in ("UPDATE", "DELETE")
    },
    # Without it INSERT OR REPLACE rewrites an entry, and an entry could be left out.
    "event_next_only": "CREATE TRIGGER event_next_only BEFORE INSERT ON event "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event WHERE practice_id = NEW.practice_id) "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail takes only its next entry'); END",
    "event_text_once": "CREATE TRIGGER event_text_once BEFORE INSERT ON event_text "
    "WHEN EXISTS (SELECT 1 FROM event_text WHERE practice_id = NEW.practice_id AND seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
}

# Every index begins with the practice. Told nothing, SQLite takes that for a choice of ten rows and reads the whole office by it;
# so it is told once what a big one looks like: a practice is no choice, what follows it is one, and a partial index is small.
STATISTICS = (
    "ANALYZE sqlite_master",
    "DELETE FROM sqlite_stat1",
    """INSERT INTO sqlite_stat1 (tbl, idx, stat)
    SELECT i.tbl_name, i.name, (SELECT group_concat(n, ' ') FROM (
        SELECT -1 AS seqno, CASE WHEN l.partial THEN 50000 ELSE 1000000 END AS n UNION ALL
        SELECT c.seqno, CASE WHEN c.seqno = 0 AND l.partial THEN 50000 WHEN c.seqno = 0 THEN 1000000
            WHEN l."unique" AND c.seqno = (SELECT max(seqno) FROM pragma_index_info(i.name)) THEN 1 ELSE 10 END
        FROM pragma_index_info(i.name) AS c ORDER BY seqno))
    FROM sqlite_master AS i JOIN pragma_index_list(i.tbl_name) AS l ON l.name = i.name
    WHERE i.type = 'index' AND (SELECT count(*) FROM pragma_index_info(i.name)) > 1""",
)


def create(connection: Connection) -> None:
    """Make all tables of a new database in the caller's transaction, and note their number where migrations look."""
    if connection.dialect.name == "postgresql":
        for index in (index for table in metadata.tables.values() for index in table.indexes):
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(alembic_version), {"version_num": f"{NUMBER:04d}"})
    if connection.dialect.name == "sqlite":
        for statement in TRIGGERS.values():
            connection.execute(text(statement))
        for statement in STATISTICS:
            connection.execute(text(statement))
        connection.execute(text(f"PRAGMA application_id = {APPLICATION}"))
        connection.execute(text(f"PRAGMA user_version = {NUMBER}"))
