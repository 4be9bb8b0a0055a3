"""Metrics of several workers, added up on one page."""

from pathlib import Path

from ndc_oms.server.limits import LookToBook
from ndc_oms.server.metrics import Metrics
from ndc_oms.server.siblings import Siblings, retire


class Worker(Siblings):
    """As if in a process of its own."""

    def __init__(self, folder: Path, pid: int) -> None:
        super().__init__(folder)
        self._own = folder / f"{pid}.live"


def metrics(folder: Path, pid: int, looks: int) -> Metrics:
    ratios = LookToBook()
    for _ in range(looks):
        ratios.record("91000000", "IATA_AirShoppingRQ", "ok")
    made = Metrics(ratios, siblings=Worker(folder, pid))
    for _ in range(looks):
        made.answered("IATA_AirShoppingRQ", "ok", 0.03)
    return made


async def page(of: Metrics) -> dict[str, float]:
    body = (await of.page(None)).body  # type: ignore[arg-type]  # the request is not looked at
    assert isinstance(body, bytes)
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


ANSWERED = 'ndc_requests_total{message="IATA_AirShoppingRQ",outcome="ok"}'
BUCKET = 'ndc_request_seconds_bucket{le="0.05",message="IATA_AirShoppingRQ"}'
LOOKS = 'ndc_looks{seller="91000000"}'


async def test_whoever_is_asked_knows_of_all(tmp_path: Path) -> None:
    one, two = metrics(tmp_path, 1, 3), metrics(tmp_path, 2, 4)
    assert (await page(one))[ANSWERED] == 3
    second = await page(two)
    assert (second[ANSWERED], second[BUCKET], second[LOOKS]) == (7, 7, 7)
    assert (await page(one))[ANSWERED] == 7
    assert (await page(one))["process_start_time_seconds"] == second["process_start_time_seconds"]


async def test_what_the_dead_counted_stays_and_what_they_held_goes(tmp_path: Path) -> None:
    one, two, three = metrics(tmp_path, 1, 3), metrics(tmp_path, 2, 4), metrics(tmp_path, 3, 1)
    for each in (one, two, three):
        await page(each)
    retire(tmp_path, 2)
    retire(tmp_path, 3)
    retire(tmp_path, 99)  # one that never left anything
    left = await page(one)
    assert (left[ANSWERED], left[BUCKET], left[LOOKS]) == (8, 8, 3)


async def test_a_worker_alone_shows_what_it_has(tmp_path: Path) -> None:
    alone = Metrics(LookToBook())
    alone.answered("", "turned away", 0.1)
    assert (await page(alone))['ndc_requests_total{message="other",outcome="turned away"}'] == 1
    assert list(tmp_path.iterdir()) == []
