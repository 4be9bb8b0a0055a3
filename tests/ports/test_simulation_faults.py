"""Faults as text."""

import pytest

from ndc_oms.ports.simulation.faults import Fault, FaultKind, parse_faults


def test_faults_are_read() -> None:
    text = (
        "issue:times-out-after:0.1, book:fails:1x,hold:slow:200ms,"
        " *:garbage:2x:0.5, pnr:rejects-once"
    )
    assert parse_faults(text) == (
        Fault("issue", FaultKind.TIMES_OUT_AFTER, None, 0.1),
        Fault("book", FaultKind.FAILS, 1),
        Fault("hold", FaultKind.SLOW, None, 1.0, 0.2),
        Fault("*", FaultKind.GARBAGE, 2, 0.5),
        Fault("pnr", FaultKind.REJECTS_ONCE, 1),
    )
    assert parse_faults("") == ()
    assert parse_faults("hold:slow:1.5s")[0].delay_s == 1.5


@pytest.mark.parametrize(
    "text", ["book", "book:breaks", "book:fails:often", "book:fails:x", "a:slow:2"]
)
def test_what_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text.rsplit(":", maxsplit=1)[-1]):
        parse_faults(text)
