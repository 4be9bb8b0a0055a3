"""What a monitor scrapes: requests by message and outcome, latency, what is in flight, ratios."""

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ndc_oms.server.limits import LookToBook
from ndc_oms.server.siblings import EVERY_S, Siblings

# Seconds. Shopping is to answer in tens of milliseconds; OrderCreate may wait 8 s for tickets.
_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """One registry an application, so that two in one process do not mix.

    siblings: the other workers, whose numbers are shown with ours.

    message labels are names of served messages or "other": strangers cannot make new series.
    """

    def __init__(
        self,
        ratios: LookToBook,
        trials: Iterable[tuple[str, int, int]] = (),
        siblings: Siblings | None = None,
        partners: Iterable[tuple[str, str, int]] = (),
    ) -> None:
        self.registry = CollectorRegistry()
        self._siblings = siblings
        self._requests = Counter(
            "ndc_requests_total",
            "NDC requests answered",
            ("message", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ndc_request_seconds",
            "From the first byte of the body to the reply",
            ("message",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._series = lru_cache(256)(self._labelled)  # messages times outcomes are fewer
        self.at_work = 0  # requests; whoever answers them counts
        in_flight = Gauge("ndc_in_flight", "NDC requests at work", registry=self.registry)
        in_flight.set_function(lambda: self.at_work)
        self.registry.register(_Ratios(ratios))
        self.registry.register(_Trials(trials))
        self.registry.register(_Partners(partners))
        ProcessCollector(registry=self.registry)

    def is_busy(self) -> bool:
        return self.at_work > 0

    def answered(self, message: str, outcome: str, seconds: float) -> None:
        requests, lasted = self._series(message or "other", outcome)
        requests.inc()
        lasted.observe(seconds)

    def _labelled(self, message: str, outcome: str) -> tuple[Counter, Histogram]:
        return self._requests.labels(message, outcome), self._seconds.labels(message)

    async def page(self, _request: web.Request) -> web.Response:
        """GET /metrics: of this process, or of all workers."""
        page = generate_latest(self.registry)
        if self._siblings is not None:
            page = self._siblings.merged(page)
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def publish_forever(self) -> None:
        """For the other workers, until it is cancelled."""
        while self._siblings is not None:
            self._siblings.publish(generate_latest(self.registry))
            await asyncio.sleep(EVERY_S)


class _Trials(Collector):
    """Experiments of the world, by arm: names are of its files, never of requests."""

    def __init__(self, trials: Iterable[tuple[str, int, int]]) -> None:
        self._trials = trials

    def collect(self) -> Iterable[Metric]:
        labels = ("trial", "arm")
        searches = CounterMetricFamily("ndc_trial_searches", "Searches on trial", labels=labels)
        orders = CounterMetricFamily("ndc_trial_orders", "New orders on trial", labels=labels)
        for trial, searched, ordered in self._trials:
            name, _, arm = trial.partition("/")
            searches.add_metric((name, arm), searched)
            orders.add_metric((name, arm), ordered)
        return (searches, orders)


class _Partners(Collector):
    """Searches at partners: names are of the world's file, outcomes are a few."""

    def __init__(self, partners: Iterable[tuple[str, str, int]]) -> None:
        self._partners = partners

    def collect(self) -> Iterable[Metric]:
        searches = CounterMetricFamily(
            "ndc_partner_searches",
            "Searches at partners: answered, kept, late, failed, spared",
            labels=("partner", "outcome"),
        )
        for partner, outcome, count in self._partners:
            searches.add_metric((partner, outcome), count)
        return (searches,)


class _Ratios(Collector):
    """Counted when asked, since the window moves by itself."""

    def __init__(self, ratios: LookToBook) -> None:
        self._ratios = ratios

    def collect(self) -> Iterable[Metric]:
        looks = GaugeMetricFamily("ndc_looks", "Shopping requests, last hour", labels=("seller",))
        books = GaugeMetricFamily("ndc_books", "New orders, last hour", labels=("seller",))
        for org_id, looked, booked in self._ratios.each():
            looks.add_metric((org_id,), looked)
            books.add_metric((org_id,), booked)
        return (looks, books)
