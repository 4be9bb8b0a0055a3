"""By what a seller looks for its orders: indexes, derived columns, the flights of each order.

What is derived is taken out of the snapshots here, by the shape that they had at this revision,
and not by the model, which goes on changing.
"""

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

from ndc_oms.store.rows import fold_surname

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PAGE = 500  # orders that are read at once
PENDING = {"REQUESTED", "AWAITING", "AUTHORISED"}
SUCCESSFUL = {"CAPTURED", "REFUNDED"}


def upgrade() -> None:
    for name, kind, default in (("departs_on", sa.Integer(), "0"), ("paying", sa.Text(), "")):
        op.add_column("orders", sa.Column(name, kind, nullable=False, server_default=default))
    for name, kind, default in (("seller", sa.Text(), ""), ("created_at", sa.BigInteger(), "0")):
        op.add_column("people", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_table(
        "flights",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("departs_on", sa.Integer(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("arrives_on", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"]),
        sa.PrimaryKeyConstraint("order_id", "segment_id"),
        sqlite_with_rowid=False,
    )
    _derive()
    _index()


def _index() -> None:
    """After the data, which is quicker than before it."""
    op.drop_index("people_surname", "people")
    for table, name, columns in (
        ("people", "people_by_surname", ["seller", "surname", "created_at", "order_id"]),
        ("orders", "orders_by_creation", ["seller", "created_at", "order_id"]),
        ("orders", "orders_by_change", ["seller", "changed_at", "order_id"]),
        ("orders", "orders_by_departure", ["seller", "departs_on", "order_id"]),
        ("orders", "orders_by_paying", ["seller", "paying", "created_at", "order_id"]),
        ("flights", "flights_by_departure", ["seller", "origin", "departs_on"]),
        ("flights", "flights_by_arrival", ["seller", "destination", "arrives_on"]),
        ("flights", "flights_by_number", ["seller", "carrier", "number"]),
    ):
        newest = ["created_at", "order_id"] if table == "flights" else []
        op.create_index(name, table, [*columns, *newest], unique=False)


def _derive() -> None:
    """Page by page: memory stays constant, however many orders there are."""
    connection = op.get_bind()
    read = sa.text(
        "SELECT order_id, seller, created_at, snapshot FROM orders WHERE order_id > :after "
        "ORDER BY order_id LIMIT :page"
    )
    after = ""
    while rows := connection.execute(read, {"after": after, "page": PAGE}).all():
        orders = [(row, json.loads(row.snapshot)) for row in rows]
        connection.execute(
            sa.text(
                "UPDATE orders SET departs_on = :departs_on, paying = :paying WHERE order_id = :id"
            ),
            [
                {"id": row.order_id, "departs_on": _departs_on(order), "paying": _paying(order)}
                for row, order in orders
            ],
        )
        connection.execute(
            sa.text("UPDATE people SET seller = :seller, created_at = :at WHERE order_id = :id"),
            [{"id": row.order_id, "seller": row.seller, "at": row.created_at} for row in rows],
        )
        _spell(connection, after, rows[-1].order_id)
        flights = [flight for row, order in orders for flight in _flights(row, order)]
        if flights:
            connection.execute(_ADD_FLIGHT, flights)
        after = rows[-1].order_id


def _spell(connection: sa.Connection, after: str, last: str) -> None:
    """Surnames as tickets spell them. The rule is ICAO's; what is looked for is spelt by the same
    function, so that it is used here and not written down a second time.
    """
    read = sa.text(
        "SELECT order_id, position, payload FROM people WHERE surname IS NOT NULL "
        "AND order_id > :after AND order_id <= :last"
    )
    spelt = [
        {
            "id": row.order_id,
            "position": row.position,
            "surname": fold_surname(json.loads(row.payload)["surname"]),
        }
        for row in connection.execute(read, {"after": after, "last": last})
    ]
    if spelt:
        connection.execute(
            sa.text(
                "UPDATE people SET surname = :surname WHERE order_id = :id AND position = :position"
            ),
            spelt,
        )


_ADD_FLIGHT = sa.text(
    "INSERT INTO flights (order_id, segment_id, seller, created_at, carrier, number, origin, "
    "departs_on, destination, arrives_on) VALUES (:order_id, :segment_id, :seller, :created_at, "
    ":carrier, :number, :origin, :departs_on, :destination, :arrives_on)"
)


def _flights(row: Any, order: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for segment in order["segments"]:
        first, last = segment["flight"]["legs"][0], segment["flight"]["legs"][-1]
        made.append(
            {
                "order_id": row.order_id,
                "segment_id": segment["id"],
                "seller": row.seller,
                "created_at": row.created_at,
                "carrier": segment["flight"]["carrier"],
                "number": segment["flight"]["number"],
                "origin": first["origin"],
                "departs_on": _day(first["departure"]),
                "destination": last["destination"],
                "arrives_on": _day(last["arrival"]),
            }
        )
    return made


def _day(moment: str) -> int:
    """Of a local time with its offset: the day as it stands."""
    return date.fromisoformat(moment[:10]).toordinal()


def _departs_on(order: dict[str, Any]) -> int:
    alive = {
        service["segment_id"]
        for item in order["items"]
        if item.get("status", "ACTIVE") != "CANCELLED"
        for service in item["services"]
    }
    segments = [each for each in order["segments"] if each["id"] in alive] or order["segments"]
    return min((_day(each["flight"]["legs"][0]["departure"]) for each in segments), default=0)


def _paying(order: dict[str, Any]) -> str:
    states = [payment.get("state", "REQUESTED") for payment in order["payments"]]
    if not states:
        return ""
    if PENDING & set(states):
        return "PENDING"
    return "SUCCESSFUL" if states[-1] in SUCCESSFUL else "FAILED"
