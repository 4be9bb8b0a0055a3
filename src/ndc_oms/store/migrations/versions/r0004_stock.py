"""What can run out on a flight: how many are taken, and by which order."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock",
        sa.Column("flight", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("flight", "what"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock_takings",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("flight", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"]),
        sa.PrimaryKeyConstraint("order_id", "flight", "what"),
        sqlite_with_rowid=False,
    )
    op.create_index("stock_takings_place", "stock_takings", ["flight", "what"], unique=False)
