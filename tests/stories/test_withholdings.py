"""A product was missing: deduction at once, 30 days to contest it, and a person who answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.money import Money
from bot.domain.orders import OrderLine
from bot.playground.people import Person
from storage import tables
from tests.databases import SqliteFiles
from tests.world import World, order, world

EXAMPLE = (Path(__file__).parents[2] / "bot" / "playground" / "orders.csv").read_bytes()
CUPS = OrderLine(
    sku="B-2", title="Cup", category="other", unit_price=Money.of("300.00"), quantity=3
)


async def deducted(stage: World) -> tuple[Person, Person]:
    """Anna, one of whose three cups was missing, and Emre, who pays for it."""
    emre = await stage.seller()
    anna = await stage.customer("Anna", order("1001", more=(CUPS,)))
    olga = stage.owner
    await stage.say(olga, "/missing 1001")
    await stage.press(olga, "Cup, 300.00", "1")
    assert "1 × Cup: 300.00\xa0RUB goes from Acme to the customer" in olga.screen
    await stage.press(olga, "Yes, deduct it")
    assert "The customer is not paid yet." in olga.screen
    return anna, emre


async def moved(stage: World) -> list[tuple[str, str, str, int]]:
    """The money of all deductions: (to, from, kind, minor units)."""
    async with stage.running.memory._transaction() as connection:
        rows = await connection.execute(select(tables.withheld_money))
        return [(row.to, row.source, row.kind, row.minor) for row in rows]


async def test_a_missing_product_is_deducted_once_and_contested_in_time(stage: World) -> None:
    anna, emre = await deducted(stage)
    olga, ivan = stage.owner, await stage.moderator("Ivan")
    assert "you get 300.00\xa0RUB back" in anna.screen
    assert "You may contest it until Tue 31 March, 13:00 (Istanbul)" in emre.screen
    old = olga.last.id
    olga.forge_press("mi:1001:1:1:0:1", old)
    await stage.settle()
    assert await moved(stage) == [("customer", "seller", "withholding", 30000)]
    async with stage.running.memory.reading(stage.clock()) as unit:
        assert await unit.orders.used_units("1001") == {("1001-1", "B-2"): 1}
    await stage.press(emre, "Look at it", "Contest it")
    await stage.say(emre, "All three cups are on the film.")
    emre.send_video()
    await stage.settle()
    await stage.press(emre, "Done")
    await stage.press(ivan, "Look at it")
    assert "All three cups are on the film." in ivan.screen
    await stage.press(ivan, "Give it back")
    await stage.say(ivan, "The film shows all of them.")
    assert "Given back to the seller." in ivan.screen
    assert not {"Cancel", "Give it back"} & set(ivan.buttons()), "the question is over"
    assert "The film shows all of them." in emre.screen
    assert await moved(stage) == [
        ("customer", "seller", "withholding", 30000),
        ("seller", "platform", "reversal", 30000),
    ]
    await stage.press(ivan, "Mark as paid")
    await stage.say(ivan, "BANK-2026-9")
    assert "The customer was paid: BANK-2026-9" in ivan.screen
    assert "are paid." in anna.screen
    await stage.say(olga, "/audit")
    assert "Ivan answered a contest, order 1001" in olga.screen


async def test_a_deduction_that_nobody_contests_in_time_is_final(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    async with world(sqlite_files.make(tmp_path), tmp_path) as stage:
        anna, emre = await deducted(stage)
        await stage.later(days=29, hours=1)
        assert sum("becomes final on" in text for text in emre.texts()) == 2
        await stage.later(days=1)
        assert "is over: it stays" in emre.screen
        emre.forge_press("de:1:contest", emre.last.id)
        await stage.settle()
        assert "The time for this is over." in emre.toasts[-1].text
        anna.forge_press("de:1:open", anna.last.id)
        anna.forge_press("mi:1001:0:1:0:1", anna.last.id)
        await stage.settle()
        assert len(await moved(stage)) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_file_of_orders_is_read_in_the_chat(
    sqlite_files: SqliteFiles, tmp_path: Path, language: str
) -> None:
    """Its faults are told by line in the reader's words, and a second time nothing changes."""
    async with world(sqlite_files.make(tmp_path), tmp_path) as stage:
        olga = await stage.moderator("Olga", language)
        t = stage.words(olga)
        torn = EXAMPLE + b"1009,oops\n"
        for told, below in ((("6", "0", "0"), "/import"), (("0", "0", "6"), "")):
            if not below:
                await stage.say(olga, "/import")
                await stage.say(olga, "here it comes")
                assert t("Please send a file: CSV, JSON or JSON Lines.") in olga.screen
            olga.send_document(torn, "orders.csv", below)
            await stage.settle()
            assert await stage.running.files.look() == 1
            stage.running.said()
            await stage.settle()
            new, changed, same = told
            assert t("New orders: {count}", count=int(new)) in olga.screen
            assert t("Changed: {count}", count=int(changed)) in olga.screen
            assert t("As before: {count}", count=int(same)) in olga.screen
            what = t("{expected} cells are expected, not {found}", expected="14", found="2")
            assert what.split("14")[0] in olga.screen
            assert t("Send the file again when it is mended: I wait for it.") in olga.screen
        # The form has stayed open: an empty file and a broken one are told what next, a right
        # one ends it.
        column = t("not JSON: look at character {sign} and before it", sign="11")
        for content, said in (
            (
                EXAMPLE.partition(b"\n")[0],
                t("There is no order in {name}: nothing was changed.", name="orders.csv"),
            ),
            (b'{"number" 1}', column),
            (EXAMPLE, t("As before: {count}", count=6)),
        ):
            olga.send_document(content, "orders.csv")
            await stage.settle()
            assert await stage.running.files.look() == 1
            stage.running.said()
            await stage.settle()
            assert str(said) in olga.screen.replace("\u2060", ""), content
            assert "Expecting" not in olga.screen
        assert t("Send the file again when it is mended: I wait for it.") not in olga.screen
        anna = await stage.customer("Anna")
        await stage.say(anna, "/import")
        assert anna.screen == stage.words(anna)("This is not open to you.")
