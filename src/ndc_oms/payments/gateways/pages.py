"""A simulated provider on whose page payers pay, and which calls back when they have.

A page ends once: paid, refused by the payer, or closed by us; an expired one can only be closed.
What was paid is an authorisation like any other (`accounts.py`). Callbacks are JSON under an
HMAC-SHA256 of their bytes; that a callback comes twice, late or never changes nothing.
"""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.payments.gateways import accounts
from ndc_oms.payments.gateways.magic import Behaviour
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected
from ndc_oms.ports.payment import Account, CardData, Charge, Page, PaymentNotice
from ndc_oms.ports.simulation.side import Refused, SimulatedSide

FILE: Final = "pages.sqlite3"
SIGNATURE: Final = "X-Payment-Signature"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pages (
  session TEXT PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,
  order_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  expires_at TEXT NOT NULL,
  return_url TEXT,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'refused', 'closed')),
  authorisation TEXT
) WITHOUT ROWID;
"""
Callback = tuple[bytes, dict[str, str]]  # body and headers


@dataclass(frozen=True, slots=True)
class Shown:
    """What a payer sees. state: open, paid, refused or closed."""

    order_id: str
    amount: Money
    state: str
    return_url: str | None


class PaymentPages:
    """folder: its own place on disk. options: `base`, the address under which its pages are;
    `secret`, which signs its callbacks; `faults`, `seed`.
    """

    def __init__(self, folder: Path, clock: Clock, options: Mapping[str, str]) -> None:
        self._clock = clock
        self._base = options.get("base", "https://payments.example").rstrip("/")
        self._secret = options["secret"].encode()
        self._side = SimulatedSide(
            folder / FILE,
            "pages",
            accounts.SCHEMA + _SCHEMA,
            seed=int(options.get("seed", "0")),
            planted=options.get("faults", ""),
        )

    @property
    def name(self) -> str:
        return "payment-page"

    async def tokenise(self, card: CardData) -> Card:  # noqa: ARG002  # the port's
        raise Invalid("Cards are entered on the provider's page.", code="708")

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:  # noqa: ARG002  # the port's
        return Rejected("PAGE", "payers pay on a page")

    async def open_page(
        self, reference: str, charge: Charge, return_url: str | None, expires_at: datetime
    ) -> Outcome[Page]:
        def unit(connection: sqlite3.Connection) -> Page:
            connection.execute(
                "INSERT OR IGNORE INTO pages (session, reference, order_id, currency, amount,"
                " expires_at, return_url) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    self._sign(reference.encode())[:32],  # nobody without the secret guesses it
                    reference,
                    charge.order_id,
                    charge.amount.currency,
                    charge.amount.minor,
                    expires_at.isoformat(),
                    return_url,
                ),
            )
            session, until = connection.execute(
                "SELECT session, expires_at FROM pages WHERE reference = ?", (reference,)
            ).fetchone()
            return Page(session, f"{self._base}/{session}", datetime.fromisoformat(until))

        return await self._side.change("open_page", unit)

    async def close_page(self, reference: str, session: str) -> Outcome[str | None]:  # noqa: ARG002  # repeatable without it
        def unit(connection: sqlite3.Connection) -> str | None:
            connection.execute(
                "UPDATE pages SET state = 'closed' WHERE session = ? AND state = 'open'", (session,)
            )
            row = connection.execute(
                "SELECT authorisation FROM pages WHERE session = ?", (session,)
            ).fetchone()
            if row is None:
                raise Refused("SESSION", f"there is no page {session!r}")
            return str(row[0]) if row[0] else None

        return await self._side.change("close_page", unit)

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        return await self._side.change(
            "capture", lambda c: accounts.capture(c, reference, authorisation, amount)
        )

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:
        return await self._side.change(
            "release", lambda c: accounts.release(c, reference, authorisation)
        )

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:
        return await self._side.change(
            "refund", lambda c: accounts.refund(c, reference, capture, amount)
        )

    async def find(self, reference: str) -> Outcome[str | None]:
        return await self._side.ask("find", lambda c: accounts.find(c, reference))

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        """Raises NotAllowed (368), Invalid (912)."""
        signature = next((v for k, v in headers.items() if k.lower() == SIGNATURE.lower()), "")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            raise NotAllowed("The callback is not signed by the payment provider.")
        try:
            said = json.loads(body)
            reference, session = str(said["reference"]), str(said["session"])
            authorisation, reason = said.get("authorisation"), str(said.get("reason", ""))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Invalid("The callback cannot be read.") from error
        return PaymentNotice(reference, session, authorisation and str(authorisation), reason)

    def _sign(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    # -- what a payer does; not of the port -------------------------------------------------------

    async def pay(self, session: str) -> Callback | None:
        """The payer pays: the callback that follows; None where the page is no longer open."""
        return await self._end(session, paid=True)

    async def refuse(self, session: str) -> Callback | None:
        """The payer gives up."""
        return await self._end(session, paid=False)

    async def show(self, session: str) -> Shown | None:
        """What the page shows; None where there is none."""

        def query(connection: sqlite3.Connection) -> Shown | None:
            row = connection.execute(
                "SELECT order_id, amount, currency, state, return_url, expires_at FROM pages"
                " WHERE session = ?",
                (session,),
            ).fetchone()
            if row is None:
                return None
            over = self._clock.now() >= datetime.fromisoformat(row[5])
            state = "closed" if over and row[3] == "open" else str(row[3])
            return Shown(row[0], Money(row[1], row[2]), state, row[4])

        return await self._side.look(query)

    async def _end(self, session: str, *, paid: bool) -> Callback | None:
        now = self._clock.now()
        ended = await self._side.change("end", lambda c: _end(c, session, paid=paid, now=now))
        if not isinstance(ended, Confirmed):
            return None
        body = json.dumps(ended.value).encode()
        return body, {SIGNATURE: self._sign(body), "Content-Type": "application/json"}

    async def accounts(self) -> Sequence[Account]:
        """As `ports.payment.AuditedGateway`."""
        return await self._side.look(accounts.listed)

    async def plant(self, text: str) -> None:
        """Adds faults, as `close_page:fails:1x`; raises ValueError."""
        await self._side.plant(text)

    async def close(self) -> None:
        await self._side.close()


def _end(
    connection: sqlite3.Connection, session: str, *, paid: bool, now: datetime
) -> dict[str, str | None]:
    row = connection.execute(
        "SELECT reference, order_id, currency, amount, expires_at, state FROM pages"
        " WHERE session = ?",
        (session,),
    ).fetchone()
    if row is None or row[5] != "open" or now >= datetime.fromisoformat(row[4]):
        raise Refused("PAGE", "the page is no longer open")
    reference, order_id, currency, minor = row[:4]
    authorisation = None
    if paid:
        charged = Money(minor, currency)
        authorisation = accounts.authorise(
            connection, f"{reference}:paid", order_id, charged, Behaviour.APPROVES
        )
    connection.execute(
        "UPDATE pages SET state = ?, authorisation = ? WHERE session = ?",
        ("paid" if paid else "refused", authorisation, session),
    )
    reason = "" if paid else "the payer gave up"
    return {
        "reference": reference,
        "session": session,
        "authorisation": authorisation,
        "reason": reason,
    }
