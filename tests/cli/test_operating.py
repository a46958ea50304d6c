"""`returndesk check`, `backup` and `restore`, beside a running bot and after it."""

from __future__ import annotations

import sqlite3

from bot.playground.telegram import Telegram
from tests.cli.shell import Running, Shell


async def test_a_backup_is_made_while_the_bot_runs_and_refused_to_be_restored_then(
    bot: Running, installed: Shell, telegram: Telegram
) -> None:
    anna = telegram.add_person("Anna", "en")
    anna.start()
    await anna.sees("return", within=20)
    made = await installed.later("backup")
    assert (made.status, made.err) == (0, "")
    (path,) = (installed.folder / "backups").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as copy:
        assert copy.execute("SELECT name FROM accounts").fetchall() == [("Anna",)]
    copy.close()
    refused = await installed.later("restore", str(path), "--replace")
    assert refused.status == 1
    assert "another process uses the database" in refused.line
    assert (await bot.stop()).status == 0


def test_what_check_finds_is_printed_and_is_its_exit_status(installed: Shell) -> None:
    good = installed("check")
    assert (good.status, good.err) == (0, "")
    installed.sql("INSERT INTO memberships (account, role, seller) VALUES (77, 'admin', '')")
    bad = installed("check")
    assert bad.status == 1
    assert "people of teams: 77 has a role and is not known" in bad.out


def test_without_a_database_there_is_nothing_to_keep(shell: Shell) -> None:
    assert "returndesk init" in shell("backup").line
