"""Where settings come from, and the secret."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ndc_oms.config import Config, load


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NDC_OMS_CONFIG", raising=False)
    config = load()
    assert (config.host, config.port) == ("127.0.0.1", 8080)
    assert config.database_url.startswith("sqlite+aiosqlite:////")
    assert config.database_url.endswith("/data/ndc-oms.sqlite3")
    assert len(Config.model_fields) <= 25


def test_options_go_before_environment_before_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ndc.toml"
    file.write_text('port = 1\nhost = "0.0.0.0"\nlog_level = "debug"\n')
    monkeypatch.setenv("NDC_OMS_CONFIG", str(file))
    monkeypatch.setenv("NDC_OMS_PORT", "2")
    monkeypatch.setenv("NDC_OMS_HOST", "127.0.0.2")
    config = load(port=3, host=None)
    assert (config.port, config.host, config.log_level) == (3, "127.0.0.2", "debug")


@pytest.mark.parametrize("text", ["prt = 1", "port = 99999", 'log_format = "xml"', "secret = 1"])
def test_a_wrong_file_is_an_error_that_names_the_field(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ndc.toml"
    file.write_text(text)
    with pytest.raises(ValidationError, match=text.split(maxsplit=1)[0]):
        load(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no configuration file"):
        load(tmp_path / "none.toml")


def test_it_is_frozen() -> None:
    with pytest.raises(ValidationError):
        load().port = 1  # type: ignore[misc]


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    first = load(data=data).secret_bytes()
    assert len(first) == 64
    assert load(data=data).secret_bytes() == first
    assert (data / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data.iterdir()] == ["secret"]


def test_a_secret_of_ones_own(tmp_path: Path) -> None:
    config = load(data=tmp_path, secret="a secret of enough characters")
    assert config.secret_bytes() == b"a secret of enough characters"
    assert "enough" not in repr(config)
    with pytest.raises(ValueError, match="shorter"):
        load(data=tmp_path, secret="short").secret_bytes()


def test_the_public_url_goes_before_the_address_it_listens_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load(port=81).base_url == "http://127.0.0.1:81"
    monkeypatch.setenv("NDC_OMS_PUBLIC_URL", "https://ndc.example.com/oms")
    assert load(port=81).base_url == "https://ndc.example.com/oms"
    assert load(public_url="http://a.example").base_url == "http://a.example"


@pytest.mark.parametrize(
    "wrong",
    ["ndc.example.com", "https://ndc.example.com/", "ftp://a", "https://a b", "https://a?b"],
)
def test_a_public_url_that_nothing_can_be_put_behind_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        load(public_url=wrong)
