"""The next thing that fulfilment does for an order, and what became of one that failed."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What fulfilment does for an order, one at a time."""

    REDIRECT = "redirect"  # open a page for the payer
    AUTHORISE = "authorise"
    BOOK = "book"
    RESEAT = "reseat"  # other seats for those that a change by the airline took
    SEAT = "seat"  # the booking's chosen seats
    ISSUE = "issue"
    ISSUE_EMD = "issue-emd"  # of one ancillary item
    CAPTURE = "capture"
    VOID = "void"
    REFUND_DOCUMENTS = "refund-documents"
    RELEASE_MONEY = "release-money"
    REFUND = "refund"
    RELEASE_SEATS = "release-seats"
    RELEASE_PART = "release-part"  # some flights or travellers of a booking
    UPDATE_BOOKING = "update-booking"  # what the booking says of its travellers
    PARTNER_BOOK = "partner-book"
    PARTNER_ISSUE = "partner-issue"  # a partner's own documents
    PARTNER_CANCEL = "partner-cancel"
    PARTNER_SERVE = "partner-serve"  # services that are wanted on a partner's flights
    PARTNER_RENAME = "partner-rename"  # a traveller of a partner's booking gets another name
    RESTORE_PARTNER_NAME = "restore-partner-name"  # as before a change that failed
    PARTNER_DIVIDE = "partner-divide"  # some travellers get a booking of their own there
    DIVIDE = "divide"  # some travellers get a booking of their own
    ADD_FLIGHTS = "add-flights"  # a change's new seats, beside the old ones
    RENAME = "rename"  # a traveller of the booking gets another name
    EXCHANGE = "exchange"  # a ticket for another, or revalidated
    REISSUE_EMD = "reissue-emd"  # of one ancillary item, after its ticket or its name changed
    ASSOCIATE = "associate"  # an EMD goes with another ticket, or with none for now
    ISSUE_CHARGE = "issue-charge"  # an EMD for a fee, or for a residual value
    DROP_FLIGHTS = "drop-flights"  # the seats that a change does not need any more
    RELEASE_HOLD = "release-hold"  # of a change that failed
    RESTORE = "restore"  # a ticket as it was before a change that failed
    RESTORE_EMD = "restore-emd"
    RESTORE_NAME = "restore-name"  # the booking's, as it was before a change that failed
    CLOSE_PAGE = "close-page"  # waits: the payer's time is over
    EXPIRE = "expire"  # waits: the seats were not paid in time
    SPLIT = "split"  # some travellers get a booking, and an order, of their own
    REACCOMMODATE = "reaccommodate"  # the airline changed a flight: what the booking has now
    REVALIDATE = "revalidate"  # a document is made good for other flights, without charge
    USE_COUPON = "use-coupon"  # a provider has delivered what it is good for
    HAND_OVER = "hand-over"  # what a partner flies now leaves our booking and our tickets
    LAPSE = "lapse"  # waits: the seller does not say what it wants of a change


@dataclass(frozen=True, slots=True)
class Failure:
    """Why fulfilment turned round. code: PADIS 9321."""

    step: Step
    code: str
    reason: str
