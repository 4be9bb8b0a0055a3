"""Where in the sender's document a thing of a CreateRequest stood, for refusals to point at."""

from ndc_oms.orders.request import CreateRequest


def passenger(request: CreateRequest, index: int, *below: str) -> str:
    """`…/PaxList/Pax[2]/Individual/Surname`; "" where the request came without paths."""
    path = request.passengers_path
    if not path:
        return ""
    one = path if path.endswith("/Pax") else f"{path}/Pax"
    return "/".join((f"{one}[{index + 1}]", *below))


def contact(request: CreateRequest, index: int | None, *below: str) -> str:
    """`…/ContactInfoList/ContactInfo[1]/Phone[1]`; the whole list for index None."""
    lists, found, _ = request.passengers_path.partition("/PaxList")
    if not found:
        return ""
    one = "" if index is None else f"/ContactInfo[{index + 1}]"
    return "/".join((f"{lists}/ContactInfoList{one}", *below))
