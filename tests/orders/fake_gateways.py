"""Gateways of payments: one that is asked, one with pages."""

from collections.abc import Mapping
from datetime import datetime

from tests.orders.faulty import Faulty

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.ports.outcome import Confirmed, Outcome
from ndc_oms.ports.payment import CardData, Charge, Page, PaymentNotice


class FakeGateway(Faulty):
    def __init__(self, name: str = "cards") -> None:
        super().__init__()
        self.name = name
        self.authorised: dict[str, Money] = {}
        self.captured: dict[str, Money] = {}
        self.released: set[str] = set()
        self.refunded: dict[str, Money] = {}
        self.pages: dict[str, str | None] = {}  # session to authorisation, while it is open

    async def tokenise(self, card: CardData) -> Card:
        if not card.number.isdigit():
            raise Invalid("no card number", code="708", remedy="send one")
        return Card(f"tok-{hash(card.number) % 97}", card.brand, card.number[-4:])

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        def act() -> str:
            self.authorised[reference] = charge.amount
            return reference

        return await self._do("authorise", reference, act)

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        def act() -> str:
            assert authorisation not in self.released, "captured after release"
            assert amount <= self.authorised[authorisation]
            self.captured[reference] = amount
            return reference

        return await self._do("capture", reference, act)

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:
        return await self._do("release", reference, lambda: self.released.add(authorisation))

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:
        def act() -> str:
            before = self.refunded.get(capture, Money.zero(amount.currency))
            assert before + amount <= self.captured[capture]
            self.refunded[capture] = before + amount
            return reference

        return await self._do("refund", reference, act)

    @property
    def charged(self) -> list[str]:
        """Captures of which not everything was paid back."""
        return [c for c, amount in self.captured.items() if self.refunded.get(c) != amount]

    @property
    def kept(self) -> int:
        """Minor units that were captured and not paid back."""
        captured = sum(amount.minor for amount in self.captured.values())
        return captured - sum(amount.minor for amount in self.refunded.values())


class FakePages(FakeGateway):
    """A provider with pages."""

    async def open_page(
        self, reference: str, charge: Charge, _return_url: str | None, expires_at: datetime
    ) -> Outcome[Page]:
        def act() -> Page:
            self.pages[reference] = None
            self.amounts[reference] = charge.amount
            return Page(reference, f"https://pay.example/{reference}", expires_at)

        return await self._do("open_page", reference, act)

    async def close_page(self, reference: str, session: str) -> Outcome[str | None]:
        outcome = await self._do("close_page", f"{reference}/close", lambda: session)
        if not isinstance(outcome, Confirmed):
            return outcome
        return Confirmed(self.pages.pop(session, self.paid.get(session)))

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        if headers.get("signed") != "yes":
            raise NotAllowed("not signed")
        session, _, paid = body.decode().partition(" ")
        return PaymentNotice(session, session, paid or None, "" if paid else "gave up")

    def pay(self, session: str) -> bytes:
        """The payer pays: the callback's body."""
        authorisation = f"{session}/paid"
        self.authorised[authorisation] = self.amounts[session]
        self.paid[session] = self.pages[session] = authorisation
        return f"{session} {authorisation}".encode()

    def __init__(self, name: str = "pages") -> None:
        super().__init__(name)
        self.amounts: dict[str, Money] = {}
        self.paid: dict[str, str] = {}
