"""`ndc-oms why`: the full diagnosis of a search, as staff see it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console
from tests.houses import configured

from ndc_oms.cli.why import run_why
from ndc_oms.errors import Invalid, NotFound, Refusal
from ndc_oms.kit.requests import Pax, Sender, air_shopping, order_retrieve


def written(tmp_path: Path, body: bytes) -> Path:
    file = tmp_path / "search.xml"
    file.write_bytes(body)
    return file


def search(sender: Sender = Sender()) -> bytes:  # noqa: B008  # frozen
    day = date.today() + timedelta(days=40)  # noqa: DTZ011  # the house's own clock runs
    return air_shopping([("YOW", "YVR", day)], [Pax("PAX1")], sender=sender)


async def test_every_journey_is_shown(tmp_path: Path) -> None:
    console = Console(record=True, width=140)
    body = search().replace(
        b"<m:Request>",
        b"<m:Request><FlightRelatedCriteria><ConnectionCriteria><ConnectionCriteriaID>C"
        b"</ConnectionCriteriaID><MaximumConnectionDuration>PT2H</MaximumConnectionDuration>"
        b"</ConnectionCriteria></FlightRelatedCriteria>",
    )
    offers = await run_why(written(tmp_path, body), configured(tmp_path), console)
    shown = console.export_text()
    assert f"{offers} offers are answered." in shown
    assert "journeys found" in shown
    assert "with connections of at most 2:00 h" in shown
    assert "left" in shown


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (order_retrieve("T8X"), Invalid),
        (search(Sender("99999999")), NotFound),
        (search().replace(b"<PaxList>", b"<Paxes>").replace(b"</PaxList>", b"</Paxes>"), Refusal),
    ],
)
async def test_what_is_no_search_is_refused(
    tmp_path: Path, body: bytes, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await run_why(written(tmp_path, body), configured(tmp_path), Console(record=True))
