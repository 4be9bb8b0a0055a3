"""What a monitor scrapes: requests by message and outcome, latency, what is in flight, ratios."""

from collections.abc import Iterable
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
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ndc_oms.server.limits import LookToBook

# Seconds. Shopping is to answer in tens of milliseconds; OrderCreate may wait 8 s for tickets.
_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """One registry an application, so that two in one process do not mix.

    message labels are names of served messages or "other": strangers cannot make new series.
    """

    def __init__(self, ratios: LookToBook) -> None:
        self.registry = CollectorRegistry()
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
        self.in_flight = Gauge("ndc_in_flight", "NDC requests at work", registry=self.registry)
        self.registry.register(_Ratios(ratios))
        ProcessCollector(registry=self.registry)

    def answered(self, message: str, outcome: str, seconds: float) -> None:
        label = message or "other"
        self._requests.labels(label, outcome).inc()
        self._seconds.labels(label).observe(seconds)

    async def page(self, _request: web.Request) -> web.Response:
        """GET /metrics"""
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )


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
