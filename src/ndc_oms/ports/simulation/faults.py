"""Faults that a simulated other side shows on purpose, planted per verb.

    issue:times-out-after:0.1     a tenth of the issue calls is applied, and the reply is lost
    book:fails:1x                 the next booking is refused for good
    hold:slow:200ms               every hold answers 200 ms late
    *:garbage:2x                  the next two replies of any verb cannot be read

Several are separated by commas. A count or a chance belongs to the file, not to the process: it
survives a restart, and any process may plant a fault for a server that runs in another.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final


class FaultKind(StrEnum):
    FAILS = "fails"  # refused for good, nothing done
    REJECTS_ONCE = "rejects-once"  # refused cleanly, asking again may help; once unless told
    TIMES_OUT_BEFORE = "times-out-before"  # nothing done, and no reply
    TIMES_OUT_AFTER = "times-out-after"  # done, and no reply
    SLOW = "slow"  # done, the reply is late
    GARBAGE = "garbage"  # done, the reply cannot be read
    RESET = "reset"  # done, the connection is reset before the reply is whole
    DUPLICATE = "duplicate"  # arrives twice; the second reply is given


@dataclass(frozen=True, slots=True)
class Fault:
    """verb: of the port, or `*`. times: how often it still shows, None: for ever.

    probability: 0 to 1, drawn from the seed. delay_s: of `slow`, in seconds.
    """

    verb: str
    kind: FaultKind
    times: int | None = None
    probability: float = 1.0
    delay_s: float = 0.0


_ARGUMENT: Final = re.compile(
    r"(?P<times>\d+)x|(?P<ms>\d+)ms|(?P<s>\d+(\.\d+)?)s|(?P<p>[01]?\.\d+|[01])"
)

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS faults (
  id INTEGER PRIMARY KEY,
  planted_by TEXT NOT NULL,
  verb TEXT NOT NULL,
  kind TEXT NOT NULL,
  times INTEGER,
  probability REAL NOT NULL,
  delay_s REAL NOT NULL,
  drawn INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS fault_options (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  text TEXT NOT NULL);
"""


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Raises ValueError, naming the part that cannot be read."""
    return tuple(_parse_one(part.strip()) for part in text.split(",") if part.strip())


def _parse_one(part: str) -> Fault:
    verb, _, rest = part.partition(":")
    kind_text, *arguments = rest.split(":")
    try:
        kind = FaultKind(kind_text)
    except ValueError:
        kinds = ", ".join(FaultKind)
        raise ValueError(f"fault {part!r}: {kind_text!r} is none of {kinds}") from None
    times = 1 if kind is FaultKind.REJECTS_ONCE else None
    probability, delay_s = 1.0, 1.0 if kind is FaultKind.SLOW else 0.0
    for argument in arguments:
        match = _ARGUMENT.fullmatch(argument)
        if match is None:
            raise ValueError(f"fault {part!r}: {argument!r} is no count (2x), time or chance")
        if match["times"]:
            times = int(match["times"])
        elif match["p"]:
            probability = float(match["p"])
        else:
            delay_s = int(match["ms"]) / 1000 if match["ms"] else float(match["s"])
    return Fault(verb, kind, times, probability, delay_s)


def plant(connection: sqlite3.Connection, faults: Iterable[Fault], planted_by: str) -> None:
    """Adds faults; within the caller's transaction."""
    connection.executemany(
        "INSERT INTO faults (planted_by, verb, kind, times, probability, delay_s)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(planted_by, f.verb, f.kind, f.times, f.probability, f.delay_s) for f in faults],
    )


def plant_options(connection: sqlite3.Connection, text: str) -> None:
    """The faults of the configuration. Planted anew only when its text changed, so that a count
    is not refilled by a restart or by a second process on the same file.
    """
    row = connection.execute("SELECT text FROM fault_options").fetchone()
    if row is not None and row[0] == text:
        return
    connection.execute("DELETE FROM faults WHERE planted_by = 'options'")
    plant(connection, parse_faults(text), "options")
    connection.execute("INSERT OR REPLACE INTO fault_options VALUES (1, ?)", (text,))


def clear(connection: sqlite3.Connection, verb: str | None = None) -> None:
    """Takes faults away, of one verb or all."""
    connection.execute("DELETE FROM faults WHERE ? IS NULL OR verb = ?", (verb, verb))


def any_planted(connection: sqlite3.Connection, verb: str) -> bool:
    """Whether `pick` could find one: a cheap look from a connection that only reads."""
    found = connection.execute(
        "SELECT 1 FROM faults WHERE verb IN (?, '*') AND times IS NOT 0 LIMIT 1", (verb,)
    ).fetchone()
    return found is not None


def pick(connection: sqlite3.Connection, verb: str, seed: int) -> Fault | None:
    """The fault that this call shows, counted down; the oldest that applies."""
    rows = connection.execute(
        "SELECT id, verb, kind, times, probability, delay_s, drawn FROM faults"
        " WHERE verb IN (?, '*') AND times IS NOT 0 ORDER BY id",
        (verb,),
    ).fetchall()
    for key, planted_verb, kind, times, probability, delay_s, drawn in rows:
        shows = probability >= 1 or Random(f"{seed}:{key}:{drawn}").random() < probability
        if times is not None or probability < 1:
            connection.execute(
                "UPDATE faults SET drawn = drawn + 1, times = times - ? WHERE id = ?",
                (int(shows), key),  # times stays NULL where it is
            )
        if shows:
            return Fault(planted_verb, FaultKind(kind), times, probability, delay_s)
    return None
