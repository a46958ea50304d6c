"""`returndesk orders`: files go in at once or through a running bot, links come out."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.playground.telegram import Telegram
from bot.services.links import deep_link, order_parameter
from storage.engines import shares_safely
from tests.cli.shell import ROOT, TOKEN, Running, Shell
from tests.marketplace.order_files import bad_line, write_orders

EXAMPLE = ROOT / "bot" / "playground" / "orders.csv"


def link(number: str) -> str:
    return f"{number} {deep_link('return_desk_bot', order_parameter(number, TOKEN))}"


def test_a_file_goes_in_at_once_and_its_links_come_out(installed: Shell) -> None:
    done = installed("orders", "import", str(EXAMPLE))
    assert done.status == 0
    assert "orders kept, 0 lines refused" in done.out
    stored = [str(number) for (number,) in installed.sql("SELECT number FROM orders ORDER BY 1")]
    assert len(stored) > 3
    links = installed("orders", "links", "--bot", "@return_desk_bot")
    assert links.out.splitlines() == [link(number) for number in stored]


def test_bad_lines_are_named_and_the_good_ones_are_kept(installed: Shell) -> None:
    path = write_orders(installed.folder / "orders.csv", 3)
    bad_line(path, 3)
    done = installed("orders", "import", path.name)
    assert done.status == 0
    assert "orders.csv: 2 orders kept, 1 lines refused" in done.out
    assert "line 3: " in done.out


def test_progress_is_shown(installed: Shell) -> None:
    path = write_orders(installed.folder / "orders.csv", 10_001)
    done = installed("orders", "import", path.name)
    assert done.out.splitlines()[0] == "10000 orders kept so far"


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_is_not_there_is_named(installed: Shell, name: str) -> None:
    refused = installed("orders", "import", name)
    assert refused.status == 1
    assert refused.line == f"there is no file {name}"


def test_importing_without_init_says_what_to_call(shell: Shell) -> None:
    refused = shell("orders", "import", str(EXAMPLE))
    assert refused.status == 1
    assert "returndesk init" in refused.line


async def test_a_running_bot_takes_the_file_itself_and_lets_links_be_printed(
    bot: Running, installed: Shell, telegram: Telegram
) -> None:
    # Not every name of a file says what is in it, and the bot looks at names.
    path = write_orders(installed.folder / "export.txt", 5)
    bad_line(path, 4)
    done = await installed.later("orders", "import", path.name)
    assert done.status == 0, done.err
    assert "4 orders kept, 1 lines refused" in done.out
    assert "line 4: " in done.out
    assert list((installed.folder / "orders-inbox").iterdir()) == [
        installed.folder / "orders-inbox" / "done"
    ]
    assert path.is_file(), "the file was copied, not taken away"
    some = await installed.later("orders", "links", "--bot", "return_desk_bot", "77")
    assert some.out == link("77") + "\n"
    if not shares_safely():
        every = await installed.later("orders", "links", "--bot", "return_desk_bot")
        assert every.status == 1
        assert "name the numbers" in every.line
    assert (await bot.stop()).status == 0
    assert installed.sql("SELECT count(*) FROM orders") == [(4,)]


async def test_links_ask_telegram_for_the_name_of_the_bot(
    installed: Shell, telegram: Telegram
) -> None:
    assert (await installed.later("orders", "links", "77")).out == link("77") + "\n"


def test_links_without_telegram_ask_for_the_name(installed: Shell) -> None:
    installed.settings["API_BASE"] = "http://127.0.0.1:9"
    refused = installed("orders", "links", "77")
    assert refused.status == 1
    assert "--bot" in refused.line


def test_a_number_that_fits_into_no_link_is_refused(shell: Shell) -> None:
    refused = shell("orders", "links", "--bot", "return_desk_bot", "7" * 31)
    assert refused.status == 1
    assert "30 bytes" in refused.line


def test_a_reader_that_goes_away_is_no_fault_of_ours(installed: Shell) -> None:
    many = [f"{number:06}" for number in range(5_000)]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "orders", "links", "--bot", "return_desk_bot", *many],
        cwd=installed.folder,
        env=installed.environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=30,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
