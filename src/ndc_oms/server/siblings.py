"""The metrics of all workers on one page, whichever of them is asked.

A scrape reaches any one worker, so each leaves its own page in a folder that all know, once a
second, and whoever is asked adds them up. What a worker that died had counted stays counted: a
sum that fell would look like a restart, and its rate like a burst.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

EVERY_S: Final = 1.0
_LIVE: Final = ".live"
_GONE: Final = "gone"
_MOMENTS: Final = ("_created", "process_start_time_seconds", "process_max_fds")  # not to be added
_ADDING_UP: Final = ("counter", "histogram")  # what outlives its process
_Key = tuple[str, tuple[tuple[str, str], ...]]


class Siblings:
    """folder: of this run of the server, shared by its workers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{os.getpid()}{_LIVE}"

    def publish(self, page: bytes) -> None:
        """Whole or not at all."""
        draft = self._own.with_suffix(".draft")
        draft.write_bytes(page)
        draft.rename(self._own)

    def merged(self, page: bytes) -> bytes:
        """With the others' as they last left them."""
        self.publish(page)
        return generate_latest(_Registry(_sum(_pages(self._folder))))


def retire(folder: Path, pid: int) -> None:
    """For the parent: a worker is gone. Its counters join those of all that are."""
    page = folder / f"{pid}{_LIVE}"
    if not page.exists():
        return
    kept = filter(_adds_up, _sum([_read(folder / _GONE), _read(page)]))
    draft = folder / f"{_GONE}.draft"
    draft.write_bytes(generate_latest(_Registry(kept)))
    draft.rename(folder / _GONE)
    page.unlink()


def _pages(folder: Path) -> Iterator[str]:
    yield _read(folder / _GONE)
    for page in sorted(folder.glob(f"*{_LIVE}")):
        yield _read(page)


def _read(page: Path) -> str:
    """Nothing where it went meanwhile."""
    try:
        return page.read_text()
    except FileNotFoundError:
        return ""


def _adds_up(metric: Metric) -> bool:
    return metric.type in _ADDING_UP and not metric.name.endswith("_created")


def _sum(pages: Iterable[str]) -> Collection[Metric]:
    """One family for each name, one sample for each name and labels."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[_Key, float]] = {}
    for page in pages:
        for found in text_string_to_metric_families(page):
            families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
            sums = values.setdefault(found.name, {})
            for sample in found.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                sums[key] = _joined(sample.name, sums.get(key), sample.value)
    for name, family in families.items():
        for (sample_name, labels), value in values[name].items():
            family.add_sample(sample_name, dict(labels), value)
    return families.values()


class _Registry(CollectorRegistry):
    """What generate_latest asks for."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _joined(name: str, so_far: float | None, value: float) -> float:
    if so_far is None:
        return value
    return max(so_far, value) if name.endswith(_MOMENTS) else so_far + value
