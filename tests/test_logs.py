"""Nothing secret reaches the log, whoever logs it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure_logs

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs("DEBUG", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_token_in_a_librarys_message_is_redacted(log: io.StringIO) -> None:
    logging.getLogger("somebody.else").warning("GET /bot%s/getMe failed", TOKEN)
    assert TOKEN not in log.getvalue()
    assert "<token>" in log.getvalue()


def test_a_phone_in_a_field_is_redacted(log: io.StringIO) -> None:
    structlog.get_logger("ours").info("asked", who="call +79161234567 now")
    assert json.loads(log.getvalue())["who"] == "call <phone> now"


def test_an_exception_is_logged_without_its_message(log: io.StringIO) -> None:
    try:
        raise ValueError(f"could not open {TOKEN}: my dog ate it")
    except ValueError:
        structlog.get_logger("ours").exception("it failed")
    line = json.loads(log.getvalue())
    assert line["error"] == "ValueError"
    assert "dog" not in log.getvalue()
    assert any("test_an_exception" in frame for frame in line["frames"])
