"""What the airline changes: orders by flight, feeds that are followed, sellers that are told."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PAGE = 500  # orders read at a time


def upgrade() -> None:
    op.create_table(
        "order_flights",
        sa.Column("flight", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"]),
        sa.PrimaryKeyConstraint("flight", "order_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feeds",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("feed"),
    )
    op.create_table(
        "endpoints",
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["sellers.org_id"]),
        sa.PrimaryKeyConstraint("org_id"),
    )
    _create_notifications()
    _index_flights()


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("order_id", "sequence"),
    )
    op.create_index(
        "notifications_waiting",
        "notifications",
        ["seller", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _index_flights() -> None:
    """Of orders that are open: what is closed is not changed by the airline any more."""
    connection = op.get_bind()
    page = sa.text(
        "SELECT order_id, snapshot FROM orders WHERE status = 'OPENED' AND order_id > :after_"
        " ORDER BY order_id LIMIT :page_"
    )
    into = sa.text("INSERT INTO order_flights (flight, order_id) VALUES (:flight, :order_id)")
    after = ""
    while rows := connection.execute(page, {"after_": after, "page_": PAGE}).fetchall():
        for order_id, snapshot in rows:
            flights = {_flight(each["flight"]) for each in json.loads(snapshot)["segments"]}
            for flight in sorted(flights):
                connection.execute(into, {"flight": flight, "order_id": order_id})
        after = rows[-1][0]


def _flight(segment: dict[str, Any]) -> str:
    """As `rows.flight_text` was at this revision."""
    first, last = segment["legs"][0], segment["legs"][-1]
    day = datetime.fromisoformat(first["departure"]).date().isoformat()
    pair = f"{first['origin']}{last['destination']}"
    return f"{day} {segment['operator']}{segment['operator_number']} {pair}"
