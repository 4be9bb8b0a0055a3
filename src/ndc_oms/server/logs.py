"""Structured logs, one line an event, with the request's id; nothing that opens or pays.

The processor after the last that adds what callers say takes out card numbers wherever they stand
and the values of telling keys, so a careless log call cannot leak what this house must not keep.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ndc_oms.model.cards import without_cards

REDACTED: Final = "[redacted]"
_TELLING: Final = re.compile(
    r"card_?number|^pan$|cvv|cvc|security_?code|track|secret|password|passwd|authorization"
    r"|^api_?key$|subscription-key|^x-api-key$|^token$|cookie",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile("[0-9]")
_KEY_START: Final = "ndc_"
_KEY: Final = re.compile(_KEY_START + r"(test|live)_[A-Za-z0-9_-]{12,}")
_MAX_DEPTH: Final = 6


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor."""
    return {key: _clean(key, value, 0) for key, value in event.items()}


_ENCODE: Final = json.JSONEncoder().encode


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """What redact_event leaves is plain; an encoder made for each line would cost more than it."""
    return _ENCODE(event)


def configure(log_format: str, log_level: str, out: TextIO | None = None) -> None:
    """log_format: console | json | auto (console on a terminal). out: standard error by default,
    since commands print results.
    """
    stream = out or sys.stderr
    if log_format == "auto":
        log_format = "console" if stream.isatty() else "json"
    renderer: Processor = (
        _as_json
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(),
            # the other formatter prints local variables, and with them passengers and cards
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        redact_event,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    level = getattr(logging, log_level.upper())
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),  # a line is one write
        cache_logger_on_first_use=False,  # tests configure more than once
    )
    # libraries log through the standard library; the same processors see their lines
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


@lru_cache(1024)
def _telling(key: str) -> bool:
    return _TELLING.search(key) is not None


def _clean(key: str, value: Any, depth: int) -> Any:
    if _telling(key) or depth > _MAX_DEPTH:
        return REDACTED
    if isinstance(value, str):  # most are, and asking for a Mapping is dear
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {k: _clean(str(k), v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(key, v, depth + 1) for v in value]
    return _clean_one(value)


def _clean_one(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        text = without_cards(str(value))
        return value if text == str(value) else text
    return f"{len(value)} bytes" if isinstance(value, bytes) else _clean_text(str(value))


def _clean_text(text: str) -> str:
    if _DIGIT.search(text) is not None:  # cards, tracks and codes have some
        text = without_cards(text)
    return _KEY.sub(REDACTED, text) if _KEY_START in text else text
