"""An order's text, part of which is kept from its last snapshot, is the text of the whole."""

from dataclasses import replace

import msgspec
import pytest
from tests.store.samples import life, order

from ndc_oms.model.fold import apply
from ndc_oms.model.order import Order
from ndc_oms.store import order_text as texts
from ndc_oms.store.rows import read_order

_whole = msgspec.json.Encoder(enc_hook=dict).encode


def _stages(order_id: str) -> list[Order]:
    stages: list[Order] = []
    for event in life(order(order_id)):
        stages.append(apply(stages[-1] if stages else None, event))
    return stages


def test_each_snapshot_is_letter_for_letter_the_whole_order() -> None:
    for stage in (*_stages("ZZ0000000001"), *_stages("ZZ0000000002")):
        text = texts.order_text(stage)
        assert text == _whole(stage)
        assert read_order(text.decode()) == stage


def test_a_part_that_an_event_left_alone_is_made_into_text_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[object] = []
    monkeypatch.setattr(texts, "encode", lambda record: made.append(record) or _whole(record))
    stages = _stages("ZZ0000000003")
    for stage in stages:
        texts.order_text(stage)
    journeys = {id(stage.segments) for stage in stages}
    assert sum(id(record) in journeys for record in made) == len(journeys) < len(stages)


def test_a_part_that_was_changed_is_made_anew() -> None:
    first = order("ZZ0000000004")
    texts.order_text(first)
    other = replace(first, items=first.items[:1])
    assert texts.order_text(other) == _whole(other)


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "KEPT", 8)
    for number in range(20):
        for stage in _stages(f"ZZ{number:010d}"):
            assert texts.order_text(stage) == _whole(stage)
            assert len(texts._texts) <= 8
