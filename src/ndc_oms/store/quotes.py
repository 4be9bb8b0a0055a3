"""Quotes: kept for whoever accepts them."""

from ndc_oms.ports.store import KeepQuote
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import quote_row
from ndc_oms.store.tables import quotes


def keep_quote(hand: Hand, unit: KeepQuote) -> None:
    """Kept once: a quote that is there already stays as it was given."""
    hand.add_if_new(quotes, [quote_row(unit.quote)])
