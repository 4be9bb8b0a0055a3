"""A backup: one file with everything that a house keeps, taken while it is at work.

A tar archive: manifest.json, the database, the databases of simulated other sides (whatever
`*.sqlite3` lies in the data folder), and the secret that signs offers. Our own database is copied
first. What is copied after it is newer, which is what fulfilment is made for: an effect that the
other side has and we do not know of is asked about before it is sent again. The other way round
would be a loss. The file holds personal data and the secret: nobody else may read it (0600).
"""

# ruff: noqa: ASYNC240  # a command: nothing else waits on its loop

import asyncio
import json
import os
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ndc_oms import __version__
from ndc_oms.errors import Invalid, NotAllowed, NotFound
from ndc_oms.store.place import Place, place_of
from ndc_oms.store.sqlite import copy

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
FOLDER: Final = "data"  # in the archive: what lies in the data folder
SECRET: Final = "secret"  # noqa: S105  # the name of its file
COMPRESSION: Final = 1  # four fifths of the best, in a fifth of the time


async def back_up(database_url: str, data: Path, file: Path) -> int:
    """Writes `file`, whole or not at all; its size in bytes.

    Raises NotFound where there is no database, NotAllowed where the file is there already,
    Unavailable where a program that it takes is missing, StorageError, OSError.
    """
    place = place_of(database_url)
    if file.exists():
        raise NotAllowed(f"{file} is there already.", remedy="Name a new file.")
    if await place.revision() is None:
        raise NotFound(f"There is no database at {place.shown}.", remedy="Check --data.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        work = Path(folder)
        await place.dump(work / DATABASE)
        await asyncio.to_thread(_collect, place, data, work / FOLDER)
        (work / MANIFEST).write_text(json.dumps(await _manifest(place)))
        await asyncio.to_thread(_pack, work, file)
    return file.stat().st_size


async def _manifest(place: Place) -> dict[str, Any]:
    return {
        "kind": place.kind,
        "revision": await place.revision(),
        "version": __version__,
        "made_at": datetime.now(UTC).isoformat(),
    }


def _collect(place: Place, data: Path, into: Path) -> None:
    into.mkdir()
    for database in sorted(data.rglob("*.sqlite3")):
        if database.resolve() != Path(place.shown).resolve():
            kept = into / database.relative_to(data)
            kept.parent.mkdir(parents=True, exist_ok=True)
            copy(database, kept)
    if (data / SECRET).is_file():
        shutil.copy2(data / SECRET, into / SECRET)


def _pack(work: Path, file: Path) -> None:
    draft = work / "archive"
    with (
        os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out,
        tarfile.open(fileobj=out, mode="w:gz", compresslevel=COMPRESSION) as archive,
    ):
        for name in (MANIFEST, DATABASE, FOLDER):
            archive.add(work / name, name)
        archive.close()
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """So that the name outlives a power loss too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def restore(database_url: str, data: Path, file: Path) -> dict[str, Any]:
    """Puts everything back, into a data folder and a database that are empty; the manifest.

    Raises NotFound for a file that is not there, Invalid for one that is no backup or is of
    another kind of database, NotAllowed where something is in the way, Unavailable where a
    program that it takes is missing, StorageError, OSError. Then nothing was restored.
    """
    place = place_of(database_url)
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    if data.exists() and any(data.iterdir()):
        raise NotAllowed(
            f"{data} is not empty.", remedy="Restore into a new folder, then serve that."
        )
    if await place.is_there():
        raise NotAllowed(
            f"{place.shown} has tables already.", remedy="Restore into an empty database."
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data.parent) as folder:
        work = Path(folder)
        await asyncio.to_thread(_unpack, file, work)
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text())
        if manifest["kind"] != place.kind:
            raise Invalid(
                f"{file} is of a {manifest['kind']} database.",
                remedy=f"Name one with --database; {place.shown} is not.",
            )
        (work / FOLDER).chmod(0o755)
        if data.exists():
            data.rmdir()
        (work / FOLDER).rename(data)
        try:
            await place.load(work / DATABASE)  # last: without it nothing was restored
        except BaseException:
            shutil.rmtree(data)
            raise
    os.sync()
    return manifest


def _unpack(file: Path, into: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                if not _is_ours(member):
                    raise Invalid(f"{file} is no backup: it has {member.name!r} in it.")
            archive.extractall(into, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Invalid(f"{file} is no whole backup.") from error
    if not all((into / name).exists() for name in (MANIFEST, DATABASE, FOLDER)):
        raise Invalid(f"{file} is no whole backup.")


def _is_ours(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    known = path.parts[:1] in {(MANIFEST,), (DATABASE,), (FOLDER,)}
    return known and ".." not in path.parts and (member.isfile() or member.isdir())
