"""A card gateway that charges nobody: published numbers decide what it does (`MAGIC`).

A card's number and security code are looked at once, in `tokenise`, and never written: the token
is random and says how the card behaves, which is all this gateway ever needs of it again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from ndc_oms.model.money import Money
from ndc_oms.model.payment import Card
from ndc_oms.payments.gateways import accounts
from ndc_oms.payments.gateways.card_check import check_card
from ndc_oms.payments.gateways.magic import MAGIC, Behaviour, authenticated, behaviour_of
from ndc_oms.ports.clock import Clock, Entropy, SystemEntropy
from ndc_oms.ports.outcome import Outcome, Unknown
from ndc_oms.ports.payment import Account, CardData, Charge
from ndc_oms.ports.simulation.side import Refused, SimulatedSide, plant_in_file

T = TypeVar("T")
FILE: Final = "gateway.sqlite3"
_PREFIX: Final = "sim"
_HEX: Final = "0123456789abcdef"
_REFUSALS: Final = {
    Behaviour.DECLINES: ("708", "the card was declined"),
    Behaviour.EXPIRED: ("708", "the issuer says that the card has expired"),
    Behaviour.AUTHENTICATION_FAILS: ("921", "the card holder could not be authenticated"),
    Behaviour.AUTHENTICATION_DOWN: ("923", "the issuer's authentication is not available"),
}
_LATE_S: Final = 3.0


def plant_faults(folder: Path, text: str) -> None:
    """Plants faults for a gateway that runs in another process, as `capture:fails:1x`."""
    plant_in_file(folder / FILE, text)


def open_gateway(
    folder: Path,
    clock: Clock,
    options: Mapping[str, str] | None = None,
    entropy: Entropy | None = None,
) -> "SimulatedGateway":
    """folder: its own place on disk. options: `faults` (ports/simulation/faults.py), `seed`.
    entropy: of tokens.
    """
    return SimulatedGateway(folder, clock, options or {}, entropy or SystemEntropy())


class SimulatedGateway:
    """Any number of processes may open the same folder; they share its books."""

    magic = MAGIC

    def __init__(
        self, folder: Path, clock: Clock, options: Mapping[str, str], entropy: Entropy
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._name = options.get("name", "simulated")
        self._side = SimulatedSide(
            folder / FILE,
            "gateway",
            accounts.SCHEMA,
            seed=int(options.get("seed", "0")),
            planted=options.get("faults", ""),
        )

    @property
    def name(self) -> str:
        return self._name

    async def tokenise(self, card: CardData) -> Card:
        number = check_card(card, self._clock.now())
        behaviour = authenticated(behaviour_of(number), card.authentication)
        token = f"{_PREFIX}.{behaviour}.{self._entropy.token(_HEX, 32)}"
        return Card(token, card.brand.strip().upper(), number[-4:])

    async def authorise(self, reference: str, charge: Charge) -> Outcome[str]:
        behaviour = _behaviour(charge.card)

        def unit(connection: sqlite3.Connection) -> str | Unknown:
            if behaviour is None:
                raise Refused("UNKNOWN CARD", "this gateway gave no such token")
            if behaviour in _REFUSALS:
                raise Refused(*_REFUSALS[behaviour])
            return _authorise(connection, reference, charge, behaviour)

        late_s = _LATE_S if behaviour is Behaviour.SLOW else 0.0
        return await self._side.change("authorise", unit, late_s=late_s)

    async def capture(self, reference: str, authorisation: str, amount: Money) -> Outcome[str]:
        def unit(connection: sqlite3.Connection) -> str | Unknown:
            behaviour = accounts.behaviour_of(connection, authorisation)
            if behaviour is Behaviour.CAPTURE_DECLINES:
                raise Refused("708", "the capture was declined")
            known = accounts.find(connection, reference)
            made = accounts.capture(connection, reference, authorisation, amount)
            lost = behaviour is Behaviour.CAPTURE_TIMES_OUT and known is None
            return Unknown("no reply to the capture") if lost else made

        return await self._side.change("capture", unit)

    async def release(self, reference: str, authorisation: str) -> Outcome[None]:
        return await self._side.change(
            "release", lambda c: accounts.release(c, reference, authorisation)
        )

    async def refund(self, reference: str, capture: str, amount: Money) -> Outcome[str]:
        return await self._side.change(
            "refund", lambda c: accounts.refund(c, reference, capture, amount)
        )

    async def find(self, reference: str) -> Outcome[str | None]:
        """Of a release: the authorisation that was let go."""
        return await self._side.ask("find", lambda c: accounts.find(c, reference))

    async def accounts(self) -> Sequence[Account]:
        """As `ports.payment.AuditedGateway`."""
        return await self._side.look(accounts.listed)

    async def plant(self, text: str) -> None:
        """Adds faults, as `capture:fails:1x`; raises ValueError."""
        await self._side.plant(text)

    async def clear_faults(self, verb: str | None = None) -> None:
        """Takes faults away, of one verb or all."""
        await self._side.clear_faults(verb)

    async def close(self) -> None:
        await self._side.close()


def _authorise(
    connection: sqlite3.Connection, reference: str, charge: Charge, behaviour: Behaviour
) -> str | Unknown:
    known = accounts.find(connection, reference)
    if known is None and (
        behaviour is Behaviour.NEVER_ANSWERS
        or (behaviour is Behaviour.TIMES_OUT_ONCE and accounts.is_first_try(connection, reference))
    ):
        return Unknown("no reply to the authorisation")
    made = accounts.authorise(connection, reference, charge.order_id, charge.amount, behaviour)
    lost = behaviour is Behaviour.TIMES_OUT_AFTER_CHARGING and known is None
    return Unknown("no reply to the authorisation") if lost else made


def _behaviour(card: Card | None) -> Behaviour | None:
    """What the token says; None for a token that is not this gateway's."""
    prefix, _, rest = (card.token if card else "").partition(".")
    name = rest.partition(".")[0]
    return Behaviour(name) if prefix == _PREFIX and name in set(Behaviour) else None
