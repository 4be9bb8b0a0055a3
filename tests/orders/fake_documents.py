"""Tickets and EMDs of a PSS, in a dictionary."""

from dataclasses import replace
from itertools import count
from typing import Any

from tests.orders.fake_clock import NOW
from tests.orders.faulty import Faulty

from ndc_oms.model.documents import COUPONS_A_DOCUMENT, Coupon, Document
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected
from ndc_oms.ports.pss import DocumentRequest


class FakeDocuments(Faulty):
    """documents: by number."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, Document] = {}
        self._numbers = count(9991000000001)

    async def issue(
        self, reference: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        return await self._do("issue", reference, lambda: self._issued(request))

    def _issued(self, request: DocumentRequest) -> tuple[Document, ...]:
        made: list[Document] = []
        status = CouponStatus.FLOWN if request.consumed else CouponStatus.OPEN
        for start in range(0, len(request.coupons), COUPONS_A_DOCUMENT):
            part = request.coupons[start : start + COUPONS_A_DOCUMENT]
            document = Document(
                str(next(self._numbers)),
                request.type,
                request.passenger_id,
                NOW,
                tuple(
                    Coupon(
                        n, status, c.segment_id, c.flight, c.rbd, c.fare_basis,
                        c.value, c.service_id, c.rfisc,
                    )
                    for n, c in enumerate(part, 1)
                ),
                request.total,
                made[0].number if made else None,
                rfic=request.rfic,
                associated_with=request.associated_with,
            )  # fmt: skip
            made.append(document)
            self.documents[document.number] = document
        return tuple(made)

    async def exchange(
        self, reference: str, number: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        first = self.documents[number].conjunction_of or number

        def act() -> Any:
            old = [d for d in self.documents.values() if first in (d.number, d.conjunction_of)]
            may = [COUPON.may(c.status, CouponStatus.EXCHANGED) for d in old for c in d.coupons]
            if not any(may):
                return Rejected("NO", "no coupon is open")
            flown = {c.flight for d in old for c in d.coupons if c.status is CouponStatus.FLOWN}
            if {c.flight for c in request.coupons if c.flight} & flown:
                return Rejected("NO", "a flight was flown")
            for each in old:
                coupons = tuple(
                    replace(c, status=CouponStatus.EXCHANGED)
                    if COUPON.may(c.status, CouponStatus.EXCHANGED)
                    else c
                    for c in each.coupons
                )
                self.documents[each.number] = replace(each, coupons=coupons)
            self._emds_follow(first, lambda c: replace(c, status=CouponStatus.EXCHANGED))
            made = tuple(replace(d, exchange_of=first) for d in self._issued(request))
            self.documents.update({d.number: d for d in made})
            return made

        return await self._do("exchange", reference, act)

    def _emds_follow(self, ticket: str, becomes: Any) -> None:
        """Open coupons of EMDs that go with the ticket."""
        for each in list(self.documents.values()):
            if each.associated_with == ticket:
                coupons = tuple(
                    becomes(c) if c.status is CouponStatus.OPEN else c for c in each.coupons
                )
                self.documents[each.number] = replace(each, coupons=coupons)

    async def associate(
        self, reference: str, number: str, ticket: str | None, wanted: Any
    ) -> Outcome[tuple[Document, ...]]:
        def act() -> tuple[Document, ...]:
            becomes = {each.segment_id: each.becomes for each in wanted}
            old = self.documents[number]
            assert becomes.keys() <= {c.segment_id for c in old.coupons}
            coupons = tuple(
                replace(c, segment_id=to.segment_id, flight=to.flight, rbd=to.rbd)
                if (to := becomes.get(c.segment_id)) and c.status is CouponStatus.OPEN
                else c
                for c in old.coupons
            )
            if ticket is not None:
                flown = {c.flight for c in self.documents[ticket].coupons if c.status in "OACLS"}
                assert {c.flight for c in coupons if c.status is CouponStatus.OPEN} <= flown
            self.documents[number] = replace(old, coupons=coupons, associated_with=ticket)
            return (self.documents[number],)

        return await self._do("associate", reference, act)

    async def revalidate(
        self, reference: str, number: str, wanted: Any
    ) -> Outcome[tuple[Document, ...]]:
        first = self.documents[number].conjunction_of or number

        def act() -> tuple[Document, ...]:
            becomes = {each.segment_id: each.becomes for each in wanted}
            made = []
            for each in list(self.documents.values()):
                if first in (each.number, each.conjunction_of):
                    coupons = tuple(
                        replace(c, segment_id=to.segment_id, flight=to.flight)
                        if (to := becomes.get(c.segment_id)) and c.status is CouponStatus.OPEN
                        else c
                        for c in each.coupons
                    )
                    self.documents[each.number] = replace(each, coupons=coupons)
                    made.append(self.documents[each.number])

            def follow(coupon: Coupon) -> Coupon:
                to = becomes.get(coupon.segment_id)
                return replace(coupon, segment_id=to.segment_id, flight=to.flight) if to else coupon

            self._emds_follow(first, follow)
            return tuple(made)

        return await self._do("revalidate", reference, act)

    async def document(self, number: str) -> Outcome[Document | None]:
        return Confirmed(self.documents.get(number))

    def void_by_hand(self, number: str) -> Document:
        old = self.documents[number]
        coupons = tuple(
            c if c.status is CouponStatus.VOID
            else replace(c, status=COUPON.check(c.status, CouponStatus.VOID))
            for c in old.coupons
        )  # fmt: skip
        self.documents[number] = replace(old, coupons=coupons)
        return self.documents[number]

    async def void(self, reference: str, number: str) -> Outcome[Document]:
        outcome = await self._do("void", reference, lambda: (self.void_by_hand(number),))
        return Confirmed(outcome.value[0]) if isinstance(outcome, Confirmed) else outcome

    async def refund(self, reference: str, number: str) -> Outcome[Document]:
        """The whole conjunction set."""
        first = self.documents[number].conjunction_of or number

        def act() -> Any:
            for each in list(self.documents.values()):
                if first in (each.number, each.conjunction_of):
                    coupons = tuple(
                        replace(c, status=CouponStatus.REFUNDED)
                        if COUPON.may(c.status, CouponStatus.REFUNDED)
                        else c
                        for c in each.coupons
                    )
                    self.documents[each.number] = replace(each, coupons=coupons)
            return (self.documents[number],)

        outcome = await self._do("refund", reference, act)
        return Confirmed(outcome.value[0]) if isinstance(outcome, Confirmed) else outcome

    def fly(self, number: str, segment_id: str, status: CouponStatus = CouponStatus.FLOWN) -> None:
        """At the airport."""
        old = self.documents[number]
        coupons = tuple(
            replace(c, status=status) if c.segment_id == segment_id else c for c in old.coupons
        )
        self.documents[number] = replace(old, coupons=coupons)

    @property
    def live_documents(self) -> list[str]:
        return [d.number for d in self.documents.values() if d.live]
