"""Where documents are kept: by number, by conjunction set, by the ticket they go with."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.ports.simulation.side import Refused

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Document)


def find(connection: sqlite3.Connection, number: str) -> Document | None:
    row = connection.execute("SELECT body FROM documents WHERE number = ?", (number,)).fetchone()
    return _DECODER.decode(row[0]) if row else None


def get(connection: sqlite3.Connection, number: str) -> Document:
    """Raises Refused."""
    found = find(connection, number)
    if found is None:
        raise Refused("NO DOCUMENT", f"there is no document {number!r}")
    return found


def locator_of(connection: sqlite3.Connection, number: str) -> str:
    """The PNR that it belongs to; raises Refused."""
    row = connection.execute("SELECT locator FROM documents WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise Refused("NO DOCUMENT", f"there is no document {number!r}")
    return str(row[0])


def conjunction_set(connection: sqlite3.Connection, number: str) -> tuple[Document, ...]:
    """A document with those in conjunction with it, by number; raises Refused."""
    named = get(connection, number)
    rows = connection.execute(
        "SELECT body FROM documents WHERE first = ? ORDER BY number",
        (named.conjunction_of or named.number,),
    )
    return tuple(_DECODER.decode(body) for (body,) in rows)


def tickets_of(connection: sqlite3.Connection, locator: str) -> list[str]:
    """First numbers of a PNR's tickets."""
    rows = connection.execute(
        "SELECT body FROM documents WHERE locator = ? AND number = first ORDER BY number",
        (locator,),
    ).fetchall()
    documents = (_DECODER.decode(body) for (body,) in rows)
    return [each.number for each in documents if each.type is DocumentType.TICKET]


def associated_emds(connection: sqlite3.Connection, ticket: str) -> list[Document]:
    """EMD-As of a ticket, by its first number."""
    rows = connection.execute(
        "SELECT body FROM documents WHERE associated_with = ? ORDER BY number", (ticket,)
    ).fetchall()
    return [_DECODER.decode(body) for (body,) in rows]


def put(
    connection: sqlite3.Connection,
    documents: Iterable[Document],
    locator: str,
    associated_with: str | None,
) -> None:
    """New documents; a number that exists is an IntegrityError."""
    connection.executemany(
        "INSERT INTO documents (number, first, locator, associated_with, body)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (d.number, d.conjunction_of or d.number, locator, associated_with, _ENCODER.encode(d))
            for d in documents
        ],
    )


def replace_body(connection: sqlite3.Connection, document: Document) -> None:
    connection.execute(
        "UPDATE documents SET body = ? WHERE number = ?",
        (_ENCODER.encode(document), document.number),
    )


def associate(connection: sqlite3.Connection, document: Document, ticket: str | None) -> None:
    """It goes with another ticket, or with none: what it is, and how it is found."""
    connection.execute(
        "UPDATE documents SET body = ?, associated_with = ? WHERE number = ?",
        (_ENCODER.encode(document), ticket, document.number),
    )


def move(
    connection: sqlite3.Connection, locator: str, to: str, passenger_ids: frozenset[str]
) -> None:
    """Documents of travellers who moved to another PNR go with them."""
    rows = connection.execute("SELECT body FROM documents WHERE locator = ?", (locator,)).fetchall()
    moving = [d for (body,) in rows if (d := _DECODER.decode(body)).passenger_id in passenger_ids]
    connection.executemany(
        "UPDATE documents SET locator = ? WHERE number = ?", [(to, d.number) for d in moving]
    )


def each(connection: sqlite3.Connection) -> Iterator[tuple[str, Document]]:
    """(locator, document) of every document there is."""
    rows = connection.execute("SELECT locator, body FROM documents ORDER BY number")
    for locator, body in rows:
        yield locator, _DECODER.decode(body)
