"""${message}."""

import sqlalchemy as sa
from alembic import op

from hub.ledger.tables import Moment, Number

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
