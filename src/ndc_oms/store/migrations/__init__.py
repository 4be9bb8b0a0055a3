"""The schema's history, for Alembic. One file a revision; a released one is never edited."""

from typing import Final

HEAD: Final = "0008"  # the newest revision: known without loading Alembic, so opening is fast
