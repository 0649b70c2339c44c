"""The first tables. Written out, not taken from `tables`: those will go on changing, this step will not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_conversations")),
    )
    op.create_table(
        "counts",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("county", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(channel) <= 32", name=op.f("ck_counts_channel_length")),
        sa.CheckConstraint("length(county) <= 64", name=op.f("ck_counts_county_length")),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_counts_kind_length")),
        sa.CheckConstraint("length(lang) <= 8", name=op.f("ck_counts_lang_length")),
        sa.CheckConstraint("length(month) <= 7", name=op.f("ck_counts_month_length")),
        sa.CheckConstraint("length(topic) <= 64", name=op.f("ck_counts_topic_length")),
        sa.PrimaryKeyConstraint(
            "month", "channel", "kind", "topic", "lang", "county", name=op.f("pk_counts")
        ),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=True),
        sa.Column("entry", sa.String(length=64), nullable=True),
        sa.Column("facet", sa.String(length=32), nullable=True),
        sa.Column("lang", sa.String(length=8), nullable=True),
        sa.Column("county", sa.String(length=64), nullable=True),
        sa.CheckConstraint("length(channel) <= 32", name=op.f("ck_events_channel_length")),
        sa.CheckConstraint("length(county) <= 64", name=op.f("ck_events_county_length")),
        sa.CheckConstraint("length(entry) <= 64", name=op.f("ck_events_entry_length")),
        sa.CheckConstraint("length(facet) <= 32", name=op.f("ck_events_facet_length")),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_events_kind_length")),
        sa.CheckConstraint("length(lang) <= 8", name=op.f("ck_events_lang_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_person"), "events", ["person"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'damaged') OR (address IS NULL AND body IS NULL)",
            name=op.f("ck_inbox_emptied"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'done', 'stale', 'damaged')", name=op.f("ck_inbox_state")),
        sa.CheckConstraint("length(channel) <= 32", name=op.f("ck_inbox_channel_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("person", "key_hash", name=op.f("uq_inbox_person_key_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["person", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting')"),
        postgresql_where=sa.text("state IN ('waiting')"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(name) <= 32", name=op.f("ck_meta_name_length")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'doubtful', 'damaged') OR (address IS NULL AND reply IS NULL)",
            name=op.f("ck_outbox_emptied"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'doubtful', 'sent', 'refused', 'unsure', 'stale', 'damaged')",
            name=op.f("ck_outbox_state"),
        ),
        sa.CheckConstraint("length(channel) <= 32", name=op.f("ck_outbox_channel_length")),
        sa.CheckConstraint("length(token) <= 32", name=op.f("ck_outbox_token_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending', 'doubtful')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending', 'doubtful')"),
    )
    op.create_index(
        "ix_outbox_open_person",
        "outbox",
        ["person", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending', 'doubtful')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending', 'doubtful')"),
    )
    op.create_index(op.f("ix_outbox_person_key_hash"), "outbox", ["person", "key_hash"], unique=False)
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=True),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("county", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("nearest", sa.Text(), nullable=False),
        sa.Column("settled", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(channel) <= 32", name=op.f("ck_questions_channel_length")),
        sa.CheckConstraint("length(county) <= 64", name=op.f("ck_questions_county_length")),
        sa.CheckConstraint("length(lang) <= 8", name=op.f("ck_questions_lang_length")),
        sa.CheckConstraint("length(nearest) <= 4000", name=op.f("ck_questions_nearest_length")),
        sa.CheckConstraint("length(text) <= 4000", name=op.f("ck_questions_text_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_questions_person"), "questions", ["person"], unique=False)
