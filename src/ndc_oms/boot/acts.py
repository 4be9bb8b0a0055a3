"""What the messages set going, each act with the rooms that it needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from ndc_oms.boot.adapters import routes_of
from ndc_oms.config import Config
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.rows import Acts
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.fare_rules import FareRules
from ndc_oms.offers.partner_recall import PartnerRecall
from ndc_oms.offers.price import Price
from ndc_oms.offers.pricing import home_fee
from ndc_oms.offers.profile import ShowProfile
from ndc_oms.offers.recall import Recall
from ndc_oms.offers.service_token import ServiceTokens
from ndc_oms.offers.shop import Shop
from ndc_oms.offers.token import Tokens
from ndc_oms.offers.trials import Trials
from ndc_oms.orders.about import FindAbout
from ndc_oms.orders.change import ChangeOrder
from ndc_oms.orders.create import CreateOrder
from ndc_oms.orders.followers import Followers
from ndc_oms.orders.history import ShowHistory
from ndc_oms.orders.list_services import ListServices
from ndc_oms.orders.listing import ListOrders
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.promise import PromiseServices
from ndc_oms.orders.quote import QuoteOrder
from ndc_oms.orders.quote_services import QuoteServices
from ndc_oms.orders.rebook import Rebook
from ndc_oms.orders.report_delivery import ReportDelivery
from ndc_oms.orders.request import CreateRequest, OrderView
from ndc_oms.orders.reshop import ReshopOrder
from ndc_oms.orders.retrieve import RetrieveOrder
from ndc_oms.orders.rules import ShowRules
from ndc_oms.orders.service_desk import ServiceDesk
from ndc_oms.orders.service_offer import OfferServices
from ndc_oms.orders.show_seats import ShowSeats, map_of
from ndc_oms.orders.tender import Tills
from ndc_oms.partners.board import Board
from ndc_oms.partners.seats import SharedSeats
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import KeepReply, Store
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True)
class Ground:
    """What every act stands on."""

    config: Config
    world: World
    clock: Clock
    entropy: Entropy
    secret: bytes
    store: Store
    sides: Sides
    trials: Trials
    board: Board
    seats: SharedSeats


def open_acts(ground: Ground, availability: Availability, deliverer: Deliverer) -> Acts:
    world, store, clock, entropy = ground.world, ground.store, ground.clock, ground.entropy
    pss, owner = ground.sides.pss, ground.world.airline.designator
    tokens = Tokens(ground.secret, owner)
    partners = PartnerRecall(world, ground.board)
    recall = Recall(world, tokens, store, clock, partners)
    find = FindAbout(world, recall, store)
    shop = Shop(
        world, availability, tokens, clock, entropy, trials=ground.trials, board=ground.board
    )
    gateways = ground.sides.gateways
    tills = Tills(gateways, world.routes or routes_of(gateways))
    code_shares = {each.carrier: each.name for each in world.partners if each.code_share}
    service_tokens = ServiceTokens(ground.secret, owner)
    offer_services = OfferServices(world, service_tokens, clock, entropy)
    desk = ServiceDesk(owner, world.services, service_tokens, store, partial(map_of, world),
                       world.phrases)  # fmt: skip
    promise = PromiseServices(desk, pss, clock)
    names = NameDesk(world.servicing, partial(home_fee, world))
    rules = Rules(owner, tills, world.passenger_types, world.servicing, code_shares, desk, names)

    async def keep(envelope: Envelope, _result: object, reply: bytes) -> None:
        if envelope.caller is None:
            raise AssertionError("a reply to nobody")
        await store.write(
            KeepReply(
                envelope.caller.seller.org_id, envelope.key, reply, envelope.copy, clock.now()
            )
        )

    reshop = ReshopOrder(
        store,
        pss,
        owner,
        world.servicing,
        clock,
        entropy,
        Rebook(
            store,
            shop.alternatives,
            Followers(owner, world.services, store, pss, partial(map_of, world)),
            world.servicing,
            world.passenger_types,
            clock,
            entropy,
        ),
        names,
    )
    return Acts(
        shop=shop,
        price=Price(
            world=world,
            recall=recall,
            availability=availability,
            pss=ground.seats,
            partners=partners,
            store=store,
            clock=clock,
            entropy=entropy,
            tokens=tokens,
            services=promise,
        ),
        create=_counted(
            ground.trials,
            CreateOrder(
                store,
                pss,
                recall,
                rules,
                deliverer,
                clock,
                entropy,
                reply_within_s=ground.config.reply_deadline_s,
            ),
        ),
        retrieve=RetrieveOrder(store, owner),
        change=ChangeOrder(
            store, pss, rules, deliverer, clock, reply_within_s=ground.config.reply_deadline_s
        ),
        reshop=reshop,
        quote=QuoteOrder(store, world, clock, entropy, QuoteServices(promise, reshop)),
        list_orders=ListOrders(store),
        history=ShowHistory(store, owner),
        rules=ShowRules(store, FareRules(world), owner),
        profile=ShowProfile(world),
        services=ListServices(world, find, store, offer_services),
        seats=ShowSeats(world, find, pss, store, offer_services, clock),
        delivered=ReportDelivery(
            store, owner, world.providers, deliverer, clock, ground.config.reply_deadline_s
        ),
        keep=keep,
    )


def _counted(
    trials: Trials, create: CreateOrder
) -> Callable[[CreateRequest, Seller, Attempt | None], Awaitable[OrderView]]:
    """Orders by the arm of the experiment that their offer was part of; a reply that is sent
    again is no other order.
    """

    async def counted(request: CreateRequest, seller: Seller, attempt: Attempt | None) -> OrderView:
        view = await create(request, seller, attempt)
        if view.record is not None:
            trials.ordered(view.record.order.trial)
        return view

    return counted
