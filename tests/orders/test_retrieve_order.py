"""OrderRetrieve: by id, by booking and name; what is not yours is not there."""

from dataclasses import replace

import pytest
from tests.orders.house import House
from tests.orders.offered import OTHER, SELLER, T, attempt, request_for

from ndc_oms.errors import Invalid, NotAllowed, NotFound, Refusal
from ndc_oms.orders.request import RetrieveRequest
from ndc_oms.orders.retrieve import RetrieveOrder


async def sold(house: House) -> str:
    offer = house.offer(T.ADULT, T.CHILD)
    request = request_for(offer)
    persons = tuple(replace(p, surname="Müller-O’Hara") for p in request.people.persons)
    request = replace(request, people=replace(request.people, persons=persons))
    view = await house.create(request, SELLER, attempt())
    assert view.record is not None
    return view.record.order.order_id


async def test_by_id() -> None:
    house = House()
    order_id = await sold(house)
    retrieve = RetrieveOrder(house.store, "XX")
    for asked in (order_id, f" {order_id.lower()} "):
        view = await retrieve(RetrieveRequest(order_id=asked, owner="XX"), SELLER)
        assert view.record is not None
        assert view.record.order.order_id == order_id
        assert view.notices == ()
    staff = await retrieve(RetrieveRequest(order_id=order_id), None)
    assert staff.record is not None


@pytest.mark.parametrize(
    ("surname", "given"),
    [("MUELLER O HARA", None), ("müller-o'hara", "Aaa"), ("Müller-O’Hara", "bbb")],
)
async def test_by_booking_and_name(surname: str, given: str | None) -> None:
    house = House()
    await sold(house)
    request = RetrieveRequest(locator="loc000", surname=surname, given_name=given)
    view = await RetrieveOrder(house.store, "XX")(request, SELLER)
    assert view.record is not None


async def test_what_is_missing_and_what_is_forbidden_read_alike() -> None:
    house = House()
    order_id = await sold(house)
    retrieve = RetrieveOrder(house.store, "XX")
    mine = RetrieveRequest(order_id=order_id, owner="XX", path="/x")
    booking = RetrieveRequest(locator="LOC000", surname="Mueller O Hara", path="/x")
    asked = [
        (mine, OTHER),
        (replace(mine, order_id="XXAAAAAAAAAA"), SELLER),
        (replace(mine, owner="ZZ"), SELLER),
        (booking, OTHER),
        (replace(booking, locator="NOSUCH"), SELLER),
        (replace(booking, surname="Meier"), SELLER),
        (replace(booking, given_name="Zzz"), SELLER),
        (replace(booking, surname="Иванов"), SELLER),
    ]
    seen = set()
    for request, seller in asked:
        with pytest.raises(NotFound) as refused:
            await retrieve(request, seller)
        error = refused.value
        seen.add((error.code, error.text, error.path, error.remedy, error.done))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("request_", "code"),
    [(RetrieveRequest(), "912"), (RetrieveRequest(locator="LOC000"), "151")],
)
async def test_names_no_order(request_: RetrieveRequest, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        await RetrieveOrder(House().store, "XX")(request_, SELLER)
    assert refused.value.code == code


async def test_a_failed_order_says_why() -> None:
    house = House()
    house.pss.plant("book", "fails")
    with pytest.raises(Refusal) as refused:
        await sold(house)
    assert not isinstance(refused.value, NotAllowed)
    (order_id,) = house.store.orders
    view = await RetrieveOrder(house.store, "XX")(RetrieveRequest(order_id=order_id), SELLER)
    (notice,) = view.notices
    assert notice.code == "493"
    assert "closed again" in notice.text
