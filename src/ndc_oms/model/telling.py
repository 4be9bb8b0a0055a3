"""Who is told what without having asked: the one rule, as far as an order knows it.

What a request of the seller brings about, its reply tells. Whatever else changes an order, or ends
when its request was answered or is gone, is pushed once, when the order has come to rest again: a
payer on a page paid or did not, a hold lapsed, a payment in doubt was settled, the airline changed
something. In between the order remembers since when there is something that nobody told yet.

Events that tell (`Event.tells`) are pushed each, whoever is there: they say what the airline did.
How far a journey is flown is not a change of the order; it is seen when it is retrieved.
"""

from typing import Final

from ndc_oms.model.change_events import TicketExchanged
from ndc_oms.model.event import Event
from ndc_oms.model.events import (
    BookingUpdated,
    DocumentsIssued,
    DocumentsRefunded,
    DocumentsVoided,
    PartnerBooked,
    PartnerDocumentsIssued,
    PartnerServed,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRedirected,
    PaymentRefunded,
    SeatsBooked,
)
from ndc_oms.model.order import Order

# Beside those that bump the version.
_NEWS: Final = (
    PaymentRedirected,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    SeatsBooked,
    DocumentsIssued,
    DocumentsVoided,
    DocumentsRefunded,
    PartnerBooked,
    PartnerDocumentsIssued,
    TicketExchanged,
)


def is_news(event: Event) -> bool:
    """Whether a seller sees another order after it."""
    if isinstance(event, BookingUpdated | PartnerServed):
        return bool(event.refused)
    return type(event).bumps or isinstance(event, _NEWS)


def known_after(order: Order, event: Event) -> tuple[int | None, bool]:
    """`rested` and `news` of the order after the event. What was recorded before orders had them
    has no rest, and no news before its next one.
    """
    rested = order.sequence if event.resting else order.rested
    if type(event).tells and rested is not None:
        return order.sequence + 1, False
    news = order.news and not event.resting
    return rested, rested is not None and (news or is_news(event))
