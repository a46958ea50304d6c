"""What `returndesk check` finds: each damage by its own sentence, in a sound one nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.domain.cases import Status
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from storage.beside import reading
from storage.checking import examine
from storage.database import open_database
from tests.databases import SqliteFiles
from tests.storage.samples import DAY, NOW, decided, keep, opened
from tests.storage.test_retention import lived

TO_HER = LedgerLine(Purse.CUSTOMER, Purse.SELLER, LedgerKind.GOODS, Money(100, "RUB"))


@pytest.fixture
async def url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    """A closed return with words and a photo, and an open one with a deadline."""
    url = sqlite_files.make(tmp_path)
    async with await open_database(url) as memory:
        await lived(memory, 10)
        async with memory.group() as group:
            number = await group.unit(NOW).cases.next_id()
            await group.commit()
        await opened(memory, number, due=NOW + DAY, order="O-10", posting="O-10-1")
    return url


def damage(url: str, statement: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(statement)
    connection.close()


async def faults(url: str) -> list[str]:
    async with reading(url) as connection:
        return [fault async for looked in examine(connection) for fault in looked.wrong]


async def test_a_sound_database_has_no_faults(url: str) -> None:
    assert await faults(url) == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE history SET person = 66 WHERE case_id = 1 AND seq = 1", "broken chain at line 1"),
        ("DELETE FROM history WHERE case_id = 1 AND seq = 2", "not stand where its history ends"),
        ("UPDATE contents SET body = '{}'", "lost or changed the words of line 1"),
        ("DELETE FROM contents", "lost or changed the words of line 1"),
        ("UPDATE cases SET purged = 1 WHERE id = 1", "still has the words of line 1"),
        ("UPDATE cases SET live = 1 WHERE id = 1", "listed with live"),
        ("DELETE FROM case_units WHERE case_id = 1", "holds other units"),
        ("DELETE FROM timers", "should have ['decision']"),
        ("UPDATE timers SET version = 0", "timers of an older version"),
        (
            "INSERT INTO ledger VALUES (1, 2, 0, 'customer', 'seller', 'goods', 100, 'RUB', 1)",
            "the ledger says {'RUB': 100}",
        ),
        (
            "INSERT INTO ledger VALUES (1, 9, 0, 'seller', 'seller', 'goods', 100, 'RUB', 1)",
            "moved money without a decision",
        ),
        (
            "INSERT INTO ledger VALUES (1, 2, 0, 'seller', 'seller', 'goods', 100, 'RUB', 1)",
            "does not balance",
        ),
        ("DELETE FROM files", "is not known"),
        ("DELETE FROM policies", "the policy p1 of a return is not stored"),
        ("DELETE FROM accounts", "the customer 10 of a return is not known"),
        ("UPDATE orders SET purged = 1", "the order O-10 is still found by a name"),
        ("UPDATE accounts SET name = '' WHERE id = 10", "10 is still found by a name"),
        ("INSERT INTO account_names VALUES (77, 'anna')", "77 is still found by a name"),
        ("UPDATE counters SET value = 1 WHERE name = 'case'", "get a number up to 2 again"),
        ("INSERT INTO slots VALUES ('card:77:seller', 10, 5)", "card:77:seller is of no return"),
        ("DELETE FROM cases WHERE id = 1", "of history lead to no row of cases"),
    ],
)
async def test_damage_is_named(url: str, statement: str, sentence: str) -> None:
    damage(url, statement)
    assert sentence in "\n".join(await faults(url))


async def test_a_refund_that_was_never_paid_is_named(url: str) -> None:
    """B6: every refund has its payment, and every payment its refund."""
    async with await open_database(url) as memory:
        async with memory.reading(NOW) as unit:
            case = await unit.cases.get(2)
        assert case
        await keep(memory, case, decided(case, Status.REFUNDED, ledger=(TO_HER,)))
    found = await faults(url)
    assert "R-000002 has promised {}, the ledger says {'RUB': 100}" in found
    assert "R-000002 is REFUNDED and was paid 1 times" in found
