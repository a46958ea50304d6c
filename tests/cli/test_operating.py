"""`returndesk check`, `backup` and `restore`, beside a running bot and after it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from bot.domain.cases import Role
from bot.playground.telegram import Telegram
from bot.services.records import Account
from storage.database import open_database
from tests.cli.shell import Running, Shell


async def test_a_backup_is_made_while_the_bot_runs_and_refused_to_be_restored_then(
    bot: Running, installed: Shell, telegram: Telegram
) -> None:
    anna = telegram.add_person("Anna", "en")
    anna.start()
    await anna.sees("return")
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


async def know(installed: Shell, *people: Account) -> None:
    url = f"sqlite:///{installed.folder}/returndesk.db"
    async with await open_database(url) as memory, memory.group() as group:
        unit = group.unit(datetime.now(UTC))
        for person in people:
            unit.accounts.save(person)
            if person.staff:
                unit.accounts.join(person.id, person.staff)
        group.keep(unit)
        await group.commit()


async def test_whoever_is_dismissed_is_of_the_staff_no_longer(installed: Shell) -> None:
    admin = Account(id=77, name="Boris", role=Role.ADMIN, staff=Role.ADMIN)
    moderator = Account(id=78, name="Olga", role=Role.CUSTOMER, staff=Role.MODERATOR)
    await know(installed, admin, moderator, Account(id=79, name="Anna"))
    assert [line.split() for line in installed("staff").out.splitlines()] == [
        ["77", "admin", "Boris"],
        ["78", "moderator", "Olga"],
    ]
    done = installed("staff", "--dismiss", "77")
    assert (done.status, done.out) == (0, "77 is no longer of the staff: Boris\n")
    assert installed.sql("SELECT account FROM memberships") == [(78,)]
    assert installed.sql("SELECT role FROM accounts WHERE id = 77") == [("customer",)]
    assert installed.sql("SELECT chat, kind FROM outbox") == [(77, "commands")]

    installed.settings["OWNER_IDS"] = "78"
    assert installed("staff", "--dismiss", "78").line.startswith("78 is in RETURNDESK_OWNER_IDS")
    assert installed("staff", "--dismiss", "79").line.startswith("79 is not of the staff")
    assert installed("check").status == 0


def test_without_a_database_there_is_nothing_to_keep(shell: Shell) -> None:
    assert "returndesk init" in shell("backup").line
