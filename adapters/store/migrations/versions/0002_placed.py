"""Where a reply that may have been lost is being written once more: the platform's own id of that message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("placed", sa.Integer(), nullable=True))
