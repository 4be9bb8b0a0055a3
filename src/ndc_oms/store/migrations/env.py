"""Run by Alembic: migrates the connection that `migrate.py` hands over.

On the command line (`alembic -x url=sqlite:///… upgrade head`) it opens one itself.
"""

from alembic import context
from sqlalchemy import Connection, create_engine

from ndc_oms.store.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,  # SQLite alters a table by copying it
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    _run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        _run(opened)
