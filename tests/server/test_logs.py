"""Nothing that pays or opens goes into a log line."""

import io
import json
import logging

import pytest
import structlog

from ndc_oms.server.logs import REDACTED, configure, redact_event

from .conftest import KEY, MESSAGE_TEXT, Start

CARD = "4111111111111111"


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(autouse=True)
def _put_back() -> object:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", f"paid with {CARD}"),
        ("number", int(CARD)),
        ("card_number", "anything"),
        ("cvv", "737"),
        ("CardSecurityCode", "737"),
        ("authorization", "Bearer x"),
        ("X-API-Key", "k"),
        ("text", "key ndc_live_abcdefghijklmnop sent"),
        ("deep", {"a": [{"cvv": "737", "b": CARD}]}),
        ("wrong", ValueError(f"no card {CARD}")),
        ("raw", f"<CardNumber>{CARD}</CardNumber>".encode()),
    ],
)
def test_secrets_are_taken_out(key: str, value: object) -> None:
    said = str(redact_event(None, "info", {key: value}))
    assert CARD not in said
    assert "737" not in said
    assert "abcdefghijklmnop" not in said


def test_what_is_harmless_stays() -> None:
    event = {"event": "request", "ms": 1.5, "ok": True, "none": None, "order": "T8ABC123", "n": 12}
    assert redact_event(None, "info", dict(event)) == event


def test_a_trace_is_text_without_locals_and_cards(out: io.StringIO) -> None:
    for form in ("json", "console"):
        configure(form, "info", out)
        try:
            secret_local = "hunter2"  # noqa: F841 — must not be printed
            raise ValueError(f"declined {CARD}")
        except ValueError as failed:
            structlog.get_logger().error("bug", exc_info=failed, password="hunter2")
    said = out.getvalue()
    assert said.count("Traceback") == 2
    assert CARD not in said
    assert said.count("hunter2") <= 2  # the line of source that a traceback quotes
    assert REDACTED in said


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_people_on_a_terminal_read_other_lines_than_machines(out: io.StringIO) -> None:
    shown = _Terminal()
    for stream in (shown, out):
        configure("auto", "info", stream)
        structlog.get_logger().info("request", ms=1.5)
    (line,) = lines(out)
    assert (line["event"], line["ms"]) == ("request", 1.5)
    assert "\x1b[" in shown.getvalue()


def test_levels_and_the_standard_library(out: io.StringIO) -> None:
    configure("json", "warning", out)
    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").warning("loud %s", CARD)
    (line,) = lines(out)
    assert line["level"] == "warning"
    assert CARD not in str(line)


async def test_one_line_a_request_with_its_id(start: Start, out: io.StringIO) -> None:
    configure("json", "info", out)
    running = await start()
    await running.post(X_Request_ID="r-1")
    await running.post(MESSAGE_TEXT.replace("YYZ", CARD), X_Request_ID="r-2")
    await running.get("/health/live")
    first, second = (line for line in lines(out) if line["event"] == "request")
    assert first["request_id"] == "r-1"
    assert (first["message"], first["outcome"]) == ("IATA_AirShoppingRQ", "ok")
    assert (first["seller"], first["status"], first["path"]) == ("91000000", 200, "/ndc")
    assert (second["request_id"], second["outcome"], second["code"]) == ("r-2", "refused", "912")
    assert CARD not in out.getvalue()
    assert KEY not in out.getvalue()
