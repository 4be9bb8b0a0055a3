"""One frozen Config: what the caller says, else the environment, else a file, else the default.

Every field is a variable `NDC_OMS_<FIELD>`, and a key of a TOML file
that `--config` or `NDC_OMS_CONFIG` names. A wrong value or an unknown key of the file is a
ValidationError that names it.
"""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

FILE_VARIABLE: Final = "NDC_OMS_CONFIG"
DATABASE: Final = "ndc-oms.sqlite3"  # in the data folder, unless a URL is set
SECRET_BYTES: Final = 32
MIN_SECRET: Final = 16  # characters of a secret that is set by hand


class Config(BaseSettings):
    """Paths may be relative to the working folder. Times are seconds, sizes bytes."""

    model_config = SettingsConfigDict(env_prefix="NDC_OMS_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for all")
    port: int = Field(8080, ge=0, le=65535, description="0 takes any free port")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*[^\s/?#])?)?$",
        description="under which sellers and payers reach it; by default where it listens",
    )
    workers: int = Field(1, ge=1, le=256, description="processes that share the port")
    data: Path = Field(Path("data"), description="folder of the database and the secret")
    database: str = Field("", description="SQLAlchemy URL; by default SQLite in the data folder")
    world: Path | None = Field(None, description="folder of the airline; by default the demo's")
    schemas: Path | None = Field(
        None, description="folder of IATA's schemas; by default the server's own profile"
    )
    secret: SecretStr | None = Field(
        None, description="signs offers, keys hashes; by default made once in the data folder"
    )
    pss: str = Field("simulator", description="name of the PSS adapter's entry point")
    payment: str = Field("simulator", description="name of the payment gateway")
    test_mode: bool = Field(True, description="demo seller, magic values, a clock that moves")
    deliver: bool = Field(True, description="run the fulfilment worker inside serve")

    reply_deadline_s: PositiveFloat = Field(
        8.0, description="how long OrderCreate waits for tickets before it says what is pending"
    )
    header_timeout_s: PositiveFloat = Field(10.0, description="to send a request's head")
    body_timeout_s: PositiveFloat = Field(15.0, description="to send a request's body")
    keepalive_s: PositiveFloat = Field(75.0, description="an idle connection is closed after it")
    shutdown_s: PositiveFloat = Field(30.0, description="grace for what is in flight")
    max_body_bytes: PositiveInt = Field(2 * 1024 * 1024, description="of a message, unpacked")
    max_connections: PositiveInt = Field(1000, description="open in a process; more get 503")

    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: for people on a terminal, else a JSON object a line"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def base_url(self) -> str:
        """Without a stroke at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{self.data.absolute() / DATABASE}"

    def secret_bytes(self) -> bytes:
        """The secret that is set; else the one in `data/secret`, made there once, mode 0600.

        Raises ValueError for one too short to protect anything.
        """
        if self.secret is not None:
            return _long_enough(self.secret.get_secret_value().encode(), "NDC_OMS_SECRET")
        path = self.data / "secret"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            _make_secret(path)
        return _long_enough(path.read_bytes().strip(), str(path))


def load(file: Path | None = None, **options: Any) -> Config:
    """options: those the caller sets; None means not set. Raises FileNotFoundError for a file
    that is named and not there, pydantic.ValidationError for wrong values.
    """
    named = file or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
    if named is not None and not named.is_file():
        raise FileNotFoundError(f"no configuration file {named}")
    given = {name: value for name, value in options.items() if value is not None}

    # pydantic-settings asks the class where to read, so each load has a class of its own
    class Loaded(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — the base names it
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — the base names it
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file_settings = TomlConfigSettingsSource(settings_cls, named)
            return init_settings, env_settings, file_settings

    return Config.model_construct(**Loaded(**given).model_dump())


def _make_secret(path: Path) -> None:
    """Whole or not at all, and by one process only, however many start at once."""
    own = path.with_name(f"secret.{os.getpid()}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secrets.token_hex(SECRET_BYTES).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(own)
    own.unlink()


def _long_enough(secret: bytes, where: str) -> bytes:
    if len(secret) < MIN_SECRET:
        raise ValueError(f"the secret of {where} is shorter than {MIN_SECRET} characters")
    return secret
