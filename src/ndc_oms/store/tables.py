"""The tables. Portable: SQLite and PostgreSQL read the same text.

Instants are whole microseconds since 1970 in UTC (BigInteger): they sort, compare and index
alike everywhere. Amounts are whole minor units. Records are JSON text (`rows.py`). Invariants
named here (I5, I18 …) are those that a constraint holds by itself; `verify.py` checks the rest.
"""

from typing import Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.sql.type_api import TypeEngine

T = TypeVar("T")

metadata: Final = MetaData()


def _must(name: str, kind: type[TypeEngine[T]]) -> Column[T]:
    return Column(name, kind, nullable=False)


def _may(name: str, kind: type[TypeEngine[T]]) -> Column[T]:
    return Column(name, kind, nullable=True)


def _order_id() -> Column[str]:
    return Column("order_id", Text, ForeignKey("orders.order_id"), nullable=False)


orders: Final = Table(
    "orders",
    metadata,
    Column("order_id", Text, primary_key=True),
    _must("seller", Text),
    _must("owner", Text),
    _must("offer_id", Text),
    _must("status", Text),
    _must("version", Integer),
    _must("sequence", Integer),  # of the latest event: what a change must build on
    _must("created_at", BigInteger),
    _must("changed_at", BigInteger),
    _must("total_minor", BigInteger),
    _must("currency", Text),
    _must("snapshot", Text),  # model.order.Order
    # What sellers look for; derived from the snapshot (rows.order_row).
    Column("departs_on", Integer, nullable=False, server_default="0"),  # days since 0001-01-01
    Column("paying", Text, nullable=False, server_default=""),  # model.paid.PaymentStatus
    Index("orders_offer", "offer_id", unique=True),  # I5: an offer is accepted once
    Index("orders_by_creation", "seller", "created_at", "order_id"),
    Index("orders_by_change", "seller", "changed_at", "order_id"),
    Index("orders_by_departure", "seller", "departs_on", "order_id"),
    Index("orders_by_paying", "seller", "paying", "created_at", "order_id"),
)

# The flights of an order, by which a seller looks for it, newest order first.
flights: Final = Table(
    "flights",
    metadata,
    _order_id(),
    _must("segment_id", Text),
    _must("seller", Text),  # the order's, as its created_at
    _must("created_at", BigInteger),
    _must("carrier", Text),  # marketing
    _must("number", Text),
    _must("origin", Text),
    _must("departs_on", Integer),  # local days, as the orders'
    _must("destination", Text),
    _must("arrives_on", Integer),
    PrimaryKeyConstraint("order_id", "segment_id"),
    Index("flights_by_departure", "seller", "origin", "departs_on", "created_at", "order_id"),
    Index("flights_by_arrival", "seller", "destination", "arrives_on", "created_at", "order_id"),
    Index("flights_by_number", "seller", "carrier", "number", "created_at", "order_id"),
    sqlite_with_rowid=False,
)

order_events: Final = Table(
    "order_events",
    metadata,
    _order_id(),
    _must("sequence", Integer),
    _must("kind", Text),  # a key of model.events.EVENTS
    _must("at", BigInteger),
    _must("payload", Text),
    PrimaryKeyConstraint("order_id", "sequence"),  # I6: one event a place
)

