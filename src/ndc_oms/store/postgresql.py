"""PostgreSQL: the only place that knows its driver, its settings and its dialect.

Other processes write at the same time, here and on other machines. What a unit decides on is held
by transaction locks under the names that it gives, all of a batch taken at once and in order;
rows are guarded by the statements themselves. A batch that gets in another's way all the same is
undone by the database and comes again. READ COMMITTED, so that after waiting for a lock a
statement sees what its holder wrote.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from typing import Any, Final, NoReturn, TypeVar

import asyncpg
import uvloop
from sqlalchemy import Table, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.dialects.postgresql import asyncpg as dialects
from sqlalchemy.engine import URL
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from ndc_oms.store.compiling import Calls, Given, Parameters, as_values, names_of
from ndc_oms.store.hand import ContendedError, DuplicateError, Rows, StorageError

T = TypeVar("T")

_DIALECT: Final = dialects.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's gap
CALLS: Final = Calls(_DIALECT)
CONNECT_S: Final = 10.0
WAIT_MS: Final = 10_000  # for what another process holds; no transaction is long
BROKEN: Final = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # met where a server ended a connection in the midst of a message
    asyncpg.PostgresConnectionError,
    OSError,
    TimeoutError,
)
_CONTENDED: Final = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
_FOR_WRITING: Final = {
    "application_name": "ndc-oms writer",
    "synchronous_commit": "on",  # an answer is given after the commit is on disk
    "default_transaction_isolation": "read committed",
    "lock_timeout": str(WAIT_MS),
    "idle_in_transaction_session_timeout": "60000",  # a writer that hangs frees its locks
}
_FOR_READING: Final = {
    "application_name": "ndc-oms reader",
    "default_transaction_read_only": "on",
    "statement_timeout": str(WAIT_MS),
}


async def connect(url: URL, *, writes: bool) -> asyncpg.Connection:
    """Raises StorageError for a server that is not there, or does not let us in."""
    _, options = _DIALECT.create_connect_args(url)  # type: ignore[no-untyped-call]  # the same
    settings = _FOR_WRITING if writes else _FOR_READING
    try:
        return await asyncpg.connect(**options, timeout=CONNECT_S, server_settings=settings)
    except asyncpg.InvalidCatalogNameError as error:
        raise StorageError(
            f"There is no database {url.database!r}: createdb {url.database}", certain=True
        ) from error
    except (asyncpg.PostgresError, *BROKEN) as error:
        shown = url.render_as_string(hide_password=True)
        raise StorageError(f"{shown}: {error or type(error).__name__}", certain=True) from error


class PostgresqlDatabase:
    """`hand.Database` on one connection, with an event loop of its own in the writer's thread."""

    def __init__(self, url: URL) -> None:
        self._loop = uvloop.new_event_loop()
        self._alike: dict[tuple[str, Any], Executable] = {}
        self._url = url
        try:
            self._connection = self._loop.run_until_complete(connect(url, writes=True))
        except BaseException:
            self._loop.close()
            raise

    # -- statements ----------------------------------------------------------------------------

    def rows(self, statement: Executable, parameters: Parameters) -> Rows:
        sql, bind = CALLS(statement)
        found = self._run(self._connection.fetch(sql, *bind(parameters)))
        return [tuple(row) for row in found]

    def rows_each(self, statement: Executable, each: Sequence[Parameters]) -> list[Rows]:
        if len(each) < 2:
            return [self.rows(statement, parameters) for parameters in each]
        sql, bind = CALLS(self._once("rows", statement))
        found: list[Rows] = [[] for _ in each]
        for at, *row in self._run(self._connection.fetch(sql, *bind(_columns(statement, each)))):
            found[at - 1].append(tuple(row))
        return found

    def change(self, statement: Executable, each: Sequence[Given]) -> int:
        if len(each) == 1:
            sql, bind = CALLS(statement)
            done = self._run(self._connection.execute(sql, *bind(each[0])))
        else:
            sql, bind = CALLS(self._once("change", statement))
            done = self._run(self._connection.execute(sql, *bind(_columns(statement, each))))
        return int(done.rpartition(" ")[2])

    def insert(self, table: Table, rows: Sequence[Given]) -> None:
        sql, bind = CALLS(self._once("insert", table))
        self._run(self._connection.execute(sql, *bind(_columns(table, rows))))

    def insert_new(self, table: Table, rows: Sequence[Given]) -> None:
        sql, bind = CALLS(self._once("insert new", table))
        self._run(self._connection.execute(sql, *bind(_columns(table, rows))))

    def insert_where(
        self, table: Table, rows: Sequence[Given], free: ColumnElement[bool]
    ) -> list[bool]:
        sql, bind = CALLS(_insert_each_where(table, free))
        values = as_values(table, rows)
        keys = self._run(self._connection.fetch(sql, *bind(_columns(table, values))))
        added = {tuple(key) for key in keys}
        at = [table.columns.keys().index(each.key) for each in table.primary_key.columns]
        return [tuple(row[place] for place in at) in added for row in values]

    def _once(self, how: str, what: Any) -> Executable:
        """The statement that does for many at once what `what` does for one."""
        made = self._alike.get((how, what))
        if made is None:
            made = self._alike[how, what] = _MANY[how](what)
        return made

    # -- transaction ---------------------------------------------------------------------------

    def begin(self, alone: Iterable[str]) -> None:
        # one journey for both; whole numbers of our own making need no parameters
        keys = ",".join(str(key) for key in sorted({lock_key(name) for name in alone}))
        take = f"; SELECT pg_advisory_xact_lock(k) FROM unnest('{{{keys}}}'::bigint[]) k"  # noqa: S608
        sql = "BEGIN" + (take if keys else "")
        try:
            self._loop.run_until_complete(self._connection.execute(sql))
        except (asyncpg.PostgresError, *BROKEN) as error:
            if not self._connection.is_closed():
                _refuse(error)
            # the server was started anew, or a firewall forgot us; nothing had begun
            self._connection = self._loop.run_until_complete(connect(self._url, writes=True))
            self._run(self._connection.execute(sql))

    def commit(self) -> None:
        try:
            self._loop.run_until_complete(self._connection.execute("COMMIT"))
        except (asyncpg.PostgresError, *BROKEN) as error:
            raise StorageError(str(error), certain=False) from error

    def rollback(self) -> None:
        self._run(self._connection.execute("ROLLBACK"))

    def mark(self) -> None:
        self._run(self._connection.execute("SAVEPOINT unit"))

    def keep(self) -> None:
        self._run(self._connection.execute("RELEASE unit"))

    def undo(self) -> None:
        self._run(self._connection.execute("ROLLBACK TO unit; RELEASE unit"))

    def close(self) -> None:
        with suppress(Exception):  # it is given up; its transaction is undone all the same
            self._loop.run_until_complete(self._connection.close(timeout=1))
        with suppress(Exception):
            self._connection.terminate()
            self._loop.run_until_complete(asyncio.sleep(0))  # the transport closes on the loop
        self._loop.close()

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run_until_complete(call)
        except (asyncpg.PostgresError, *BROKEN) as error:
            _refuse(error)


