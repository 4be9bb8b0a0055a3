"""The simulated gateways beside the first one for cards: a second one to fail over to, a book of
vouchers, a provider with pages.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Final

from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.payments.gateways.simulated import open_gateway
from ndc_oms.payments.gateways.vouchers import VoucherBook
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.payment import PaymentGateway

SECOND: Final = "simulated-2"


def open_others(folder: Path, clock: Clock, secret: bytes, base: str) -> tuple[PaymentGateway, ...]:
    """folder: their place on disk. secret: of the house, from which that of callbacks is made.
    base: the address of the provider's pages.
    """
    callbacks = hmac.new(secret, b"payment callbacks", hashlib.sha256).hexdigest()
    return (
        open_gateway(folder / "second", clock, {"name": SECOND}),
        VoucherBook(folder, {}),
        PaymentPages(folder, clock, {"base": base, "secret": callbacks}),
    )
