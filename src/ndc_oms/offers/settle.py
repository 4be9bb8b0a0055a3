"""What a request says in words of the sender, in words of the world: cities and alliances in wishes
become airports and airlines.
"""

from dataclasses import replace

from ndc_oms.model.journey import Journey
from ndc_oms.offers.flight_wishes import Carriers, Via
from ndc_oms.offers.request import ShopRequest
from ndc_oms.offers.wishes import Wish
from ndc_oms.world.world import World


def settled(request: ShopRequest, world: World) -> ShopRequest:
    """The very request where there is nothing to translate."""
    if request.affinity is not None and request.affinity.wishes:
        wishes = tuple(_settled(each, world) for each in request.affinity.wishes)
        return replace(request, affinity=replace(request.affinity, wishes=wishes))
    if not any(bound.wishes for bound in request.bounds):
        return request
    bounds = tuple(
        replace(bound, wishes=tuple(_settled(each, world) for each in bound.wishes))
        for bound in request.bounds
    )
    return replace(request, bounds=bounds)


def _settled(wish: Wish[Journey], world: World) -> Wish[Journey]:
    feature = wish.feature
    if isinstance(feature, Via):
        # a place that is not served stays what it is: nothing connects there
        codes = (world.locate(code) or (code,) for code in feature.airports)
        return replace(wish, feature=Via(frozenset(each for some in codes for each in some)))
    if isinstance(feature, Carriers) and feature.name:
        members = feature.designators | world.alliances.get(feature.name, frozenset())
        return replace(wish, feature=Carriers(members, f"alliance {feature.name}"))
    return wish
