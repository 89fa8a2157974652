"""Runs migrations on the connection `db.upgrade` hands over, inside its transaction. Alembic imports it; nothing else does."""

from __future__ import annotations

from alembic import context

# SQLite's DDL is transactional here: we begin ourselves, and the caller commits or takes all of it back.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
