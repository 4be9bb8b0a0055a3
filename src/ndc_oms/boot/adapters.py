"""What stands on the other sides of the ports, found by entry points: a house is extended by
installing a package and naming it.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

from ndc_oms.config import Config
from ndc_oms.errors import Invalid
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.model.payment import PaymentForm
from ndc_oms.orders.reroutes import Reroutes
from ndc_oms.partners.opening import open_partners
from ndc_oms.payments.gateways.others import open_others
from ndc_oms.payments.gateways.settlement_plan import SettlementPlan
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.partner import Partner
from ndc_oms.ports.payment import PaymentGateway
from ndc_oms.ports.pss import Pss, PssSettings
from ndc_oms.world.partners import PartnerTerms
from ndc_oms.world.payments import Route
from ndc_oms.world.world import World

PSS_GROUP: Final = "ndc_oms.pss"
PAYMENT_GROUP: Final = "ndc_oms.payment"
PARTNERS_GROUP: Final = "ndc_oms.partners"
SIMULATOR: Final = "simulator"


Partners = tuple[tuple[PartnerTerms, Partner], ...]


def open_sides(
    config: Config, world: World, clock: Clock, entropy: Entropy, secret: bytes
) -> tuple[Sides, Partners]:
    """PSS, gateways and partners that the config and the world name, each by its adapter."""
    gateways = _gateways(config, clock, entropy, secret)
    partners = open_partners(world, config.data, clock, lambda kind: _adapter(PARTNERS_GROUP, kind))
    sides = Sides(
        open_pss(config, world, clock),
        {each.name: each for each in gateways},
        {terms.name: each for terms, each in partners},
        Reroutes(world, clock),
    )
    return sides, partners


def open_pss(config: Config, world: World, clock: Clock) -> Pss:
    """The one that the config names. Raises Invalid where there is no such adapter."""
    settings = PssSettings(
        folder=str(config.data / "pss"),
        carrier=world.airline.designator,
        accounting_prefix=world.airline.accounting_prefix,
        inventory=world.inventory,
        now=clock.now,
        options={},
    )
    opened: Pss = _adapter(PSS_GROUP, config.pss)(settings)
    return opened


def _gateways(
    config: Config, clock: Clock, entropy: Entropy, secret: bytes
) -> tuple[PaymentGateway, ...]:
    """The one that the configuration names takes cards, and is the first."""
    folder = config.data / "payment"
    open_card = _adapter(PAYMENT_GROUP, config.payment)
    if config.payment != SIMULATOR:
        return (open_card(folder, clock, {}), SettlementPlan())
    card: PaymentGateway = open_card(folder, clock, {}, entropy)
    base = f"{config.base_url}/payment/page"
    return (card, SettlementPlan(), *open_others(folder, clock, secret, base))


def routes_of(gateways: Mapping[str, PaymentGateway]) -> tuple[Route, ...]:
    """Of a world that leaves the choice of gateways to the house."""
    card, plan = tuple(gateways)[:2]
    return (Route(PaymentForm.CARD, (card,)), Route(PaymentForm.SETTLEMENT_PLAN, (plan,)))


@cache
def _adapter(group: str, name: str) -> Any:
    """What the entry point names; raises Invalid with those that there are. Looked up once: it
    takes milliseconds, and what is installed does not change under a running process.
    """
    found = {each.name: each for each in entry_points(group=group)}
    if name not in found:
        raise Invalid(
            f"There is no {group.removeprefix('ndc_oms.')} adapter {name!r}.",
            remedy=f"Installed are: {', '.join(sorted(found)) or 'none'}.",
        )
    return found[name].load()