def lock_key(name: str) -> int:
    """64 bits, as advisory locks want them. Two names that meet only wait for each other."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def _refuse(error: Exception) -> NoReturn:
    """A unique key that is taken is the unit's affair, and so are wrong statements and every
    other constraint (bugs); all else is the database's.
    """
    if isinstance(error, asyncpg.UniqueViolationError):
        raise DuplicateError(str(error)) from error
    if isinstance(error, _CONTENDED):
        raise ContendedError(str(error)) from error
    if isinstance(
        error,
        asyncpg.IntegrityConstraintViolationError
        | asyncpg.DataError
        | asyncpg.SyntaxOrAccessError
        | asyncpg.InFailedSQLTransactionError,
    ):
        raise error
    raise StorageError(str(error) or type(error).__name__, certain=True) from error


# -- for many at once ----------------------------------------------------------------------------
# Each parameter becomes a list, the lists become a table, and the statement is joined with it.


def _columns(what: Table | Executable, each: Sequence[Given]) -> dict[str, tuple[Any, ...]]:
    return dict(zip(names_of(what), zip(*as_values(what, each), strict=True), strict=True))


def _given(types: dict[str, Any], *, numbered: bool = False) -> Any:  # a FROM clause
    lists = (func.unnest(*(_list(name, kind) for name, kind in types.items()))).table_valued(
        *(column(name, kind) for name, kind in types.items()),
        **({"with_ordinality": "number_"} if numbered else {}),
    )
    return lists.render_derived()


def _list(name: str, kind: Any) -> BindParameter[Any]:
    return BindParameter(name, type_=ARRAY(kind), required=True)


def _joined(statement: Any, *, numbered: bool = False) -> tuple[Any, Any]:
    """The statement with the given table's columns for its parameters, and that table."""
    compiled = statement.compile(dialect=_DIALECT)
    given = _given(
        {bind.key: bind.type for bind in compiled.binds.values() if bind.required},
        numbered=numbered,
    )
    return _put(given, statement), given


def _put(given: Any, statement: Any) -> Any:
    """The columns of the given table for the parameters of a statement, or of a condition."""

    def replace(element: Any, **_: Any) -> Any:
        wanted = isinstance(element, BindParameter) and element.required
        return given.c[element.key] if wanted else None

    return visitors.replacement_traverse(statement, {}, replace)


def _rows_of_each(statement: Any) -> Executable:
    joined, given = _joined(statement, numbered=True)
    found = joined.lateral("found")
    return select(given.c.number_, *found.c).select_from(given.join(found, onclause=true()))


def _insert_each(table: Table, free: ColumnElement[bool] | None = None) -> Insert:
    """free: of the rows that are inserted; None: all."""
    names = [each.name for each in table.columns]
    given = _given({each.name: each.type for each in table.columns})
    rows = select(*(given.c[name] for name in names))
    return insert(table).from_select(names, rows if free is None else rows.where(_put(given, free)))


@cache
def _insert_each_where(table: Table, free: ColumnElement[bool]) -> Executable:
    made = _insert_each(table, free).on_conflict_do_nothing()
    return made.returning(*table.primary_key.columns)


_MANY: Final[Mapping[str, Callable[[Any], Executable]]] = {
    "rows": _rows_of_each,
    "change": lambda statement: _joined(statement)[0],
    "insert": _insert_each,
    "insert new": lambda table: _insert_each(table).on_conflict_do_nothing(),
}
