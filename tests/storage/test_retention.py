"""S9: of returns that have been closed for long nobody's words are left; the chain still holds."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import Given, Status
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.domain.withholding import Withholding, WithholdingState
from bot.services.ports import Unit
from bot.services.records import (
    Account,
    DraftKind,
    DraftRow,
    File,
    Likeness,
    Outcome,
    Outgoing,
    Rating,
    Sighting,
    Spot,
    SpotKind,
)
from storage import retention, tables
from storage.backup import back_up
from storage.beside import reading
from storage.checking import examine
from storage.database import Database, open_database
from storage.retention import START
from tests.databases import SqliteFiles
from tests.storage.samples import DAY, NOW, decided, keep, letter, new_case, order
from tests.storage.test_inbox import update

CANARY = "Kanarienvogel"
KEPT = timedelta(days=180)


async def lived(memory: Database, id: int, *, ends: bool = True) -> None:
    """A customer's return with words, a photo, an order and an account, perhaps closed."""
    number, photo = f"O-{id}", f"{CANARY}-photo-{id}"
    name, phone = f"{CANARY} {id}", f"+7{CANARY}{id}"
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.accounts.save(Account(id=id, name=name, phone=phone, started_at=NOW))
        unit.orders.save_all([order(number, customer_name=name, phone=phone)])
        unit.files.keep(File(key=photo, file_id=f"{CANARY}-{id}", kind="photo", sent_at=NOW))
        unit.policies.keep("p1", "{}")
        number_of_case = await unit.cases.next_id()
        group.keep(unit)
        await group.commit()
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.orders.claim(number, id)
        group.keep(unit)
        await group.commit()
    before = new_case(number_of_case, order=number, posting=f"{number}-1", customer=id)
    said = Given(text=f"{CANARY} {'x' * 3000} {CANARY}", photos=(photo,))
    opened = decided(before, Status.NEW)
    await keep(memory, before, opened, given=said)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.rooms.write(letter(number_of_case, id, f"{CANARY} in a letter"))
        unit.ratings.keep(
            Rating(case=number_of_case, seller="acme", stars=4, at=NOW, word=f"{CANARY} rates")
        )
        contest(unit, number_of_case, number, photo, over=ends)
        group.keep(unit)
        await group.commit()
    if ends:
        await keep(memory, opened.case, decided(opened.case, Status.CANCELED_BY_CUSTOMER))


def contest(unit: Unit, id: int, number: str, photo: str, *, over: bool) -> None:
    """A deduction that is contested with a photo like that of the return."""
    packed, spot = f"{CANARY}-packed-{id}", Spot(SpotKind.DEDUCTION, str(id))
    state = WithholdingState.UPHELD if over else WithholdingState.CONTESTED
    unit.files.keep(File(key=packed, file_id=packed, kind="photo", sent_at=NOW))
    unit.files.display(spot, [packed])
    unit.files.sighted(Sighting(spot, packed, Spot.of_return(id), photo, Likeness.ALIKE, 2))
    deduction = Withholding(
        id=id, order=number, posting=f"{number}-1", sku="A-1", title="Mug", units=1,
        amount=Money.of("300"), seller="acme", customer=0, by=7, at=NOW, state=state,
        contest=f"{CANARY} contests", photos=(packed,),
    )  # fmt: skip
    paid = LedgerLine(Purse.CUSTOMER, Purse.SELLER, LedgerKind.WITHHOLDING, deduction.amount)
    unit.withholdings.save(deduction, paid)


async def forget(memory: Database, at: timedelta = KEPT + DAY) -> None:
    place = START
    while place := await memory.forget(NOW + at - KEPT, place):  # type: ignore[assignment]
        pass
    await memory.scrub()


async def faults(url: str) -> list[str]:
    async with reading(url) as connection:
        return [fault async for looked in examine(connection) for fault in looked.wrong]


def speaking(folder: Path) -> list[str]:
    """The files in which the canary's name is still to be read."""
    name = CANARY.encode().lower()
    return [path.name for path in folder.iterdir() if name in path.read_bytes().lower()]


async def everything(url: str) -> str:
    """All that a database says in any table."""
    said = []
    async with reading(url) as connection:
        for table in tables.metadata.sorted_tables:
            said += [str(row) for row in await connection.execute(table.select())]
    return "\n".join(said)


async def test_nothing_is_left_of_people_whose_returns_are_closed(database_url: str) -> None:
    async with await open_database(database_url) as memory:
        await lived(memory, 1)
        raw = replace(update(1), raw=f'"{CANARY}"')
        await memory.receive([raw], NOW)
        async with memory.group() as group:
            group.failed(raw, "ValueError", retry_at=None)
            await group.commit()
        assert CANARY in await everything(database_url)
        await forget(memory)
        assert CANARY.casefold() not in (await everything(database_url)).casefold()
        assert await faults(database_url) == []
        async with memory.reading(NOW) as unit:
            assert await unit.ratings.figures("acme") == {4: 1}


async def test_what_is_open_or_young_stays(database_url: str) -> None:
    async with await open_database(database_url) as memory:
        await lived(memory, 1, ends=False)
        async with memory.group() as group:
            unit = group.unit(NOW)
            old = await unit.withholdings.get(1)
            assert old
            lately = replace(old, id=3, ruling=f"{CANARY} is right", ruled_at=NOW + KEPT)
            unit.withholdings.save(replace(lately, state=WithholdingState.GIVEN_BACK))
            group.keep(unit)
            await group.commit()
        await forget(memory)
        open_ = await everything(database_url)
        assert f"{CANARY} is right" in open_, "an old deduction, and a young answer"
        await lived(memory, 2)
        await forget(memory, KEPT - DAY)
        young = await everything(database_url)
    for said, id in ((open_, 1), (young, 2)):
        for word in (
            f"{CANARY} {id}",
            f"+7{CANARY}{id}",
            f"{CANARY}-photo-{id}",
            "xxx",
            "rates",
            "contests",
            f"{CANARY}-packed-{id}",
        ):
            assert word in said