# One row a person or contact, so that each can be erased without touching the rest.
people: Final = Table(
    "people",
    metadata,
    _order_id(),
    _must("position", Integer),
    _must("kind", Text),  # rows.PERSON or rows.CONTACT
    _may("surname", Text),  # rows.fold_surname; contacts have none
    _must("payload", Text),
    Column("seller", Text, nullable=False, server_default=""),  # the order's, as its created_at
    Column("created_at", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("order_id", "position"),
    Index("people_by_surname", "seller", "surname", "created_at", "order_id"),
)

bookings: Final = Table(
    "bookings",
    metadata,
    _order_id(),
    _must("carrier", Text),
    _must("locator", Text),
    PrimaryKeyConstraint("order_id", "carrier", "locator"),
    Index("bookings_locator", "locator"),  # not unique: a locator may return after years
    sqlite_with_rowid=False,
)

documents: Final = Table(
    "documents",
    metadata,
    Column("number", Text, primary_key=True),  # I18: never reused
    _order_id(),
    _must("passenger_id", Text),
    _must("type", Text),
    Index("documents_order", "order_id"),
    sqlite_with_rowid=False,
)

ledger_entries: Final = Table(
    "ledger_entries",
    metadata,
    _order_id(),
    _must("sequence", Integer),  # of the event that posted it
    _must("line", Integer),
    _must("account", Text),
    _must("minor", BigInteger),  # debit positive, credit negative
    _must("currency", Text),
    _may("payment_id", Text),
    PrimaryKeyConstraint("order_id", "sequence", "line"),
    sqlite_with_rowid=False,
)

outbox: Final = Table(
    "outbox",
    metadata,
    Column("key", Text, primary_key=True),
    _order_id(),
    _must("step", Text),
    _must("subject", Text),
    _must("due_at", BigInteger),
    _must("created_at", BigInteger),
    _must("attempts", Integer),
    _may("leased_by", Text),
    _may("leased_until", BigInteger),
    _must("parked", Integer),  # 0 or 1
    _must("last_error", Text),
    Index("outbox_due", "due_at"),
    Index("outbox_order", "order_id"),
)

# What can run out on a flight (model/stock.py): how many are taken, and by whom. `stock` is the
# sum of `stock_takings`, kept so that a guarded update refuses what is too much.
stock: Final = Table(
    "stock",
    metadata,
    _must("flight", Text),
    _must("what", Text),
    _must("taken", Integer),
    _must("day", Integer),  # of its departure there, as date.toordinal
    PrimaryKeyConstraint("flight", "what"),
    Index("stock_day", "day"),
    sqlite_with_rowid=False,
)

# Up to when what is old was let go, which nobody then misses. before: as stock.day.
purged: Final = Table(
    "purged",
    metadata,
    Column("what", Text, primary_key=True),
    _must("before", Integer),
)

stock_takings: Final = Table(
    "stock_takings",
    metadata,
    _order_id(),
    _must("flight", Text),
    _must("what", Text),
    _must("count", Integer),
    PrimaryKeyConstraint("order_id", "flight", "what"),
    Index("stock_takings_place", "flight", "what"),
    sqlite_with_rowid=False,
)

# order_id without a foreign key: a key is claimed before its order is there.
claims: Final = Table(
    "claims",
    metadata,
    _must("seller", Text),
    _must("key", Text),
    _must("order_id", Text),
    _must("offer_id", Text),
    _must("body_hash", Text),
    _must("lease_until", BigInteger),
    _must("created_at", BigInteger),
    _may("reply", LargeBinary),
    _may("request", LargeBinary),  # redacted
    _may("replied_at", BigInteger),
    Column("changes", Integer, nullable=False, server_default="0"),  # 1: of an order that is there
    _may("effect", Integer),  # of such a claim: the sequence of the event that it brought about
    _may("owner", Text),  # the process that leased it
    PrimaryKeyConstraint("seller", "key"),
    Index("claims_offer", "offer_id"),
    Index(
        "claims_open",
        "lease_until",
        sqlite_where=text("reply IS NULL"),
        postgresql_where=text("reply IS NULL"),
    ),
    Index(
        "claims_kept",
        "replied_at",
        sqlite_where=text("reply IS NOT NULL"),
        postgresql_where=text("reply IS NOT NULL"),
    ),
)

# Who may hold leases: each holds a lock as well, which ends with its process; see presence.py.
workers: Final = Table(
    "workers",
    metadata,
    Column("owner", Text, primary_key=True),
    _must("since", BigInteger),
)

offers: Final = Table(
    "offers",
    metadata,
    Column("offer_id", Text, primary_key=True),
    _must("seller", Text),
    _must("expires_at", BigInteger),
    _must("snapshot", Text),  # model.offer.Offer
    Index("offers_expires", "expires_at"),
)

quotes: Final = Table(
    "quotes",
    metadata,
    Column("quote_id", Text, primary_key=True),
    _order_id(),
    _must("expires_at", BigInteger),
    _must("snapshot", Text),  # model.quote.Quote
    Index("quotes_order", "order_id"),
    Index("quotes_expires", "expires_at"),
)

sellers: Final = Table(
    "sellers",
    metadata,
    Column("org_id", Text, primary_key=True),
    _must("name", Text),
    _must("currency", Text),
    _must("lenient", Integer),  # 0 or 1
    _must("test", Integer),  # 0 or 1
    _must("rate_per_s", Float),
    _must("can", Text),  # JSON list of permissions
    _must("created_at", BigInteger),
)

# Buckets that all processes share; see rates.py.
rates: Final = Table(
    "rates",
    metadata,
    Column("org_id", Text, primary_key=True),
    _must("tokens", Float),
    _must("at", BigInteger),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("sha256", Text, primary_key=True),  # hex; the key itself is shown once and not kept
    Column("org_id", Text, ForeignKey("sellers.org_id"), nullable=False),
    _must("label", Text),
    _must("created_at", BigInteger),
    _may("revoked_at", BigInteger),
    Index("api_keys_seller", "org_id"),
)

# Orders by the flights that they had a seat on at any time.
order_flights: Final = Table(
    "order_flights",
    metadata,
    _must("flight", Text),  # rows.flight_text
    _order_id(),
    PrimaryKeyConstraint("flight", "order_id"),
    sqlite_with_rowid=False,
)

# How far feeds of other systems are followed, and who does it.
feeds: Final = Table(
    "feeds",
    metadata,
    Column("feed", Text, primary_key=True),
    _must("reached", BigInteger),
    _may("leased_by", Text),
    _may("leased_until", BigInteger),
)

# Where sellers are told of changes. The key of the signature follows from the house's secret.
endpoints: Final = Table(
    "endpoints",
    metadata,
    Column("org_id", Text, ForeignKey("sellers.org_id"), primary_key=True),
    _must("url", Text),
    _must("salt", Text),
    _must("created_at", BigInteger),
)

# What sellers and providers are told: one row for each who is told of an event. The message is
# made from the events up to it.
notifications: Final = Table(
    "notifications",
    metadata,
    _order_id(),
    _must("sequence", Integer),  # of the event
    _must("receiver", Text),  # OrgID
    _must("state", Text),  # waiting, received, given up
    _must("created_at", BigInteger),
    _must("since", BigInteger),  # when it was to be sent first, or again by hand
    _must("due_at", BigInteger),
    _must("attempts", Integer),
    _may("leased_by", Text),
    _may("leased_until", BigInteger),
    _must("last_error", Text),
    _must("answer", Text),  # the Acknowledgement
    _may("ended_at", BigInteger),
    PrimaryKeyConstraint("order_id", "sequence", "receiver"),
    Index(
        "notifications_waiting",
        "receiver",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)
