"""The simulated provider's page, and what may call back, over HTTP."""

from datetime import timedelta

import aiohttp
import pytest
from tests.e2e.servicing import coupons, hold, payments, seen, settle, texts
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.servicing import redirect


async def sent_to_a_page(served: Served) -> tuple[OrderSummary, str]:
    """The order, and the path of the page."""
    order = order_of(await seen(served, await hold(served)))
    asked = await served.talk.pay(order, redirect(order.amount, order.currency), "pay")
    assert asked.errors == ()
    (url,) = texts(await seen(served, order), "PaymentGatewayURI")
    return order, "/payment/page/" + url.rpartition("/")[2]


async def asked(served: Served, method: str, path: str, **more: object) -> tuple[int, str]:
    url = served.url.removesuffix("/ndc") + path
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, **more) as response,  # type: ignore[arg-type]  # as aiohttp's
    ):
        return response.status, await response.text()


async def test_a_payer_pays_by_hand(served: Served) -> None:
    order, path = await sent_to_a_page(served)
    status, page = await asked(served, "GET", path)
    assert status == 200
    assert f"{order.amount} {order.currency}" in page
    assert order.order_id in page
    status, page = await asked(served, "POST", f"{path}?pay=yes")
    assert "It is paid." in page
    assert "https://agency.example/paid" in page
    await settle(served)
    assert coupons(await seen(served, order)) == ["O"]
    assert (await asked(served, "POST", f"{path}?pay=no"))[0] == 200  # nothing changes any more
    assert payments(await seen(served, order)) == [(order.amount, "SUCCESSFUL")]


async def test_a_payer_gives_up_by_hand(served: Served) -> None:
    order, path = await sent_to_a_page(served)
    _, page = await asked(served, "POST", f"{path}?pay=no")
    assert "It was not paid." in page
    assert payments(await seen(served, order)) == [(order.amount, "FAILED")]


async def test_a_payer_who_comes_late(served: Served) -> None:
    _, path = await sent_to_a_page(served)
    served.clock.advance(timedelta(hours=1))
    assert "The time to pay is over." in (await asked(served, "GET", path))[1]
    assert (await asked(served, "GET", "/payment/page/none"))[0] == 404


@pytest.mark.parametrize(
    ("gateway", "body", "status"),
    [
        ("nobody", b"{}", 404),
        ("simulated", b"{}", 404),
        ("payment-page", b"{}", 403),
        ("payment-page", b"x" * 70_000, 413),
    ],
)
async def test_what_may_not_call_back(
    served: Served, gateway: str, body: bytes, status: int
) -> None:
    found, text = await asked(served, "POST", f"/payment/callback/{gateway}", data=body)
    assert found == status
    assert text.endswith(".\n")
