"""What each reference came to, so that the same question gets the same answer.

Only what was done is kept: a refusal leaves nothing, and may be another answer next time.
"""

import sqlite3
from hashlib import blake2b

import msgspec

from ndc_oms.ports.simulation.side import Refused


def digest(*asked: object) -> bytes:
    """Of a request's content."""
    return blake2b(msgspec.json.encode(asked), digest_size=16).digest()


def earlier(connection: sqlite3.Connection, reference: str, verb: str, asked: bytes) -> str | None:
    """The subject of the same call made before; Refused where the reference was another call's."""
    row = connection.execute(
        "SELECT verb, asked, subject FROM calls WHERE reference = ?", (reference,)
    ).fetchone()
    if row is None:
        return None
    if (row[0], row[1]) != (verb, asked):
        raise Refused("REFERENCE", f"{reference} was another request's")
    return str(row[2])


def keep(
    connection: sqlite3.Connection, reference: str, verb: str, asked: bytes, subject: str
) -> None:
    connection.execute("INSERT INTO calls VALUES (?, ?, ?, ?)", (reference, verb, asked, subject))


def find(connection: sqlite3.Connection, reference: str) -> tuple[str, str] | None:
    """Verb and subject."""
    row = connection.execute(
        "SELECT verb, subject FROM calls WHERE reference = ?", (reference,)
    ).fetchone()
    return (row[0], row[1]) if row else None


def next_number(connection: sqlite3.Connection, name: str, first: int, count: int = 1) -> int:
    """The first of `count` numbers that nobody had and nobody will have."""
    connection.execute("INSERT OR IGNORE INTO counters VALUES (?, ?)", (name, first))
    row = connection.execute(
        "UPDATE counters SET value = value + ? WHERE name = ? RETURNING value - ?",
        (count, name, count),
    ).fetchone()
    return int(row[0])
