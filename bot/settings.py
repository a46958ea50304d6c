"""Settings from the environment or a `.env` file, prefix `RETURNDESK_`.

Secrets are `SecretStr`: they never appear in a log or a traceback by accident.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "RETURNDESK_"
_MISSING = "{} is not set: put it into the environment or into .env"

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_ID = re.compile(r"[1-9][0-9]{0,15}")


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one clear line that names it."""


class Settings(BaseSettings):
    """Everything an installation decides."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    bot_token: SecretStr = Field(description="the token that @BotFather gave")
    api_base: str = Field(
        default="https://api.telegram.org",
        description="where the Bot API answers: Telegram, a self-hosted server or the playground",
    )
    database_url: str = Field(
        default="sqlite:///returndesk.db",
        description="`sqlite:///file.db` or `postgresql://user:password@host/name`",
    )
    owner_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(), description="Telegram ids of the admins, separated by commas"
    )
    zone: str = Field(
        default="UTC",
        description="the time zone of the staff, such as `Europe/Moscow`; customers have the one "
        "of their orders and sellers their own",
    )
    support_chat: int | None = Field(
        default=None,
        le=-1,
        description="the id of a group of the staff with topics, where the bot may make some: each "
        "dispute has one there",
    )
    policy_file: Path | None = Field(
        default=None,
        description="a TOML file with the rules that differ from the defaults; they hold until two "
        "admins switch on others in the chat, and from then on those do, also after a restart",
    )
    link_secret: SecretStr | None = Field(
        default=None,
        description="signs order links; without it the key is derived from the token",
    )
    orders_folder: Path = Field(
        default=Path("orders-inbox"), description="a running bot takes order files from here"
    )
    evidence_folder: Path = Field(
        default=Path("evidence"), description="where photos are kept after they were fetched"
    )
    backup_folder: Path = Field(
        default=Path("backups"), description="where `returndesk backup` writes"
    )
    retention_days: int = Field(
        default=180,
        ge=1,
        description="for how long words, photos, names and phones of closed returns are kept",
    )
    health_listen: str | None = Field(
        default=None,
        description="`HOST:PORT` where a running bot answers `/healthz`, `/readyz` and `/metrics`",
    )
    webhook_url: str | None = Field(
        default=None,
        description="where Telegram posts updates when the bot is run with `--webhook`",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="what Telegram must send along: 16 to 256 of `A-Z`, `a-z`, `0-9`, `_`, `-`",
    )
    webhook_listen: str = Field(
        default="127.0.0.1:8080",
        description="where the bot itself listens for them, behind whoever speaks TLS",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="how much is logged"
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="`json` for machines, `text` for people"
    )

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("a token such as 123456:ABC-def is expected")
        return value

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(_ID.fullmatch(part) for part in parts):
            raise ValueError("Telegram ids are whole numbers, separated by commas")
        return tuple(map(int, parts))

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("api_base")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("it must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("webhook_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is not None and not re.match("https?://[^/]", value):
            raise ValueError("it must begin with https://")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _unguessable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("16 to 256 letters, digits, _ and - are expected")
        return value

    @field_validator("health_listen", "webhook_listen")
    @classmethod
    def _place(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _PLACE.fullmatch(value) or int(value.rpartition(":")[2]) >= 2**16:
            raise ValueError("an address such as 127.0.0.1:8080 is expected")
        return value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        # To list them all is to look at six hundred files.
        if value != "UTC" and value not in available_timezones():
            raise ValueError("there is no time zone of this name")
        return value

    @field_validator("database_url")
    @classmethod
    def _dialect(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "sqlite+", "postgresql+")):
            raise ValueError("it must begin with sqlite:/// or postgresql://")
        return value

    @property
    def webhook(self) -> tuple[str, str]:
        """The address and the secret of the webhook. Raises SettingsError where one is missing."""
        if self.webhook_url is None:
            raise SettingsError(_MISSING.format(PREFIX + "WEBHOOK_URL"))
        if self.webhook_secret is None:
            raise SettingsError(_MISSING.format(PREFIX + "WEBHOOK_SECRET"))
        return self.webhook_url, self.webhook_secret.get_secret_value()

    @property
    def health(self) -> str:
        """Where a running bot is asked how it is. Raises SettingsError if it does not listen."""
        if self.health_listen is None:
            raise SettingsError(_MISSING.format(PREFIX + "HEALTH_LISTEN"))
        return self.health_listen

    @property
    def rules_name(self) -> str:
        """What the rules of the settings are called: as their file."""
        return self.policy_file.stem if self.policy_file else "built-in"

    @property
    def secret(self) -> str:
        """The key that signs order links."""
        return (self.link_secret or self.bot_token).get_secret_value()


def read_settings(**given: object) -> Settings:
    """Read the settings. Raises SettingsError with one line that names what is wrong."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"][:1]).upper()
        if first["type"] == "missing":
            raise SettingsError(_MISSING.format(name)) from None
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{name} is wrong: {reason}") from None


def settings_table() -> str:
    """The settings as a Markdown table, for the README."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "**needed**" if field.is_required() else _shown(field.default)
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def _shown(default: object) -> str:
    return "—" if default in (None, ()) else f"`{default}`"
