"""`returndesk orders`: files go in at once or through a running bot, links come out."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bot.marketplace.importing import import_file
from bot.playground.telegram import Telegram
from bot.services.links import deep_link, order_parameter
from storage.database import open_database
from tests.cli.shell import ROOT, TOKEN, Running, Shell
from tests.marketplace.order_files import bad_line, write_orders

EXAMPLE = ROOT / "bot" / "playground" / "orders.csv"
NUMBER = "1001-0001"
"""An order of the example."""


@pytest.fixture
async def stocked(installed: Shell) -> Shell:
    """A folder whose database holds the orders of the example."""
    async with await open_database(f"sqlite:///{installed.folder}/returndesk.db") as memory:
        await import_file(EXAMPLE, memory, lambda: datetime.now(UTC), list[str]().append)
    return installed


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
    assert "orders.csv: 2 orders kept, 1 line refused" in done.out
    assert "line 3: " in done.out


def nothing_in(name: str) -> str:
    return f"nothing in {name} is an order that could be kept"


@pytest.mark.parametrize("content", ["", "\n\n", "number,code\n", "no orders\nat all\n"])
def test_a_file_that_brings_no_order_ends_with_1(installed: Shell, content: str) -> None:
    (installed.folder / "orders.csv").write_text(content)
    done = installed("orders", "import", "orders.csv")
    assert (done.status, done.line) == (1, nothing_in("orders.csv"))
    assert done.out.startswith("orders.csv: 0 orders kept, ")


def test_progress_is_shown(installed: Shell) -> None:
    path = write_orders(installed.folder / "orders.csv", 10_001)
    done = installed("orders", "import", path.name)
    assert done.out.splitlines()[0] == "10000 orders kept so far"


def test_a_file_that_is_not_there_is_named(installed: Shell) -> None:
    refused = installed("orders", "import", "none.csv")
    assert (refused.status, refused.line) == (1, "there is no file none.csv")


def test_a_folder_is_called_a_folder(installed: Shell) -> None:
    refused = installed("orders", "import", ".")
    assert (refused.status, refused.line) == (1, ". is a folder: name one file of it")


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"number,code\n"), b"PK\x03\x04\x00", b"\x00\xff"],
    ids=["gzip", "zip", "bytes"],
)
def test_of_what_is_no_text_nothing_is_printed(installed: Shell, content: bytes) -> None:
    (installed.folder / "orders.csv.gz").write_bytes(content)
    refused = installed("orders", "import", "orders.csv.gz")
    said = "orders.csv.gz is no text: unpack it, or save it as CSV or JSON Lines in UTF-8"
    assert (refused.status, refused.line, refused.out) == (1, said, "")


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
    assert "4 orders kept, 1 line refused" in done.out
    assert "line 4: " in done.out
    assert list((installed.folder / "orders-inbox").iterdir()) == [
        installed.folder / "orders-inbox" / "done"
    ]
    assert path.is_file(), "the file was copied, not taken away"
    every = await installed.later("orders", "links", "--bot", "return_desk_bot")
    assert len(every.out.splitlines()) == 4
    number = every.out.split()[0]
    some = await installed.later("orders", "links", "--bot", "return_desk_bot", number)
    assert some.out == link(number) + "\n"
    bad = installed.folder / "bad.csv"
    bad.write_text("no orders\n")
    refused = await installed.later("orders", "import", bad.name)
    assert (refused.status, refused.line) == (1, nothing_in("bad.csv"))
    assert (await bot.stop()).status == 0
    assert installed.sql("SELECT count(*) FROM orders") == [(4,)]


async def test_links_ask_telegram_for_the_name_of_the_bot(
    stocked: Shell, telegram: Telegram
) -> None:
    assert (await stocked.later("orders", "links", NUMBER)).out == link(NUMBER) + "\n"


def test_links_without_telegram_ask_for_the_name(installed: Shell) -> None:
    installed.settings["API_BASE"] = "http://127.0.0.1:9"
    refused = installed("orders", "links")
    assert refused.status == 1
    assert "--bot" in refused.line


def test_an_order_that_nobody_knows_gets_no_link_and_the_others_do(stocked: Shell) -> None:
    some = stocked("orders", "links", "--bot", "return_desk_bot", "nosuch", NUMBER, "7" * 31)
    assert (some.status, some.out) == (1, link(NUMBER) + "\n")
    assert some.line == f"there is no order {'7' * 31}, nosuch"


def test_links_without_init_say_what_to_call(shell: Shell) -> None:
    refused = shell("orders", "links", "--bot", "return_desk_bot", "77")
    assert refused.status == 1
    assert "returndesk init" in refused.line


def test_a_reader_that_goes_away_is_no_fault_of_ours(stocked: Shell) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "orders", "links", "--bot", "return_desk_bot"],
        cwd=stocked.folder,
        env=stocked.environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=180,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
