"""Settings: from the environment or a file, typed, and never quoted where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import PREFIX, SettingsError, read_settings, settings_table

TOKEN = "123456:ABC-def_0"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and an environment without settings, but for a token."""
    monkeypatch.chdir(tmp_path)
    for name in ("OWNER_IDS", "DATABASE_URL", "API_BASE", "LOG_LEVEL", "POLICY_FILE"):
        monkeypatch.delenv(PREFIX + name, raising=False)
    monkeypatch.setenv(f"{PREFIX}BOT_TOKEN", TOKEN)


def wrong(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    return str(caught.value)


def test_a_token_is_enough() -> None:
    settings = read_settings()
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.database_url == "sqlite:///returndesk.db"
    assert settings.owner_ids == ()
    assert settings.policy_file is None


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}POLICY_FILE", "")
    assert read_settings().policy_file is None
    assert "BOT_TOKEN is not set" in wrong("BOT_TOKEN", "", monkeypatch)


def test_owners_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}OWNER_IDS", " 7, 8,")
    assert read_settings().owner_ids == (7, 8)


@pytest.mark.parametrize("ids", ["olga", "7;8", "-100", "07", "1.5"])
def test_what_is_no_telegram_id_owns_nothing(ids: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = wrong("OWNER_IDS", ids, monkeypatch)
    assert said == (
        "RETURNDESK_OWNER_IDS is wrong: Telegram ids are whole numbers, separated by commas"
    )


@pytest.mark.parametrize("token", ["ABC", "123456", "123456:", "123456:AB C", "bot123:ABC"])
def test_a_wrong_token_is_not_quoted(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = wrong("BOT_TOKEN", token, monkeypatch)
    assert said.startswith("RETURNDESK_BOT_TOKEN is wrong: a token such as")
    assert token not in said.replace("123456:ABC-def", "")


def test_secrets_stay_out_of_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}LINK_SECRET", "hush")
    settings = read_settings()
    assert TOKEN not in repr(settings)
    assert "hush" not in repr(settings)
    assert settings.secret == "hush"


def test_links_are_signed_with_the_token_where_there_is_no_other_secret() -> None:
    assert read_settings().secret == TOKEN


def test_the_environment_comes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"{PREFIX}LOG_LEVEL=debug\n{PREFIX}OWNER_IDS=1\n")
    monkeypatch.setenv(f"{PREFIX}OWNER_IDS", "2")
    settings = read_settings()
    assert (settings.log_level, settings.owner_ids) == ("DEBUG", (2,))


def test_the_table_has_every_setting() -> None:
    table = settings_table()
    assert "| `RETURNDESK_BOT_TOKEN` | **needed** | the token that @BotFather gave |" in table
    assert "| `RETURNDESK_POLICY_FILE` | — | a TOML file" in table
    assert table.count("\n") == len(type(read_settings()).model_fields) + 1
