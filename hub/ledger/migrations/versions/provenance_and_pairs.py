"""Where a change comes from, with what a run was made, and pairs of records that may tell the same thing."""

import sqlalchemy as sa
from alembic import op

from hub.ledger.tables import Moment, Number

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("since", Moment()))
        run.add_column(sa.Column("code", sa.Text()))
        run.add_column(sa.Column("profile", sa.Text()))
    with op.batch_alter_table("change") as change:
        change.add_column(sa.Column("run", Number))
        change.create_foreign_key(op.f("fk_change_run"), "run", ["run"], ["id"])
        change.create_index(op.f("ix_change_run"), ["run"])
    op.create_table(
        "pair",
        sa.Column("first", Number, nullable=False),
        sa.Column("second", Number, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found", Moment(), nullable=False),
        sa.Column("decided", Moment()),
        sa.Column("decided_by", sa.Text()),
        sa.ForeignKeyConstraint(["first"], ["record.id"], name=op.f("fk_pair_first")),
        sa.ForeignKeyConstraint(["second"], ["record.id"], name=op.f("fk_pair_second")),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_pair")),
    )
    op.create_index(op.f("ix_pair_second"), "pair", ["second"])
    op.create_index(op.f("ix_pair_state"), "pair", ["state"])
