"""The simulated gateway's books: what was authorised, captured, released and refunded.

The table itself refuses to capture more than was authorised, or to refund more than was captured.
Functions run inside a transaction of the caller's connection; each is repeatable by reference.
"""

import sqlite3
from hashlib import blake2b
from typing import Final

from ndc_oms.model.money import Money
from ndc_oms.payments.gateways.magic import Behaviour
from ndc_oms.ports.payment import Account
from ndc_oms.ports.simulation.side import Refused

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS authorisations (
  id TEXT PRIMARY KEY,
  behaviour TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
  released INTEGER NOT NULL DEFAULT 0 CHECK (released = 0 OR captured = 0)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS captures (
  id TEXT PRIMARY KEY,
  authorisation TEXT NOT NULL REFERENCES authorisations (id),
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
  reference TEXT PRIMARY KEY,
  asked TEXT NOT NULL,
  made TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS first_tries (reference TEXT PRIMARY KEY) WITHOUT ROWID;
"""


def find(connection: sqlite3.Connection, reference: str) -> str | None:
    """What a call made."""
    row = connection.execute("SELECT made FROM calls WHERE reference = ?", (reference,)).fetchone()
    return str(row[0]) if row else None


def is_first_try(connection: sqlite3.Connection, reference: str) -> bool:
    """True once for each reference."""
    return (
        connection.execute("INSERT OR IGNORE INTO first_tries VALUES (?)", (reference,)).rowcount
        == 1
    )


def authorise(
    connection: sqlite3.Connection,
    reference: str,
    order_id: str,
    amount: Money,
    behaviour: Behaviour,
) -> str:
    asked = f"authorise {order_id} {amount}"
    made = _earlier(connection, reference, asked)
    if made is None:
        made = _name("AUTH", reference)
        _positive(amount)
        connection.execute(
            "INSERT INTO authorisations (id, behaviour, currency, amount) VALUES (?, ?, ?, ?)",
            (made, behaviour.value, amount.currency, amount.minor),
        )
        _keep(connection, reference, asked, made)
    return made


def behaviour_of(connection: sqlite3.Connection, authorisation: str) -> Behaviour:
    """Raises Refused for an authorisation that there is not."""
    row = connection.execute(
        "SELECT behaviour FROM authorisations WHERE id = ?", (authorisation,)
    ).fetchone()
    if row is None:
        raise Refused("UNKNOWN AUTHORISATION", f"there is no authorisation {authorisation!r}")
    return Behaviour(row[0])


def capture(
    connection: sqlite3.Connection, reference: str, authorisation: str, amount: Money
) -> str:
    asked = f"capture {authorisation} {amount}"
    made = _earlier(connection, reference, asked)
    if made is None:
        made = _name("CAPT", reference)
        _positive(amount)
        changed = connection.execute(
            "UPDATE authorisations SET captured = captured + :amount WHERE id = :id"
            " AND released = 0 AND currency = :currency AND captured + :amount <= amount",
            {"id": authorisation, "amount": amount.minor, "currency": amount.currency},
        ).rowcount
        if not changed:
            raise Refused("NOT AUTHORISED", f"{authorisation} does not cover {amount}")
        connection.execute(
            "INSERT INTO captures (id, authorisation, currency, amount) VALUES (?, ?, ?, ?)",
            (made, authorisation, amount.currency, amount.minor),
        )
        _keep(connection, reference, asked, made)
    return made


def release(connection: sqlite3.Connection, reference: str, authorisation: str) -> None:
    """Nothing of it can be captured any more; of one that was released before: nothing to do."""
    asked = f"release {authorisation}"
    if _earlier(connection, reference, asked) is not None:
        return
    changed = connection.execute(
        "UPDATE authorisations SET released = 1 WHERE id = ? AND captured = 0", (authorisation,)
    ).rowcount
    if not changed:
        behaviour_of(connection, authorisation)  # it is there, or this refuses
        raise Refused("CAPTURED", f"{authorisation} was captured: refund it")
    _keep(connection, reference, asked, authorisation)


def refund(connection: sqlite3.Connection, reference: str, captured: str, amount: Money) -> str:
    asked = f"refund {captured} {amount}"
    made = _earlier(connection, reference, asked)
    if made is None:
        made = _name("RFND", reference)
        _positive(amount)
        changed = connection.execute(
            "UPDATE captures SET refunded = refunded + :amount WHERE id = :id"
            " AND currency = :currency AND refunded + :amount <= amount",
            {"id": captured, "amount": amount.minor, "currency": amount.currency},
        ).rowcount
        if not changed:
            raise Refused("NOT CAPTURED", f"{captured} does not cover a refund of {amount}")
        _keep(connection, reference, asked, made)
    return made


def listed(connection: sqlite3.Connection) -> tuple[Account, ...]:
    """Every authorisation there is, by its id."""
    rows = connection.execute(
        "SELECT coalesce(calls.asked, '? ?'), a.id, a.currency, a.amount, a.captured, a.released,"
        " coalesce((SELECT sum(refunded) FROM captures WHERE authorisation = a.id), 0)"
        " FROM authorisations a LEFT JOIN calls"
        " ON calls.made = a.id AND calls.asked LIKE 'authorise %' ORDER BY a.id"
    )
    return tuple(
        Account(asked.split()[1], made, currency, amount, captured, refunded, bool(released))
        for asked, made, currency, amount, captured, released, refunded in rows
    )


def _name(kind: str, reference: str) -> str:
    """As the reference differs from all others, so does the name of what it made."""
    return kind + blake2b(reference.encode(), digest_size=8).hexdigest().upper()


def _positive(amount: Money) -> None:
    if amount.minor <= 0:
        raise Refused("AMOUNT", f"{amount} is nothing to charge")


def _earlier(connection: sqlite3.Connection, reference: str, asked: str) -> str | None:
    row = connection.execute(
        "SELECT asked, made FROM calls WHERE reference = ?", (reference,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != asked:
        raise Refused("REFERENCE", f"{reference} was another request's")
    return str(row[1])


def _keep(connection: sqlite3.Connection, reference: str, asked: str, made: str) -> None:
    connection.execute("INSERT INTO calls VALUES (?, ?, ?)", (reference, asked, made))
