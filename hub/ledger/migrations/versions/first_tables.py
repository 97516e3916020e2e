"""The ledger's first tables."""

import sqlalchemy as sa
from alembic import op

from hub.ledger.tables import Moment, Number

revision = "0001"
down_revision = None


def upgrade() -> None:
    for build in (
        _decided,
        _position,
        _source,
        _record,
        _run,
        _change,
        _cluster_member,
        _mention,
        _seen,
        _unprojected,
        _version,
    ):
        build()


def _decided() -> None:
    op.create_table(
        "decided",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decided")),
    )


def _position() -> None:
    op.create_table(
        "position",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("seq", Number, nullable=False),
        sa.Column("told", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("projection", name=op.f("pk_position")),
    )


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_source")),
    )


def _record() -> None:
    op.create_table(
        "record",
        sa.Column("id", Number, nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("served_version", Number, nullable=True),
        sa.Column("latest_version", Number, nullable=True),
        sa.Column("payload_checksum", sa.Text(), nullable=True),
        sa.Column("mapped_with", sa.Text(), nullable=True),
        sa.Column("missing_runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.Column("last_seen", Moment(), nullable=False),
        sa.Column("seq", Number, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.key"], name=op.f("fk_record_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("iri", name=op.f("uq_record_iri")),
        sa.UniqueConstraint("source", "kind", "identifier", name=op.f("uq_record_source")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_record_source_state", "record", ["source", "state"], unique=False)


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", Number, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started", Moment(), nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.Column("checkpoint", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.key"], name=op.f("fk_run_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_run_source"), "run", ["source"], unique=False)


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("seq", Number, nullable=False),
        sa.Column("record", Number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_change_record")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_record"), "change", ["record"], unique=False)


def _cluster_member() -> None:
    op.create_table(
        "cluster_member",
        sa.Column("record", Number, nullable=False),
        sa.Column("cluster", Number, nullable=False),
        sa.ForeignKeyConstraint(["cluster"], ["record.id"], name=op.f("fk_cluster_member_cluster")),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_cluster_member_record")),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_cluster_member")),
    )
    op.create_index(op.f("ix_cluster_member_cluster"), "cluster_member", ["cluster"], unique=False)


def _mention() -> None:
    op.create_table(
        "mention",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record", Number, nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_mention_record")),
        sa.PrimaryKeyConstraint("entity", "record", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_record"), "mention", ["record"], unique=False)


def _seen() -> None:
    op.create_table(
        "seen",
        sa.Column("run", Number, nullable=False),
        sa.Column("record", Number, nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_seen_record")),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_seen_run")),
        sa.PrimaryKeyConstraint("run", "record", name=op.f("pk_seen")),
    )


def _unprojected() -> None:
    op.create_table(
        "unprojected",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("record", Number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_unprojected_record")),
        sa.PrimaryKeyConstraint("projection", "record", name=op.f("pk_unprojected")),
    )


def _version() -> None:
    op.create_table(
        "version",
        sa.Column("id", Number, nullable=False),
        sa.Column("record", Number, nullable=False),
        sa.Column("run", Number, nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["record.id"], name=op.f("fk_version_record")),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_version_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_version_record"), "version", ["record"], unique=False)
