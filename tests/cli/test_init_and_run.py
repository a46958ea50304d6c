"""`returndesk init` and `returndesk run`: what is missing or wrong is named in one clear line."""

from __future__ import annotations

import asyncio
import shutil
import socket
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession

from bot.playground.server import make_app, serve
from bot.playground.telegram import Telegram
from storage import migrate
from storage.engines import shares_safely
from tests.cli.shell import ROOT, TOKEN, Running, Shell
from tests.ports import free_port

NOWHERE = "http://127.0.0.1:9"


def test_init_creates_everything_and_may_be_called_again(shell: Shell) -> None:
    first, second = shell("init"), shell("init")
    assert (first.status, second.status) == (0, 0)
    assert "returndesk run" in first.out
    assert (shell.folder / "returndesk.db").is_file()
    assert (shell.folder / "orders-inbox").is_dir()


def test_run_on_older_tables_says_what_to_call(installed: Shell) -> None:
    installed.sql("UPDATE alembic_version SET version_num = '0000'")
    refused = installed("run")
    assert refused.status == 1
    assert "older than this program" in refused.line
    assert "returndesk init" in refused.line


def test_init_brings_tables_up_to_date(installed: Shell) -> None:
    asyncio.run(migrate.downgrade(f"sqlite:///{installed.folder}/returndesk.db", "base"))
    assert installed("init").status == 0
    assert installed.sql("SELECT count(*) FROM orders") == [(0,)]


def test_init_says_which_folder_is_missing(shell: Shell) -> None:
    shell.settings["DATABASE_URL"] = f"sqlite:///{shell.folder}/nowhere/desk.db"
    refused = shell("init")
    assert refused.status == 1
    assert "there is no folder" in refused.line
    assert "nowhere" in refused.line


def test_run_without_init_says_what_to_call(shell: Shell) -> None:
    refused = shell("run")
    assert refused.status == 1
    assert "returndesk init" in refused.line
    assert not (shell.folder / "returndesk.db").exists()


