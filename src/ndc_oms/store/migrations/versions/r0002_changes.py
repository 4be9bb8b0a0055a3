"""Changes of orders: quotes, and claims whose order is there before them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("claims", sa.Column("effect", sa.Integer(), nullable=True))
    op.create_table(
        "quotes",
        sa.Column("quote_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"]),
        sa.PrimaryKeyConstraint("quote_id"),
    )
    op.create_index("quotes_order", "quotes", ["order_id"], unique=False)
