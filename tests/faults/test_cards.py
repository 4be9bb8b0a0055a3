"""The published card numbers of the simulated gateway, each through a whole sale over HTTP."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.houses import serving
from tests.patience import PATIENCE_S

from ndc_oms.kit.requests import card, order_create
from ndc_oms.model.status import OrderStatus
from ndc_oms.payments.gateways.magic import MAGIC, Behaviour, Magic


@dataclass(frozen=True)
class Ends:
    """code: of the refusal, "" for none. pending: the reply comes before the end.

    stands: whether there is an order in the end that stands.
    """

    code: str = ""
    pending: bool = False
    stands: bool = True


DECLINED: Final = Ends("708", stands=False)
ENDS: Final = {
    Behaviour.APPROVES: Ends(),
    Behaviour.SLOW: Ends(),
    Behaviour.DECLINES: DECLINED,
    Behaviour.EXPIRED: DECLINED,
    Behaviour.CAPTURE_DECLINES: DECLINED,
    Behaviour.AUTHENTICATION_FAILS: Ends("921", stands=False),
    Behaviour.AUTHENTICATION_DOWN: Ends("923", stands=False),
    Behaviour.TIMES_OUT_ONCE: Ends(pending=True),
    Behaviour.NEVER_ANSWERS: Ends(pending=True, stands=False),
    Behaviour.TIMES_OUT_AFTER_CHARGING: Ends(),  # found by asking: nobody pays twice
    Behaviour.CAPTURE_TIMES_OUT: Ends(),
}


@pytest.mark.parametrize("magic", MAGIC, ids=lambda magic: magic.shows)
async def test_card(tmp_path: Path, magic: Magic) -> None:
    ends, books = ENDS[magic.behaviour], Books(tmp_path)
    # only where an end would never come by itself is the deadline worth waiting for
    deadline_s = 1.0 if ends.pending else PATIENCE_S
    async with serving(tmp_path, reply_deadline_s=deadline_s, deliver=False) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        security_code = "1234" if magic.brand == "AX" else "123"
        paid = card(
            magic.number, offer.amount, offer.currency, brand=magic.brand, cvv=security_code
        )
        body = order_create(offer.offer_id, offer.items, stories.PARTY, paid, trx_id="sale")
        reply = await served.client.send(body)
        stories.assert_ends(reply, ends.code)
        warnings = [each.text or "" for each in reply.all("Response/Warning/DescText")]
        assert any(w.startswith("Pending: ") for w in warnings) == ends.pending
        for _ in range(12):
            served.clock.advance(timedelta(seconds=10))
            await served.house.deliverer.run_due()
        (order,) = books.orders()
        assert (order.status is OrderStatus.OPENED) == ends.stands
        assert books.waiting() == []
        assert await books.findings(served.clock.now()) == []
        assert (await served.client.send(body)).body == reply.body


@pytest.mark.parametrize(
    ("pan", "expiry", "said"),
    [
        ("4111111111111112", "1235", "not one"),
        ("4111111111111111", "0120", "expired"),
        ("5555555555554444", "1235", "brand"),
    ],
)
async def test_a_card_that_cannot_be_one_leaves_nothing(
    tmp_path: Path, pan: str, expiry: str, said: str
) -> None:
    async with serving(tmp_path) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        paid = card(pan, offer.amount, offer.currency).replace(">1235<", f">{expiry}<")
        body = order_create(offer.offer_id, offer.items, stories.PARTY, paid, trx_id="sale")
        refused = await served.client.send(body)
        ((code, text),) = refused.errors
        assert code == "708"
        assert said in text
        assert "Nothing was done." in text
        assert Books(tmp_path).orders() == []
        # the key is free: the mended request goes through under it
        mended = stories.create_body(offer, "sale")
        stories.assert_ends(await served.client.send(mended), "")
