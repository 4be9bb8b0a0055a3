"""What statements are given: by name or as values, and in the end in the order of their text."""

from contextlib import closing
from typing import Any, Final

import pytest
from sqlalchemy import bindparam, literal_column, select, update

from ndc_oms.store import postgresql, sqlite
from ndc_oms.store.compiling import Calls, as_values, names_of
from ndc_oms.store.hand import Database
from ndc_oms.store.place import place_of
from ndc_oms.store.tables import workers

TWICE: Final = (
    update(workers)
    .where(workers.c.owner == bindparam("owner_"), workers.c.since < bindparam("at_"))
    .values(since=bindparam("at_"))
)
PLAIN: Final = (
    update(workers).where(workers.c.owner == bindparam("owner_")).values(since=bindparam("since_"))
)
FIXED: Final = (
    update(workers).where(workers.c.owner == bindparam("owner_")).values(since=workers.c.since + 7)
)
GIVEN: Final[dict[Any, dict[str, Any]]] = {
    TWICE: {"owner_": "a", "at_": 5},
    PLAIN: {"owner_": "a", "since_": 5},
    FIXED: {"owner_": "a"},
}


@pytest.mark.parametrize("calls", [sqlite.CALLS, postgresql.CALLS])
@pytest.mark.parametrize("statement", list(GIVEN))
def test_values_say_what_names_say(statement: Any, calls: Calls) -> None:
    given = GIVEN[statement]
    _, bind = calls(statement)
    (values,) = as_values(statement, [given])
    assert dict(zip(names_of(statement), values, strict=True)) == given
    assert bind(values) == bind(given)
    assert set(bind(given)) - {7} == set(given.values())  # 7: what stands in the statement itself
    assert calls.for_each(statement, [values, values])[1] == [bind(given)] * 2
    assert calls.for_each(statement, [given])[1] == [bind(given)]


def test_a_row_by_name_is_in_the_order_of_its_table() -> None:
    assert names_of(workers) == ("owner", "since")
    assert as_values(workers, [{"since": 3, "owner": "a"}]) == [("a", 3)]
    assert as_values(workers, []) == []


@pytest.fixture
def database(url: str) -> Any:
    with closing(place_of(url).open_database()) as opened:
        yield opened


def test_of_rows_that_are_added_where_free_it_is_told_which_were(database: Database) -> None:
    """Not free, there already, or added; in whatever order they come."""
    free = ~(
        select(literal_column("1"))
        .where(workers.c.since == bindparam("since", type_=workers.c.since.type))
        .exists()
    )
    database.begin(())
    database.insert(workers, [("there", 1), ("other", 2)])
    rows = [("new", 3), ("taken", 2), ("there", 4), ("newer", 5), ("taken too", 1)]
    assert database.insert_where(workers, rows, free) == [True, False, False, True, False]
    assert database.insert_where(workers, [{"since": 5, "owner": "x"}], free) == [False]
    assert database.insert_where(workers, [{"since": 6, "owner": "x"}], free) == [True]
    kept = database.rows(select(workers.c.owner).order_by(workers.c.since), {})
    assert kept == [("there",), ("other",), ("new",), ("newer",), ("x",)]
    database.rollback()
