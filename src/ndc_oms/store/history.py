"""What the stored events of an order come to, read as they stand; a second look goes on where the
first one ended, as long as what was read then stands there still, byte for byte.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ndc_oms.model.events import Event
from ndc_oms.model.fold import apply
from ndc_oms.model.ledger import transaction
from ndc_oms.model.order import Order
from ndc_oms.store.rows import ledger_rows, read_event

Lines = Counter[tuple[Any, ...]]


def lines(rows: Iterable[Mapping[str, Any]]) -> Lines:
    """Postings by what is posted, whatever else stands in their rows."""
    names = ("sequence", "account", "minor", "currency", "payment_id")
    return Counter(tuple(row[name] for name in names) for row in rows)


class History:
    """Of one order. The fold of a prefix is a function of its text alone, so that it is kept."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._texts: list[tuple[Any, Any]] = []  # kind and payload, as stored
        self._events: list[Event] = []
        self._folded = 0
        self._state: Order | None = None
        self._due: Lines = Counter()

    def read(self, rows: Iterable[Mapping[str, Any]]) -> list[Event]:
        """The events of all rows, in their order. Raises what reading one of them raises."""
        texts = [(row["kind"], row["payload"]) for row in rows]
        if texts[: len(self._texts)] != self._texts:
            self._forget()
        fresh = [read_event(*each) for each in texts[len(self._texts) :]]
        self._texts = texts
        self._events.extend(fresh)
        return self._events

    def fold(self) -> tuple[Order | None, Lines]:
        """What was read comes to this order and these postings. Raises AssertionError, KeyError or
        ArithmeticError where the events cannot follow each other, each time again.
        """
        for event in self._events[self._folded :]:
            state = apply(self._state, event)
            moved = transaction(self._state, event, state)
            if moved is not None:
                self._due.update(lines(ledger_rows([moved])))
            self._folded, self._state = self._folded + 1, state
        return self._state, self._due
