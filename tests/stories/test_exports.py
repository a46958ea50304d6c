"""What people take away: the record of a return, each party its own, and the report of a period."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from bot.domain.cases import Role
from bot.playground.people import Person
from bot.services.verifying import verify
from tests.world import OWNER, World, order, world


def files(person: Person) -> dict[str, bytes]:
    """The files that the bot has sent, by their names."""
    sent = (each.document for each in person.chat.messages if each.from_bot)
    return {file.name: file.content for file in sent if file}


async def test_every_party_takes_away_a_record_that_proves_itself(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as stage:
        await take_records(stage)


async def take_records(stage: World) -> None:
    emre = await stage.seller(language="ru")
    anna = await stage.customer("Anna", order())
    await stage.ask(anna)
    await stage.press(emre, "Отклонить", "Товар был в употреблении")
    await stage.say(emre, "Пишите мне: @emre_shop, +90 532 111 22 33")
    await stage.press(emre, "Пропустить", "Да: Отклонить")
    await stage.press(anna, "Get the record")
    await stage.press(emre, "Получить запись")
    await stage.say(stage.owner, "/export R-000001")
    heads = set()
    for person, made_for in ((anna, Role.CUSTOMER), (emre, Role.SELLER), (stage.owner, Role.ADMIN)):
        assert {*files(person)} == {"R-000001.jsonl", "R-000001.pdf"}
        assert files(person)["R-000001.pdf"].startswith(b"%PDF-")
        content = files(person)["R-000001.jsonl"]
        found = verify(content)
        assert (found.case, found.made_for) == ("R-000001", made_for)
        heads.add(found.head)
        known = {
            str(each.id) for each in (anna, emre, stage.owner) if str(each.id).encode() in content
        }
        assert known == (
            {str(person.id)} if person is not stage.owner else {str(anna.id), str(emre.id)}
        )
    assert len(heads) == 1
    assert b"emre_shop" not in files(anna)["R-000001.jsonl"]
    assert b"emre_shop" in files(emre)["R-000001.jsonl"]
    # Nobody else gets anything, and is told no more than of a return that is not there.
    boris = await stage.customer("Boris", order("2002"))
    await stage.say(boris, "/export 1", "/report")
    assert not files(boris)
    assert str(OWNER).encode() not in files(anna)["R-000001.jsonl"]


async def test_a_period_comes_as_a_workbook_and_as_csv_and_an_empty_one_as_a_sentence(
    stage: World,
) -> None:
    emre = await stage.seller(language="ru")
    anna = await stage.customer("Anna", order(title="=HYPERLINK(0)"))
    await stage.ask(anna)
    await stage.agree(emre, "Refund without return")
    await stage.say(emre, "/report 2026-02")
    assert "Никто не запрашивал возвратов с 1 февраля" in emre.screen
    await stage.say(emre, "/report of last year")
    assert "2026-03-01 2026-03-31" in emre.screen
    assert not files(emre)
    await stage.press(emre, "Отчёт", "Этот месяц")
    name = "returns_2026-03-01_2026-03-01"
    decisions = "decisions_2026-03-01_2026-03-01.csv"
    assert {*files(emre)} == {f"{name}.xlsx", f"{name}.csv", decisions}
    head, row = csv.reader(io.StringIO(files(emre)[decisions].decode("utf-8-sig")))
    said = dict(zip(head, row, strict=True))
    assert (said["Продавец"], said["Деньги возвращены сразу, без возврата товара"]) == ("acme", "1")
    assert (said["Заявок с ответом в срок"], said["Заявок, ждавших ответа"]) == ("1", "1")
    assert files(emre)[f"{name}.xlsx"].startswith(b"PK")
    head, row = csv.reader(io.StringIO(files(emre)[f"{name}.csv"].decode("utf-8-sig")))
    said = dict(zip(head, row, strict=True))
    assert said["Возврат"] == "R-000001"
    assert said["Товары"] == "'=HYPERLINK(0) × 1"
    assert (said["Уплачено"], said["Валюта"]) == ("2500.00", "RUB")
    assert said["Статус"] == "Решено вернуть деньги"
    assert said["Возврат за товар"] == "2500.00"
    await stage.say(stage.owner, "/export 2026-03-01 2026-03-31")
    rows = files(stage.owner)["returns_2026-03-01_2026-03-31.csv"]
    assert rows.count(b"R-000001") == 1
    assert b'"acme"' in rows


async def test_the_staff_see_what_happened_in_pictures_and_in_sentences_below_them(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as stage:
        emre = await stage.seller()
        olga = stage.owner
        await stage.say(olga, "/stats 2026-02")
        assert "There is nothing to count about all sellers" in olga.screen
        anna = await stage.customer("Anna", order(), order("1002"))
        await stage.ask_for(anna, "1001")
        await stage.ask_for(anna, "1002")
        await stage.agree(emre, "Refund without return")
        await stage.later(hours=24)
        await stage.say(olga, "/stats 2026-03 nobody")
        assert "There is no seller with the code nobody." in olga.screen
        before = len(olga.chat.messages)
        await stage.press(olga, "More", "Figures", "One seller…", "Acme", "The last 7 days")
        pictures = [each for each in olga.chat.messages[before:] if each.photo]
        requests, deadlines, refunds = (each.text for each in pictures)
        assert "2 returns were asked for." in requests
        assert "refunded at once, without a return\xa0— 1" in requests
        assert "approved, because nobody answered in time\xa0— 1" in requests
        assert "1 of 2 deadlines were kept (50\xa0%)." in deadlines
        assert "Promised to customers: 2,500.00\xa0RUB." in refunds
        await stage.say(olga, "/stats 2026-02-01 2026-02-28 acme")
        assert "There is nothing to count about the seller Acme" in olga.screen
        # What is counted at night the seller finds in the morning; the night is counted once.
        await stage.later(days=1)
        await stage.running.counting.work()
        await stage.press(emre, "Report")
        assert "Requests that you answered in time: 1 of 2 (50\xa0%)." in emre.screen
        # A customer who waits is told how others were decided, once there are enough of them.
        async with stage.running.memory.reading(stage.clock()) as unit:
            counted = await unit.cases.meter("acme")
        assert counted is not None
        enough = replace(counted, decided={**counted.decided, "approved": 18})
        await stage.running.memory.keep_meters({"acme": enough}, stage.clock())
        boris = await stage.customer("Boris", order("1003"))
        await stage.ask_for(boris, "1003")
        assert "How this seller decides, from 20 requests of the last 180 days" in boris.screen
        assert "How this seller decides" not in "".join((*anna.texts(), *emre.texts()))
        await stage.running.counting.work()
        await stage.press(emre, "Report")
        assert "1 of 2 (50\xa0%)" in emre.screen