def test_a_missing_setting_is_named(shell: Shell) -> None:
    shell.settings.clear()
    refused = shell("run")
    assert refused.status == 1
    assert refused.line.startswith("RETURNDESK_BOT_TOKEN is not set")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "not-a-token"),
        ("API_BASE", "telegram.example"),
        ("DATABASE_URL", "mysql://desk"),
        ("OWNER_IDS", "1, olga"),
        ("ZONE", "Mars/Base"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(shell: Shell, name: str, value: str) -> None:
    shell.settings[name] = value
    refused = shell("run")
    assert refused.status == 1
    assert refused.line.startswith(f"RETURNDESK_{name} is wrong: ")
    assert value not in refused.line


def test_settings_are_read_from_a_file_and_the_environment_comes_first(installed: Shell) -> None:
    installed.settings.clear()
    (installed.folder / ".env").write_text(
        "RETURNDESK_BOT_TOKEN=42:from-the-file\nRETURNDESK_LOG_LEVEL=loud\n"
    )
    assert installed("run").line.startswith("RETURNDESK_LOG_LEVEL is wrong")
    installed.settings["LOG_LEVEL"] = "INFO"
    installed("orders", "import", str(ROOT / "bot" / "playground" / "orders.csv"))
    linked = installed("orders", "links", "--bot", "desk_bot", "1001-0001")
    assert linked.status == 0
    assert linked.out.startswith("1001-0001 https://t.me/desk_bot?start=o")


def test_a_wrong_key_of_the_policy_is_named_with_its_line(installed: Shell) -> None:
    (installed.folder / "rules.toml").write_text("[ship]\ndays = 7\nfortnights = 1\n")
    installed.settings["POLICY_FILE"] = "rules.toml"
    refused = installed("run")
    assert refused.status == 1
    assert refused.line.startswith("RETURNDESK_POLICY_FILE is wrong: rules.toml: line 3: ")
    assert "fortnights" in refused.line


def test_a_policy_that_is_not_there_is_named(installed: Shell) -> None:
    installed.settings["POLICY_FILE"] = "rules.toml"
    refused = installed("run")
    assert refused.status == 1
    assert refused.line.startswith("RETURNDESK_POLICY_FILE is wrong: rules.toml: ")


def test_rules_in_force_of_a_newer_program_are_named_and_nothing_is_decided_without_them(
    installed: Shell,
) -> None:
    installed.sql("""INSERT INTO policies VALUES ('new', '{"tomorrow":{"days":7}}', 0)""")
    installed.sql("INSERT INTO rules VALUES (3, 'new', 'week', 0, 1, 2)")
    refused = installed("run")
    assert refused.status == 1
    assert "the rules in force, week (version 3), are not understood" in refused.line
    assert refused.line.endswith("upgrade this one")


async def test_a_token_that_telegram_does_not_know_ends_the_run(
    installed: Shell, telegram: Telegram
) -> None:
    installed.settings["BOT_TOKEN"] = "42:somebody-elses"
    refused = await installed.later("run")
    assert refused.status == 1
    assert "RETURNDESK_BOT_TOKEN" in refused.line
    assert "somebody-elses" not in refused.err


async def test_a_running_bot_answers_and_stops_when_asked(
    bot: Running, installed: Shell, telegram: Telegram
) -> None:
    anna = telegram.add_person("Anna", "en")
    anna.start()
    await anna.sees("return")
    if not shares_safely():
        refused = await installed.later("run")
        assert refused.status == 1
        assert "another process uses the database" in refused.line
    stopped = await bot.stop()
    assert stopped.status == 0
    assert "Traceback" not in stopped.err


async def test_a_bot_stops_also_while_telegram_cannot_be_reached(installed: Shell) -> None:
    installed.settings["API_BASE"] = NOWHERE
    running = await installed.start("run")
    try:
        await running.says("cannot be reached")
        assert (await running.stop()).status == 0
    finally:
        await running.kill()


async def test_what_needs_no_telegram_works_while_it_cannot_be_reached_yet(
    installed: Shell,
) -> None:
    telegram_port, health = free_port(), f"127.0.0.1:{free_port()}"
    installed.settings |= {
        "API_BASE": f"http://127.0.0.1:{telegram_port}",
        "HEALTH_LISTEN": health,
    }
    orders = installed.folder / "orders-inbox"
    orders.mkdir()
    shutil.copy(ROOT / "bot" / "playground" / "orders.csv", orders)
    bot = await installed.start("run")
    try:
        await bot.says("Telegram cannot be reached")
        assert await asked(health, "healthz") == (200, {"lives": True})
        assert await asked(health, "readyz") == (503, NOT_HEARD)
        told = await installed.later("health")
        assert (told.status, told.out) == (1, "not ready: telegram is not heard\n")
        await bot.says("orders imported")
        assert (orders / "done" / "orders.csv.report.txt").is_file()

        telegram = Telegram(lambda: datetime.now(UTC), TOKEN, "return_desk_bot")
        server = await serve(make_app(telegram), port=telegram_port)
        anna = telegram.add_person("Anna", "en")
        anna.start()
        await anna.sees("return")
        assert await asked(health, "readyz") == (200, {"ready": True, "wrong": []})
        told = await installed.later("health")
        assert (told.status, told.out) == (0, "ready\n")
        stopped = await bot.stop()
        await server.close()
    finally:
        await bot.kill()
    assert stopped.status == 0
    assert sum("cannot be reached" in line for line in bot.said) == 1


def test_an_address_that_somebody_else_has_is_told_in_one_line(installed: Shell) -> None:
    with socket.socket() as another:
        another.bind(("127.0.0.1", 0))
        another.listen()
        place = f"127.0.0.1:{another.getsockname()[1]}"
        installed.settings["HEALTH_LISTEN"] = place
        ended = installed("run")
    assert ended.status == 1
    assert ended.line == f"{place} cannot be listened at: Address already in use"


@pytest.mark.parametrize("place", ["127.0.0.1:70000", "nowhere.invalid:8080"])
def test_an_address_that_is_none_is_told_in_one_line(installed: Shell, place: str) -> None:
    installed.settings["HEALTH_LISTEN"] = place
    ended = installed("run")
    assert ended.status == 1
    assert place in ended.line or "RETURNDESK_HEALTH_LISTEN" in ended.line


async def test_health_says_in_a_line_why_there_is_no_answer(installed: Shell) -> None:
    unset = installed("health")
    assert (unset.status, unset.line[:38]) == (1, "RETURNDESK_HEALTH_LISTEN is not set: p")
    place = f"127.0.0.1:{free_port()}"
    installed.settings["HEALTH_LISTEN"] = place
    nobody = installed("health")
    assert (nobody.status, nobody.line) == (1, f"no bot answers at {place}: Connection refused")
    telegram = Telegram(lambda: datetime.now(UTC), TOKEN, "return_desk_bot")
    server = await serve(make_app(telegram), port=int(place.rpartition(":")[2]))
    another = await installed.later("health")
    await server.close()
    assert (another.status, another.line) == (1, f"what answers at {place} is no Return Desk")


NOT_HEARD = {"ready": False, "wrong": ["telegram is not heard"]}


async def asked(address: str, path: str) -> tuple[int, object]:
    """What a running bot answers to machines."""
    async with ClientSession() as client, client.get(f"http://{address}/{path}") as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("words", [["frobnicate"], [], ["orders"], ["demo", "--port", "70000"]])
def test_what_is_no_command_is_told_how_to_call(shell: Shell, words: list[str]) -> None:
    refused = shell(*words)
    assert refused.status == 2
    assert refused.err.startswith("usage: returndesk")


async def test_the_demo_ends_in_good_order_when_it_is_told_to_stop(shell: Shell) -> None:
    demo = await shell.start("demo", "--port", "0")
    try:
        await demo.says("Return Desk: open http://")
        done = await demo.stop()
    finally:
        await demo.kill()
    assert (done.status, done.err) == (0, "")
