"""SSM and ASM messages: what is read, and what is refused with its line and rule."""

from datetime import date

import pytest

from ndc_oms.model.product import Cabin
from ndc_pss_simulator.schedule_messages import (
    ACTIONS,
    Equipment,
    LegTimes,
    WrongLineError,
    parse,
)

TODAY = date(2027, 1, 12)
LEGS = "YYZ2230 LHR1030/1"


def test_a_period_names_its_days() -> None:
    (message,) = parse(f"SSM\nLT\nTIM\nT8101\n10JAN27 20JAN27 246\n{LEGS}", TODAY)
    assert (message.action, message.local, message.carrier, message.number) == (
        "TIM", True, "T8", "101",
    )  # fmt: skip
    assert [day.day for day in message.days] == [12, 14, 16, 19]  # Tuesdays, Thursdays, Saturdays
    assert message.legs == (LegTimes("YYZ", 1350, "LHR", 1440 + 630),)


def test_several_messages_share_a_head_and_times_are_utc_where_nothing_is_said() -> None:
    first, second = parse("asm\ncnl\nt8007/15jan\n//\nRIN\nT8007/16JAN27\n", TODAY)
    assert (first.action, first.days, first.number, first.local) == (
        "CNL", (date(2027, 1, 15),), "7", False,
    )  # fmt: skip
    assert (second.action, second.days) == ("RIN", (date(2027, 1, 16),))


def test_a_date_without_a_year_is_the_next_such() -> None:
    (message,) = parse("ASM\nCNL\nT81/11JAN", TODAY)
    assert message.days == (date(2028, 1, 11),)


def test_equipment_may_say_its_seats() -> None:
    (message,) = parse("ASM\nEQT\nT81/15JAN27\nJ 789 C30W0Y220", TODAY)
    assert message.equipment == Equipment("789", ((Cabin.BUSINESS, 30), (Cabin.ECONOMY, 220)))
    (message,) = parse("ASM\nCON\nT81/15JAN27\nJ 789", TODAY)
    assert message.equipment == Equipment("789", None)


def test_every_kind_is_read() -> None:
    head = "ASM\n{}\nT81/15JAN27\n"
    lines = {
        "NEW": f"J 789\n{LEGS}", "RPL": f"J 789\n{LEGS}", "TIM": LEGS, "EQT": "J 789",
        "CON": "J 789 Y9", "CNL": "", "RIN": "",
    }  # fmt: skip
    assert set(lines) == set(ACTIONS)
    for action, rest in lines.items():
        (message,) = parse(head.format(action) + rest, TODAY)
        assert message.action == action


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("", 1, "SSM or ASM"),
        ("CNL\nT81/15JAN27", 1, "begins with SSM or ASM"),
        ("ASM\nXXX\nT81/15JAN27", 2, "none of NEW"),
        ("ASM\nCNL\n", 2, "names no flight"),
        ("ASM\nCNL\nhello", 3, "a flight is needed"),
        ("ASM\nCNL\nT81", 3, "names the flight's date"),
        ("ASM\nCNL\nT81/31FEB27", 3, "is no date"),
        ("SSM\nCNL\nT81\n10JAN27", 4, "a period is needed"),
        ("SSM\nCNL\nT81\n20JAN27 10JAN27 1", 4, "ends after it begins"),
        ("SSM\nCNL\nT81\n12JAN27 12JAN27 1", 4, "no such day"),
        ("ASM\nCNL\nT81/15JAN27\nJ 789", 2, "takes no equipment"),
        ("ASM\nTIM\nT81/15JAN27", 2, "needs a leg"),
        ("ASM\nTIM\nT81/15JAN27\nYYZ2500 LHR1000", 4, "is no time"),
        ("ASM\nTIM\nT81/15JAN27\nYYZ0800 LHR1000\nCDG1100 FRA1200", 5, "a leg from LHR"),
        ("ASM\nEQT\nT81/15JAN27\nJ 789 Q10", 4, "is no cabin"),
        ("ASM\nNEW\nT81/15JAN27\nYYZ0800 LHR1000", 2, "needs equipment"),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int, rule: str) -> None:
    with pytest.raises(WrongLineError, match=rule) as wrong:
        parse(text, TODAY)
    assert wrong.value.line == line
