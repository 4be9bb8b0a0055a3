"""What several processes share of rates; what the purge looks for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rates",
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id"),
    )
    op.create_index("offers_expires", "offers", ["expires_at"], unique=False)
    op.create_index("quotes_expires", "quotes", ["expires_at"], unique=False)
    op.create_index(
        "claims_kept",
        "claims",
        ["replied_at"],
        unique=False,
        sqlite_where=sa.text("reply IS NOT NULL"),
        postgresql_where=sa.text("reply IS NOT NULL"),
    )
