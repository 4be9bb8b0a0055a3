"""Not only sellers are told of an event: several may be, each in its own time. And what is counted
of flights that have left may go: their day beside them.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COPY = (
    "INSERT INTO notifications (order_id, sequence, receiver, state, created_at, since, due_at,"
    " attempts, leased_by, leased_until, last_error, answer, ended_at)"
    " SELECT order_id, sequence, seller, state, created_at, since, due_at, attempts, leased_by,"
    " leased_until, last_error, answer, ended_at FROM notifications_of_sellers"
)


def upgrade() -> None:
    """Its key becomes another, for which SQLite needs another table."""
    op.drop_index("notifications_waiting", "notifications")
    op.rename_table("notifications", "notifications_of_sellers")
    _create_notifications()
    op.execute(_COPY)
    op.drop_table("notifications_of_sellers")
    op.create_table(
        "purged",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what"),
    )
    _date_stock()


def _date_stock() -> None:
    op.rename_table("stock", "stock_without_days")
    made = op.create_table(
        "stock",
        sa.Column("flight", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("flight", "what"),
        sqlite_with_rowid=False,
    )
    op.create_index("stock_day", "stock", ["day"], unique=False)
    kept = op.get_bind().execute(sa.text("SELECT flight, what, taken FROM stock_without_days"))
    rows = [
        {"flight": flight, "what": what, "taken": taken, "day": _day(flight)}
        for flight, what, taken in kept
    ]
    if rows:
        op.bulk_insert(made, rows)
    op.drop_table("stock_without_days")


def _day(flight: str) -> int:
    """Of `T8101/13Mar27/YYZLHR`, as flights were written at this revision."""
    day = flight.split("/")[1]
    months = "JanFebMarAprMayJunJulAugSepOctNovDec"
    month = months.index(day[2:5]) // 3 + 1
    return datetime(2000 + int(day[5:]), month, int(day[:2])).toordinal()  # noqa: DTZ001  # a day


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"]),
        sa.PrimaryKeyConstraint("order_id", "sequence", "receiver"),
    )
    op.create_index(
        "notifications_waiting",
        "notifications",
        ["receiver", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
