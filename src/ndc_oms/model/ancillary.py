"""Ancillary services as they were sold: bags, lounges, meals, help at the airport, seats."""

from dataclasses import dataclass
from enum import StrEnum


class EmdKind(StrEnum):
    """Which document a paid service stands on. Source: resolution 725, types of EMD."""

    ASSOCIATED = "A"  # its coupon goes with a ticket coupon
    STANDALONE = "S"
    NONE = ""


class SaleUnit(StrEnum):
    """What one of it is."""

    PIECE = "piece"
    KILOGRAM = "kg"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Product:
    """A catalogue product as it was when it was sold.

    code: of the catalogue. rfic, rfisc: reason for issuance, and its sub code, of a product with an
    EMD. ssr: IATA SSR code under which the booking shows it; None: it does not. stock: at most so
    many of it on one flight, over all orders; None: any number. refundable: until so many hours
    (`refund_until_h`) before the first of its flights. parts: of a bundle, the products in it: each
    is a service of its own, shown by its own SSR, taken from its own stock; the document and the
    rules are the bundle's. provider: OrgID of who delivers it; empty: the airline itself.
    """

    code: str
    name: str
    description: tuple[str, ...] = ()
    rfic: str | None = None
    rfisc: str | None = None
    emd: EmdKind = EmdKind.NONE
    ssr: str | None = None
    unit: SaleUnit = SaleUnit.EACH
    stock: int | None = None
    refundable: bool = True
    refund_until_h: int = 0
    provider: str = ""
    parts: tuple["Product", ...] = ()

    @property
    def refund_rule(self) -> str:
        """In words: it comes back whole until so long before departure, or not at all."""
        if not self.refundable:
            return "Not refundable."
        if not self.refund_until_h:
            return "Refundable until departure."
        return f"Refundable until {self.refund_until_h} hours before departure."
