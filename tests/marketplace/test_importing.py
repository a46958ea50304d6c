"""Order files go in whole, while everything else goes on."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select

from bot.domain.money import Money
from bot.domain.orders import Order, OrderStatus
from bot.marketplace import importing
from bot.marketplace.importing import hand_over, import_file
from bot.marketplace.orders_file import BadLine, read_orders
from bot.services.faults import Fault
from bot.services.importing import CHUNK, REMEMBERED, Report, import_orders
from bot.workers.imports import OrderFolder
from storage import tables
from storage.database import Database, open_database
from tests.databases import SqliteFiles
from tests.marketplace.order_files import bad_line, row, write_orders
from tests.world import SELLER, World, order, world

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def now() -> datetime:
    return NOW


async def stored(memory: Database, number: str) -> Order:
    async with memory.reading(NOW) as unit:
        found = await unit.orders.get(number)
    assert found is not None
    return found


@pytest.fixture
async def desk(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Database]:  # type: ignore[misc]
    """The memory of a desk, on SQLite."""
    async with await open_database(sqlite_files.make(tmp_path)) as memory:
        yield memory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "orders-inbox"
    folder.mkdir()
    return folder


async def numbers_in(memory: Database) -> Sequence[str]:
    async with memory._transaction() as connection:
        return (await connection.execute(select(tables.orders.c.number))).scalars().all()


def inside(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


# ---------------------------------------------------------------------- at once


async def test_a_file_of_many_commits_goes_in_whole(memory: Database, tmp_path: Path) -> None:
    said: list[str] = []
    count = 2 * CHUNK + 1
    path = write_orders(tmp_path / "orders.csv", count)
    report = await import_file(path, memory, now, said.append)
    assert (report, said) == (f"orders.csv: {count} orders kept, 0 lines refused", [])
    assert len(await numbers_in(memory)) == count
    last = await stored(memory, f"{count - 1:08}")
    assert (last.zone, last.language, last.phone) == ("Europe/Moscow", "ru", f"+7900{count - 1:07}")
    async with memory.reading(NOW) as unit:
        seller = await unit.accounts.seller(last.seller)
    assert seller is not None
    assert seller.country == "TR"


async def test_of_two_lines_with_one_number_the_later_holds(desk: Database) -> None:
    first, second = order("1"), replace(order("1"), phone="+79161234567")
    report = await import_orders(desk, [first, second], now)
    assert (await stored(desk, "1")).phone == "+79161234567"
    assert report.kept == 1


async def test_a_report_lists_so_many_bad_lines_and_counts_the_others(desk: Database) -> None:
    bad = [BadLine(number, (Fault("no order"),)) for number in range(REMEMBERED + 5)]
    report = await import_orders(desk, bad, now)
    lines = report.text("orders.csv").splitlines()
    assert lines[0] == f"orders.csv: 0 orders kept, {REMEMBERED + 5} lines refused"
    assert lines[1] == "line 0: no order"
    assert lines[-1] == "… and 5 more"
    assert len(lines) == REMEMBERED + 2


async def test_memory_does_not_grow_with_the_file(desk: Database, tmp_path: Path) -> None:
    async def peak(count: int) -> int:
        path = write_orders(tmp_path / "orders.csv", count)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        await import_orders(desk, read_orders(path), now)
        return tracemalloc.get_traced_memory()[1] - before

    # What is garbage is gone at once: it is not what grows.
    seldom = gc.get_threshold()
    gc.set_threshold(700)
    tracemalloc.start()
    try:
        await peak(2 * CHUNK)  # whatever is kept for good, such as compiled statements
        few, many = await peak(2 * CHUNK), await peak(5_000)
    finally:
        tracemalloc.stop()
        gc.set_threshold(*seldom)
    # pydantic's cache of short texts fills up to a megabyte; the orders themselves are ten.
    assert many < few + 1_500_000


async def test_a_stop_in_the_middle_of_a_commit_tears_nothing(
    desk: Database, tmp_path: Path
) -> None:
    reconnections: list[object] = []
    event.listen(desk._engine.sync_engine, "connect", lambda *it: reconnections.append(it))
    path = write_orders(tmp_path / "orders.csv", 12 * CHUNK)
    for pause_ms in range(0, 90, 6):
        reading = asyncio.create_task(import_orders(desk, read_orders(path), now))
        await asyncio.sleep(pause_ms / 1000)
        reading.cancel()
        await asyncio.wait([reading])
        assert len(await numbers_in(desk)) % CHUNK == 0
    assert not reconnections, "a statement was torn, and its connection with it"


# ---------------------------------------------------------------------- later files


async def test_a_later_file_changes_status_and_contact_but_no_lines_under_a_return(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order("1001", "2500.00"))
        await w.seller()
        await w.ask(anna)
        before = await stored(w.running.memory, "1001")
        dearer = json.dumps([{"sku": "A-1", "title": "Mug", "category": "other", "price": "9"}])
        told = row(0, seller="acme", phone="+79161234567")
        told |= {"number": "1001", "lines": dearer, "delivered_at": "2026-02-28T10:00:00+03:00"}
        await drop(w, told)
        after = await stored(w.running.memory, "1001")
        assert after.phone == "+79161234567"
        assert after.delivered_at == datetime(2026, 2, 28, 7, tzinfo=UTC)
        assert after.postings[0].lines == before.postings[0].lines
        assert after.zone == before.zone == "Asia/Baku"
        async with w.running.memory.reading(NOW) as unit:
            assert await unit.orders.owner("1001") == anna.id


async def test_sellers_who_come_with_a_file_read_times_of_their_country(
    database_url: str, tmp_path: Path
) -> None:
    """It was UTC, and so was the night in which reminders are silent."""
    async with world(database_url, tmp_path) as w:
        early = await w.seller("Emre", replace(SELLER, code="early", zone="UTC"))
        far = await w.seller("Deniz", replace(SELLER, code="far", zone="Europe/Berlin"))
        told = [row(n, seller=code) for n, code in enumerate(("early", "far", "new"))]
        await drop(w, *told)
        zones = {}
        async with w.running.memory.reading(NOW) as unit:
            for code in ("early", "far", "new"):
                seller = await unit.accounts.seller(code)
                assert seller is not None
                zones[code] = seller.zone
            for person in (early, far):
                account = await unit.accounts.get(person.id)
                assert account is not None
                zones[person.first_name] = account.zone
        istanbul, berlin = "Europe/Istanbul", "Europe/Berlin"
        assert zones == {
            "early": istanbul, "far": berlin, "new": istanbul, "Emre": istanbul, "Deniz": berlin
        }  # fmt: skip


async def test_a_later_file_changes_lines_that_nobody_returns(desk: Database) -> None:
    await import_orders(desk, [order("1", "100.00", delivered=None)], now)
    await import_orders(desk, [order("1", "90.00")], now)
    after = await stored(desk, "1")
    assert after.postings[0].status is OrderStatus.DELIVERED
    assert after.postings[0].lines[0].unit_price == Money.of("90.00")


async def drop(w: World, *rows: dict[str, str]) -> str:
    """Put a file of these orders into the folder of a running program. Answers its report."""
    folder = w.running.settings.orders_folder
    folder.mkdir(exist_ok=True)
    lines = [{**each, "lines": json.loads(each["lines"])} for each in rows]
    path = folder / "orders.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    report = folder / "done" / "orders.jsonl.report.txt"
    while not report.is_file():
        await w.running.orders.look()
    await w.settle()
    return report.read_text(encoding="utf-8")


# ---------------------------------------------------------------------- through a running bot


async def test_a_file_is_read_when_it_has_stopped_growing(desk: Database, folder: Path) -> None:
    orders = OrderFolder(folder, desk, now, read_orders)
    path = write_orders(folder / "orders.csv", 2)
    assert await orders.look() == 0
    write_orders(path, 4)
    assert await orders.look() == 0
    assert await orders.look() == 1
    assert await orders.look() == 0
    assert len(await numbers_in(desk)) == 4
    assert inside(folder) == ["done", "done/orders.csv", "done/orders.csv.report.txt"]


async def test_bad_lines_stand_in_the_report_beside_the_file(desk: Database, folder: Path) -> None:
    bad_line(write_orders(folder / "ORDERS.CSV", 3), 4)
    orders = OrderFolder(folder, desk, now, read_orders)
    await orders.look()
    await orders.look()
    report = (folder / "done" / "ORDERS.CSV.report.txt").read_text(encoding="utf-8").splitlines()
    assert report[0] == "ORDERS.CSV: 2 orders kept, 1 line refused"
    assert report[1].startswith("line 4: delivery: ")


async def test_what_is_no_order_file_is_left_alone(desk: Database, folder: Path) -> None:
    others = [folder / name for name in ("orders.csv.part", "notes.txt", ".orders.csv")]
    for path in others:
        write_orders(path, 1)
    (folder / "a folder.csv").mkdir()
    orders = OrderFolder(folder, desk, now, read_orders)
    assert [await orders.look() for _ in range(3)] == [0, 0, 0]
    assert all(path.is_file() for path in others)


async def test_a_file_that_cannot_be_read_is_told_and_does_not_hold_up_the_next(
    desk: Database, folder: Path
) -> None:
    def read(path: Path) -> Iterator[Order | BadLine]:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return read_orders(path)

    for name in ("a.csv", "b.csv"):
        write_orders(folder / name, 1)
    orders = OrderFolder(folder, desk, now, read)
    await orders.look()
    assert await orders.look() == 2
    assert "Permission denied" in (folder / "done" / "a.csv.report.txt").read_text()
    assert "1 order kept" in (folder / "done" / "b.csv.report.txt").read_text()


async def test_a_file_whose_reading_was_broken_off_is_read_again(
    desk: Database, folder: Path
) -> None:
    write_orders(folder / "orders.csv", 12 * CHUNK)
    orders = OrderFolder(folder, desk, now, read_orders)
    await orders.look()
    reading = asyncio.create_task(orders.look())
    while not await numbers_in(desk):
        await asyncio.sleep(0.001)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(await numbers_in(desk)) < 12 * CHUNK, "nothing was broken off"
    again = OrderFolder(folder, desk, now, read_orders)
    await again.look()
    await again.look()
    assert len(await numbers_in(desk)) == 12 * CHUNK


async def test_a_bot_answers_while_it_imports_and_tells_nobody_of_it(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        moderator, seller = await w.moderator(), await w.seller()
        staff = (w.owner, moderator, seller)
        read = [len(each.texts()) for each in staff]
        folder = w.running.settings.orders_folder
        folder.mkdir(exist_ok=True)
        write_orders(folder / "orders.csv", 5_000, seller="acme")
        report = folder / "done" / "orders.csv.report.txt"
        await w.running.orders.look()
        importing = asyncio.create_task(w.running.orders.look())
        while len(await numbers_in(w.running.memory)) < 2:
            await asyncio.sleep(0.001)
        await w.press(anna, "Open the order")
        assert "Coffee mug" in anna.screen
        assert not report.exists(), "it was answered only after the import"
        assert await importing == 1
        await w.settle()
        assert [len(each.texts()) for each in staff] == read


# ---------------------------------------------------------------------- from the command line


def taken(folder: Path, *steps: str | None) -> Callable[[float], None]:
    """A running bot for `hand_over`: at each look it does the next thing, None is nothing.

    A text is its progress; at the end it lays the report.
    """
    left = list(steps)

    def wait(_: float) -> None:
        (path,) = (each for each in folder.iterdir() if each.suffix == ".csv")
        if left:
            if (progress := left.pop(0)) is not None:
                path.with_name(f"{path.name}.progress.txt").write_text(progress)
            return
        (folder / "done").mkdir(exist_ok=True)
        (folder / "done" / f"{path.name}.report.txt").write_text(Report(kept=2).text(path.name))

    return wait


def test_a_file_is_handed_over_and_its_progress_and_report_are_shown(
    tmp_path: Path, folder: Path
) -> None:
    path = write_orders(tmp_path / "orders.csv", 2)
    said: list[str] = []
    wait = taken(folder, "10000 so far", None, "20000 so far")
    report = hand_over(path, folder, said.append, wait)
    assert said[0].startswith("The bot is running and takes the file itself")
    assert said[1:3] == ["10000 so far", "20000 so far"]
    assert report.endswith("2 orders kept, 0 lines refused")
    assert len(said) == 3


def test_a_bot_that_looks_elsewhere_is_asked_about_once(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PATIENCE", 3)
    path = write_orders(tmp_path / "orders.csv", 2)
    said: list[str] = []
    hand_over(path, folder, said.append, taken(folder, *[None] * 6))
    asked = [line for line in said if "RETURNDESK_ORDERS_FOLDER" in line]
    assert len(asked) == 1
    assert str(folder) in asked[0]
