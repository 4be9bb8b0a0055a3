"""Who is at work, so that the leases of one that died among others are free at once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.add_column("claims", sa.Column("owner", sa.Text(), nullable=True))
    op.create_index(
        "claims_open",
        "claims",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("reply IS NULL"),
        postgresql_where=sa.text("reply IS NULL"),
    )
