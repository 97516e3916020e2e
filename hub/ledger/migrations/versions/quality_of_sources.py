"""The quality of sources."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "quality",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.key"], name=op.f("fk_quality_source")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_quality")),
    )
