"""The simulated provider's page, for trying a redirected payment by hand on a test server.

GET shows what is to be paid; POST pays, or gives up, and calls back as a provider does.
"""

from contextlib import suppress
from html import escape
from typing import Final

from aiohttp import web

from ndc_oms.errors import Refusal
from ndc_oms.payments.gateways.pages import PaymentPages, Shown
from ndc_oms.server.callbacks import Callback

PATH: Final = "/payment/page/{session}"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ENDED: Final = {
    "paid": "It is paid.",
    "refused": "It was not paid.",
    "closed": "The time to pay is over.",
}


class Payer:
    """callback: where the provider calls back."""

    def __init__(self, pages: PaymentPages, callback: Callback) -> None:
        self._pages = pages
        self._callback = callback

    async def get(self, request: web.Request) -> web.Response:
        return _page(await self._pages.show(request.match_info["session"]))

    async def post(self, request: web.Request) -> web.Response:
        """?pay=yes pays; anything else gives up."""
        session = request.match_info["session"]
        end = self._pages.pay if request.query.get("pay") == "yes" else self._pages.refuse
        called = await end(session)
        if called is not None:
            with suppress(Refusal):  # what was not heard is asked for when the payer's time is over
                await self._callback(self._pages.name, *called)
        return _page(await self._pages.show(session))


def _page(shown: Shown | None) -> web.Response:
    if shown is None:
        return web.Response(status=404, text="There is no such page.\n", headers=_HEADERS)
    back = ""
    if shown.return_url:
        back = f'<p><a href="{escape(shown.return_url)}">Back to the seller</a></p>'
    what = _ENDED.get(shown.state) or (
        '<form method="post" action="?pay=yes"><button>Pay</button></form>'
        '<form method="post" action="?pay=no"><button>Do not pay</button></form>'
    )
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Payment</title>'
        f"<h1>{escape(str(shown.amount))}</h1><p>for order {escape(shown.order_id)}. This is a "
        f"simulated payment provider: nobody is charged.</p>{what}{back}</html>"
    )
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)
