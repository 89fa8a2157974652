"""${message}. Spelled in its own SQL: it must mean the same when `db.schema` has moved on."""

from __future__ import annotations

from alembic import op

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    op.execute("")
