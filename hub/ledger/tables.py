"""The ledger's tables. Alembic's migrations build the same; a test compares them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A UTC moment; aware on every database (SQLite keeps no time zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")

# What was decided once for the whole ledger, such as the base of its IRIs.
decided = Table("decided", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

source = Table(
    "source",
    metadata,
    Column("key", Text, primary_key=True),
    Column("declaration", Text, nullable=False),  # its source file as JSON
)

run = Table(
    "run",
    metadata,
    Column("id", Number, primary_key=True),
    Column("source", Text, ForeignKey("source.key"), nullable=False, index=True),
    Column("state", Text, nullable=False),  # running, then complete, partial, held or failed
    Column("started", Moment, nullable=False),
    Column("ended", Moment),
    Column("checkpoint", Text),  # the cursor of the page to read next
    Column("holder", Text, nullable=False),  # host and process, for a person to read
    Column("report", Text, nullable=False, server_default="{}"),  # counts and message, JSON
    Column("since", Moment),  # only what changed since then was asked for; none: all
    Column("code", Text),  # the version of the hub
    Column("profile", Text),  # the digest of the shapes
    Column("listing", Text),  # the digest of what was listed: an address, and what was chosen there
    sqlite_autoincrement=True,
)

record = Table(
    "record",
    metadata,
    Column("id", Number, primary_key=True),
    Column("iri", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, ForeignKey("source.key"), nullable=False),
    Column("identifier", Text, nullable=False),
    Column("state", Text, nullable=False),  # live, stale, quarantined, missing, withdrawn
    Column("served_version", Number),  # a version's id; none before the first valid one
    Column("latest_version", Number),
    Column("payload_checksum", Text),  # of the payload that came last, valid or not
    Column("mapped_with", Text),
    Column("missing_runs", Integer, nullable=False, server_default="0"),  # complete listings in a row without it
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("seq", Number, nullable=False, server_default="0"),  # of its last change
    UniqueConstraint("source", "kind", "identifier"),
    Index("ix_record_source_state", "source", "state"),
    sqlite_autoincrement=True,
)

seen = Table(
    "seen",
    metadata,
    Column("run", Number, ForeignKey("run.id"), primary_key=True),
    Column("record", Number, ForeignKey("record.id"), primary_key=True),
)

# Append-only.
version = Table(
    "version",
    metadata,
    Column("id", Number, primary_key=True),
    Column("record", Number, ForeignKey("record.id"), nullable=False, index=True),
    Column("run", Number, ForeignKey("run.id")),
    Column("payload", LargeBinary, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("graph", Text, nullable=False),  # sorted N-Quads of the default graph; empty where nothing could be mapped
    Column("checksum", Text, nullable=False),  # SHA-256 of `graph`
    Column("report", Text, nullable=False),  # the validation report, JSON
    Column("created", Moment, nullable=False),
    sqlite_autoincrement=True,
)

# Which records moved, in the order of commits: projections follow it.
change = Table(
    "change",
    metadata,
    Column("seq", Number, primary_key=True),
    Column("record", Number, ForeignKey("record.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("run", Number, ForeignKey("run.id"), index=True),  # of which listing it follows, if of one
    sqlite_autoincrement=True,
)

mention = Table(
    "mention",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("record", Number, ForeignKey("record.id"), primary_key=True, index=True),
)

# A record in no row is a cluster of its own.
cluster_member = Table(
    "cluster_member",
    metadata,
    Column("record", Number, ForeignKey("record.id"), primary_key=True),
    Column("cluster", Number, ForeignKey("record.id"), nullable=False, index=True),  # the record that names the cluster
)

# Two records that may tell the same thing. The smaller number is the first.
pair = Table(
    "pair",
    metadata,
    Column("first", Number, ForeignKey("record.id"), primary_key=True),
    Column("second", Number, ForeignKey("record.id"), primary_key=True, index=True),
    Column("score", Float, nullable=False),  # 0 to 1
    Column("reasons", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False, index=True),  # open, confirmed, rejected
    Column("found", Moment, nullable=False),
    Column("decided", Moment),
    Column("decided_by", Text),
)

# How far each projection was when it last said so; the projection's own store has the word.
position = Table(
    "position",
    metadata,
    Column("projection", Text, primary_key=True),
    Column("seq", Number, nullable=False),
    Column("told", Moment, nullable=False),
)

# Records that a projection's engine refused, with its reason.
unprojected = Table(
    "unprojected",
    metadata,
    Column("projection", Text, primary_key=True),
    Column("record", Number, ForeignKey("record.id"), primary_key=True),
    Column("reason", Text, nullable=False),
)

# How good a source's records are, as it was last measured.
quality = Table(
    "quality",
    metadata,
    Column("source", Text, ForeignKey("source.key"), primary_key=True),
    Column("edition", Text, nullable=False),  # of the records and the profile that it was measured from
    Column("measured", Text, nullable=False),  # JSON
)