async def test_an_order_that_a_file_tells_again_is_forgotten_again(memory: Database) -> None:
    await lived(memory, 1)
    await forget(memory)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.orders.save_all([order("O-1", customer_name=CANARY, phone=CANARY)])
        group.keep(unit)
        await group.commit()
    await forget(memory)
    async with memory.reading(NOW) as unit:
        known = await unit.orders.get("O-1")
    assert known
    assert (known.customer_name, known.phone) == ("", None)


async def test_a_return_that_is_opened_once_more_is_forgotten_once_more(
    database_url: str,
) -> None:
    async with await open_database(database_url) as memory:
        await lived(memory, 1)
        await forget(memory)
        async with memory.reading(NOW) as unit:
            case = await unit.cases.get(1)
        assert case
        again = decided(case, Status.NEW)
        await keep(memory, case, again, given=Given(text=CANARY))
        await forget(memory)
        assert CANARY in await everything(database_url)
        await keep(memory, again.case, decided(again.case, Status.CANCELED_BY_CUSTOMER))
        await forget(memory)
        assert CANARY not in await everything(database_url)
        assert await faults(database_url) == []


async def test_the_disk_forgets_as_well(sqlite_files: SqliteFiles, tmp_path: Path) -> None:
    """Neither the file nor its log nor its free pages nor the newest backup say the words."""
    url = sqlite_files.make(tmp_path)
    path = Path(url.removeprefix("sqlite:///"))
    async with await open_database(url) as memory:
        for id in range(1, 40):
            await lived(memory, id)
        assert f"{path.name}-wal" in speaking(tmp_path)
        await forget(memory)
        await back_up(url, tmp_path / "backup.db")
        assert speaking(tmp_path) == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM history").fetchone() == (78,)
    connection.close()


async def test_a_message_that_was_given_up_is_forgotten(database_url: str) -> None:
    async with await open_database(database_url) as memory:
        async with memory.group() as group:
            unit = group.unit(NOW)
            unit.outbox.put(Outgoing(chat=1, kind="notice", payload={"name": CANARY}, key="n:1"))
            group.keep(unit)
            await group.commit()
        (row,) = (await memory.exchange([], NOW, 1)).rows
        await memory.exchange([Outcome(row=row.id, result="dead")], NOW, 0)
        assert CANARY in await everything(database_url)
        await forget(memory)
        assert CANARY not in await everything(database_url)


async def test_a_message_to_who_never_opened_the_bot_is_forgotten(database_url: str) -> None:
    async with await open_database(database_url) as memory:
        async with memory.group() as group:
            unit = group.unit(NOW)
            for key, waits in (("n:1", timedelta(days=36500)), ("n:2", timedelta(hours=4))):
                name = {"name": CANARY + key}
                unit.outbox.put(
                    Outgoing(chat=1, kind="notice", payload=name, key=key, not_before=NOW + waits)
                )
            group.keep(unit)
            await group.commit()
        await forget(memory)
        said = await everything(database_url)
        assert CANARY + "n:1" not in said
        assert CANARY + "n:2" in said, "it is still to be said"


async def test_an_old_photo_in_a_form_that_is_open_keeps_its_row(memory: Database) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        for key in ("AgAD_shown", "AgAD_alone"):
            unit.files.keep(File(key=key, file_id=key, kind="photo", sent_at=NOW - DAY))
        body = '{"draft": {"photos": ["AgAD_shown"]}}'
        unit.drafts.put(DraftRow(account=1, kind=DraftKind.RETURN, body=body, due_at=NOW + DAY))
        group.keep(unit)
        await group.commit()
    await forget(memory)
    async with memory.reading(NOW) as unit:
        assert [file.key for file in await unit.files.get(["AgAD_shown", "AgAD_alone"])] == [
            "AgAD_shown"
        ]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_name_that_is_saved_while_people_are_forgotten_stays(
    memory: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def save(name: str) -> None:
        async with memory.group() as group:
            unit = group.unit(NOW)
            unit.accounts.save(Account(id=1, name=name, started_at=NOW))
            group.keep(unit)
            await group.commit()

    class Meanwhile:
        """Somebody saves a new name between what a pass reads and what it writes."""

        def __init__(self, connection: AsyncConnection) -> None:
            self._connection = connection

        async def execute(self, statement: Any, values: Any) -> Any:
            if statement is retention._NAMELESS:
                await save("Anna Blum")
            return await self._connection.execute(statement, values)

    await save("Anna")
    forget_people = retention._people

    async def people(connection: Any, *more: Any) -> int | None:
        return await forget_people(Meanwhile(connection), *more)  # type: ignore[arg-type]

    kinds = [(first, people if f is forget_people else f) for first, f in retention._KINDS]
    monkeypatch.setattr(retention, "_KINDS", kinds)
    await forget(memory)
    async with memory.reading(NOW) as unit:
        account = await unit.accounts.get(1)
    assert account
    assert account.name == "Anna Blum"
    assert "blum" in await everything(database_url), "a word by which orders are found"
