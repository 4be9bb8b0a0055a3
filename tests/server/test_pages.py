"""What people and monitors see: the welcome page, the example, health and metrics."""

from datetime import date
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from lxml import etree, html

from ndc_oms import resources
from ndc_oms.ndc.schema import Schema
from ndc_oms.server.pages import Pages, Welcome, air_shopping

from .conftest import FixedClock, Start, World

OFFICIAL = Path(__file__).resolve().parents[2].parent / "shared" / "iata-ndc-21.3.5"


async def test_the_welcome_page_says_how_to_talk_to_it(start: Start) -> None:
    running = await start()
    reply, text = await running.get("/")
    assert reply.status == 200
    assert reply.content_type == "text/html"
    base = f"http://127.0.0.1:{running.port}"
    page = html.fromstring(text)
    shown = page.text_content()
    assert f"{base}/examples/AirShoppingRQ.xml" in shown
    assert f"POST {base}/ndc" in shown
    assert "ndc_test_demo" in shown
    assert "91000000" in shown
    assert "IATA_AirShoppingRQ" in shown
    assert "Demo <Air>" in shown
    assert "<Air>" not in text
    assert {a.get("href") for a in page.iter("a")} >= {"/health/ready", "/metrics"}


async def test_the_page_names_the_public_address_where_there_is_one() -> None:
    """Seen from outside: behind a proxy the address that was asked is not the one to tell."""
    shown = Welcome("Demo Air", "T8", public_url="https://ndc.example.com/oms")
    page = Pages(shown, ("IATA_AirShoppingRQ",), FixedClock())
    asked = make_mocked_request("GET", "/", headers={"Host": "10.0.0.7:8080"})
    text = (await page.welcome(asked)).text or ""
    assert "POST https://ndc.example.com/oms/ndc" in html.fromstring(text).text_content()
    assert "10.0.0.7" not in text


async def test_the_page_loads_nothing_and_allows_nothing_else(start: Start) -> None:
    reply, text = await (await start()).get("/")
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    page = html.fromstring(text)
    assert not page.xpath("//@src | //link")
    assert not page.xpath("//@style | //@onclick")
    assert page.xpath("string(/html/@lang)") == "en"
    assert all(block.get("tabindex") == "0" for block in page.iter("pre"))


async def test_a_host_header_is_not_echoed_unless_it_is_one(start: Start) -> None:
    running = await start()
    _, text = await running.get("/", Host="evil$(reboot)")
    assert "reboot" not in text
    _, text = await running.get("/", Host="ndc.example.com")
    assert "http://ndc.example.com/ndc" in text


async def test_the_example_is_for_a_month_from_today(start: Start) -> None:
    reply, text = await (await start()).get("/examples/AirShoppingRQ.xml")
    assert reply.content_type == "application/xml"
    root = etree.fromstring(text.encode())
    assert root.findtext(".//{*}Date") == "2026-03-31"


@pytest.mark.parametrize("official", [False, True], ids=["profile", "official"])
def test_the_example_is_valid(official: bool) -> None:
    if official and not OFFICIAL.is_dir():
        pytest.skip(f"IATA's schemas are not at {OFFICIAL}")
    schema = Schema(OFFICIAL if official else resources.schemas() / "ndc" / "21.3")
    text = air_shopping(Welcome("Trillium", "T8"), date(2026, 3, 31))
    assert schema.check(etree.fromstring(text.encode())) == []


async def test_health(start: Start, world: World) -> None:
    running = await start()
    assert (await running.get("/health/live"))[0].status == 200
    reply, text = await running.get("/health/ready")
    assert (reply.status, text) == (200, '{"ready": true, "parts": {"store": "ok"}}')
    world.unwell["pss"] = "does not answer"
    reply, text = await running.get("/health/ready")
    assert reply.status == 503
    assert '"pss": "does not answer"' in text
    assert (await running.get("/health/live"))[0].status == 200


async def test_a_probe_that_fails_is_not_ready(start: Start, world: World) -> None:
    running = await start()
    world.unwell = None  # type: ignore[assignment]
    reply, text = await running.get("/health/ready")
    assert reply.status == 503
    assert "TypeError" in text


async def test_metrics(start: Start) -> None:
    running = await start()
    await running.post()
    await running.post("<IATA_FooRQ/>")
    await running.post(X_API_Key="ndc_test_wrong")
    reply, text = await running.get("/metrics")
    assert reply.content_type == "text/plain"
    assert 'ndc_requests_total{message="IATA_AirShoppingRQ",outcome="ok"} 1.0' in text
    assert 'ndc_requests_total{message="other",outcome="unread"} 1.0' in text
    assert 'ndc_requests_total{message="other",outcome="turned away"} 1.0' in text
    assert 'ndc_request_seconds_count{message="IATA_AirShoppingRQ"} 1.0' in text
    assert 'ndc_looks{seller="91000000"} 1.0' in text
    assert "ndc_in_flight 0.0" in text
    assert "Foo" not in text
