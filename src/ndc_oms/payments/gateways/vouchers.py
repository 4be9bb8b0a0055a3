"""A simulated book of vouchers: a number stands for money that was paid before.

Published numbers: `VCH<amount><currency><digits>`, such as VCH250CAD01, has that many units of
its currency when it is first used; any digits make it another voucher. What is authorised is taken
off the balance at once, and what is released or refunded comes back to it.
"""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.payments.gateways import accounts
from ndc_oms.payments.gateways.magic import Behaviour
from ndc_oms.ports.outcome import Outcome
from ndc_oms.ports.payment import Account, CardData, Charge
from ndc_oms.ports.simulation.side import Refused, SimulatedSide

FILE: Final = "vouchers.sqlite3"
_NUMBER: Final = re.compile(r"VCH([0-9]{1,6})([A-Z]{3})[0-9]{0,8}")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS vouchers (
  number TEXT PRIMARY KEY,
  currency TEXT NOT NULL,
  opening INTEGER NOT NULL,
  balance INTEGER NOT NULL CHECK (balance BETWEEN 0 AND opening)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uses (
  authorisation TEXT PRIMARY KEY REFERENCES authorisations (id),
  number TEXT NOT NULL REFERENCES vouchers (number)
) WITHOUT ROWID;
"""


class VoucherBook:
    """folder: its own place on disk. options: `faults`, `seed`."""

    def __init__(self, folder: Path, options: Mapping[str, str]) -> None:
        self._side = SimulatedSide(
            folder / FILE,
            "vouchers",
            accounts.SCHEMA + _SCHEMA,
            seed=int(options.get("seed", "0")),
            planted=options.get("faults", ""),
        )

    @property
    def name(self) -> str:
        return "vouchers"

    async def tokenise(self, card: CardData) -> Card:  # noqa: ARG002  # the port's
        raise Invalid("A book of vouchers takes no cards.", code="708")

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        return await self._side.change("authorise", lambda c: _authorise(c, reference, charge))

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        return await self._side.change(
            "capture", lambda c: accounts.capture(c, reference, authorisation, amount)
        )

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:
        def unit(connection: sqlite3.Connection) -> None:
            if accounts.find(connection, reference) is not None:
                return
            (amount, released) = connection.execute(
                "SELECT amount, released FROM authorisations WHERE id = ?", (authorisation,)
            ).fetchone() or (0, 1)
            accounts.release(connection, reference, authorisation)
            if not released:
                _give_back(connection, authorisation, amount)

        return await self._side.change("release", unit)

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:
        def unit(connection: sqlite3.Connection) -> str:
            known = accounts.find(connection, reference)
            made = accounts.refund(connection, reference, capture, amount)
            if known is None:
                (authorisation,) = connection.execute(
                    "SELECT authorisation FROM captures WHERE id = ?", (capture,)
                ).fetchone()
                _give_back(connection, authorisation, amount.minor)
            return made

        return await self._side.change("refund", unit)

    async def find(self, reference: str) -> Outcome[str | None]:
        return await self._side.ask("find", lambda c: accounts.find(c, reference))

    async def balance(self, number: str) -> Money | None:
        """What is left of a voucher; None for one that was never used. Not of the port."""

        def query(connection: sqlite3.Connection) -> Money | None:
            row = connection.execute(
                "SELECT balance, currency FROM vouchers WHERE number = ?", (number,)
            ).fetchone()
            return Money(*row) if row else None

        return await self._side.look(query)

    async def accounts(self) -> Sequence[Account]:
        """As `ports.payment.AuditedGateway`."""
        return await self._side.look(accounts.listed)

    async def plant(self, text: str) -> None:
        """Adds faults, as `capture:fails:1x`; raises ValueError."""
        await self._side.plant(text)

    async def close(self) -> None:
        await self._side.close()


def _authorise(connection: sqlite3.Connection, reference: str, charge: Charge) -> str:
    number, amount = (charge.voucher or "").strip().upper(), charge.amount
    known = accounts.find(connection, reference)
    made = accounts.authorise(connection, reference, charge.order_id, amount, Behaviour.APPROVES)
    if known is not None:
        return made
    _open(connection, number)
    taken = connection.execute(
        "UPDATE vouchers SET balance = balance - :amount"
        " WHERE number = :number AND currency = :currency AND balance >= :amount",
        {"amount": amount.minor, "number": number, "currency": amount.currency},
    ).rowcount
    if not taken:
        raise Refused("BALANCE", f"the voucher has no {amount} left")
    connection.execute("INSERT INTO uses VALUES (?, ?)", (made, number))
    return made


def _open(connection: sqlite3.Connection, number: str) -> None:
    parts = _NUMBER.fullmatch(number)
    if parts is None:
        raise Refused("VOUCHER", "there is no such voucher")
    worth = Money.parse(parts[1], parts[2])
    connection.execute(
        "INSERT OR IGNORE INTO vouchers VALUES (?, ?, ?, ?)",
        (number, worth.currency, worth.minor, worth.minor),
    )


def _give_back(connection: sqlite3.Connection, authorisation: str, minor: int) -> None:
    connection.execute(
        "UPDATE vouchers SET balance = balance + ? WHERE number ="
        " (SELECT number FROM uses WHERE authorisation = ?)",
        (minor, authorisation),
    )
