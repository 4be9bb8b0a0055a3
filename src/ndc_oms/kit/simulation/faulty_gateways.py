"""Payment gateways at the end of a line that fails: those for cards and the like, and one with
pages of its own.
"""

from collections.abc import Mapping
from datetime import datetime

from ndc_oms.kit.simulation.line import Line
from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.ports.outcome import Outcome
from ndc_oms.ports.payment import (
    CardData,
    Charge,
    Page,
    PaymentGateway,
    PaymentNotice,
    RedirectGateway,
)


class FaultyGateway:
    """`ports.payment.PaymentGateway`. far: the gateway itself."""

    def __init__(self, far: PaymentGateway, line: Line) -> None:
        self.far = far
        self._line = line

    @property
    def name(self) -> str:
        return self.far.name

    async def tokenise(self, card: CardData) -> Card:
        return await self.far.tokenise(card)

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        return await self._line.change(
            "authorise", reference, lambda: self.far.authorise(reference, charge)
        )

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        return await self._line.change(
            "capture", reference, lambda: self.far.capture(reference, authorisation, amount)
        )

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:
        return await self._line.change(
            "release", reference, lambda: self.far.release(reference, authorisation)
        )

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:
        return await self._line.change(
            "refund", reference, lambda: self.far.refund(reference, capture, amount)
        )

    async def find(self, reference: str) -> Outcome[str | None]:
        return await self._line.find(reference, lambda: self.far.find(reference))

    async def close(self) -> None:
        """The gateway outlives whoever asks it."""


class FaultyPages(FaultyGateway):
    """`ports.payment.RedirectGateway`."""

    def __init__(self, pages: RedirectGateway, line: Line) -> None:
        super().__init__(pages, line)
        self._pages = pages

    async def open_page(
        self, reference: str, charge: Charge, return_url: str | None, expires_at: datetime
    ) -> Outcome[Page]:
        return await self._line.change(
            "open page",
            reference,
            lambda: self._pages.open_page(reference, charge, return_url, expires_at),
        )

    async def close_page(self, reference: str, session: str) -> Outcome[str | None]:
        return await self._line.change(
            "close page", reference, lambda: self._pages.close_page(reference, session)
        )

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        return self._pages.read_notice(body, headers)


def faulty(far: PaymentGateway, line: Line) -> FaultyGateway:
    return FaultyPages(far, line) if isinstance(far, RedirectGateway) else FaultyGateway(far, line)
