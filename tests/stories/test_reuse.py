"""Photos that were used before: staff see them beside one another (N-6), and nobody else does."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.cases import Status
from bot.playground.people import Person
from bot.workers.looking import Looking
from tests.pictures import COPIES, jpeg, picture
from tests.world import World, order, world


@pytest.fixture
async def stage(url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(url, tmp_path) as running:
        yield running


async def asks(stage: World, person: Person, number: str, photo: bytes) -> None:
    await stage.say(person, "/orders")
    await stage.press(person, number, "Return products", "I changed my mind", "Skip")
    person.send_photo(photo)
    await stage.settle()
    await stage.press(person, "Done", "Send")


async def looks(stage: World) -> None:
    async with Looking() as looking:
        await stage.running.evidence.work(looking)
    await stage.settle()


def heard(person: Person, word: str) -> int:
    return sum(word in message.text for message in person.chat.messages if message.from_bot)


async def test_a_photo_that_was_cut_and_saved_again_is_found_and_only_staff_are_told(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order("1001"))
    boris = await stage.customer("Boris", order("1002"))
    emre = await stage.seller()
    found, other = picture(2), picture(3)
    await asks(stage, anna, "1001", jpeg(found))
    copy = jpeg(COPIES["cropped, halved, brighter, q30"](found))
    await stage.say(boris, "/orders")
    await stage.press(boris, "1002", "Return products", "I changed my mind", "Skip")
    for photo in (copy, jpeg(other), jpeg(other)):
        boris.send_photo(photo)
        await stage.settle()
    await stage.press(boris, "Done", "Send")
    assert not (await stage.case(2)).photo_reused, "nobody has looked at it yet"
    await looks(stage)
    assert (await stage.case(2)).photo_reused
    assert not (await stage.case(1)).photo_reused
    owner = stage.owner
    *_, album, _, alarm = owner.chat.messages
    assert "one looks cut out of the other · a photo of return R-000002, " in album.text
    assert "A photo of return R-000002 was already used in R-000001." in alarm.text
    assert alarm.labels == ["Open R-000002"]

    before = len(owner.chat.messages)
    await looks(stage)
    assert len(owner.chat.messages) == before, "once for each pair"
    for person in (anna, boris, emre):
        assert not heard(person, "already used")
        assert not heard(person, "beside others")
    await stage.say(owner, "/return R-000002")
    assert "A photo was used before, in R-000001." in owner.screen
    # Who has missed the notice finds them, whoever's move it is.
    await asks(stage, await stage.customer("Zoe", order("1003")), "1003", jpeg(picture(4)))
    await looks(stage)
    await stage.say(owner, "/queue")
    assert "No return waits for the staff" in owner.screen
    await stage.press(owner, "Photos used twice")
    assert owner.screen.startswith("Open returns with a photo that is shown elsewhere, too")
    listed = [label for label in owner.last.labels if label.startswith("R-")]
    assert listed == ["R-000001 · New request", "R-000002 · New request"]
    await stage.press(owner, "R-000001 · New request")
    assert "A photo was used again, in R-000002." in owner.screen, "the card says where"
    await stage.later(hours=24)
    assert (await stage.case(1)).status is Status.APPROVED
    assert (await stage.case(2)).status is Status.PREMOD, "silence leads to a moderator (X-03)"


async def test_a_packing_photo_that_was_shown_for_another_order_is_told_to_staff_alone(
    stage: World,
) -> None:
    emre, olga = await stage.seller(), stage.owner
    boris = await stage.customer("Boris", order("1001"), order("1002"), order("1003"))
    packed = picture(2)
    for number, photo in (
        ("1001", jpeg(packed)),
        ("1002", jpeg(COPIES["cropped, halved, brighter, q30"](packed))),
    ):
        await stage.say(olga, f"/missing {number}")
        await stage.press(olga, "Coffee mug, 2,500.00", "Yes, deduct it")
        await stage.press(emre, "Look at it", "Contest it")
        await stage.say(emre, "It is on the photo.")
        emre.send_photo(photo)
        await stage.settle()
        await stage.press(emre, "Done")
        await looks(stage)
    *_, album, _, alarm = olga.chat.messages
    first, second = (f"a photo against the deduction of order {each}" for each in (1001, 1002))
    assert f"1 and 2: one looks cut out of the other · {second}, {first}" in album.text
    assert f"against the deduction of order 1002 looks like another: {first}." in alarm.text
    await stage.press(olga, "Look at it")
    assert f"A photo looks like another: {first}." in olga.screen
    assert f"A photo looks like another: {second}." not in olga.screen
    # What a customer shows is compared with it, too; what was shown for the same order is not new.
    await asks(stage, boris, "1003", jpeg(packed))
    await looks(stage)
    assert (await stage.case()).photo_reused
    alarm = olga.last
    assert f"A photo of return R-000001 looks like another: {first} and {second}." in alarm.text
    await stage.press(olga, "Open R-000001")
    assert f"A photo looks like another: {first} and {second}." in olga.screen
    before = len(olga.chat.messages)
    await looks(stage)
    assert len(olga.chat.messages) == before, "once for each pair"
    for person in (boris, emre):
        assert not heard(person, "looks like another")


async def test_a_photo_that_is_the_shop_s_own_picture_is_told_to_staff_alone(
    stage: World,
) -> None:
    emre, olga = await stage.seller(), stage.owner
    anna = await stage.customer("Anna", order("1001"), order("1002"))
    ours, own = picture(2), picture(3)
    await stage.say(emre, "/settings")
    await stage.press(emre, "Pictures of the shop: 0", "Add pictures")
    emre.send_photo(jpeg(own))
    await stage.settle()
    assert "with the SKU of the product as its caption" in emre.screen
    emre.send_album([jpeg(ours), _cut_short()], "A-1")
    await stage.settle()
    assert "2 pictures are kept." in emre.screen
    await stage.press(emre, "Done")
    await looks(stage)
    await stage.say(emre, "/settings")
    await stage.press(emre, "Pictures of the shop: 2")
    assert "A-1: 2 pictures, 1 cannot be compared" in emre.screen
    await asks(stage, anna, "1001", jpeg(COPIES["cropped, halved, brighter, q30"](ours)))
    await looks(stage)
    assert (await stage.case()).photo_reused
    *_, album, shop, alarm = olga.chat.messages
    assert album.photo
    assert shop.photo
    assert "1 and 2: one looks cut out of the other · a photo of return R-000001" in album.text
    assert "looks like another: the shop's own picture of A-1. Look at both" in alarm.text
    for person in (anna, emre):
        assert not heard(person, "looks like another")
    # Once it is forgotten, nothing looks like it any more.
    await stage.press(emre, "Delete A-1")
    assert any("0 products have pictures." in text for text in emre.texts())
    await asks(stage, anna, "1002", jpeg(COPIES["cropped, halved, brighter, q30"](own)))
    await looks(stage)
    assert not (await stage.case(2)).photo_reused
    await stage.say(olga, "/return 1")
    assert "the shop's own picture" not in olga.screen


async def test_what_cannot_be_looked_at_is_evidence_and_staff_are_told_why(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await asks(stage, anna, "1001", _cut_short())
    await looks(stage)
    await stage.say(stage.owner, "/return R-000001")
    assert "1 photo could not be compared with others: damaged." in stage.owner.screen
    assert sum(m.from_bot and m.has_media for m in emre.chat.messages) == 1
    assert "could not be compared" not in emre.screen


async def test_a_paper_that_says_where_it_was_made_reaches_nobody(stage: World) -> None:
    """Telegram leaves in a file what it takes out of a photo: files are not taken (S6)."""
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.say(anna, "/orders")
    await stage.press(anna, "1001", "Return products", "I changed my mind", "Skip")
    anna.send_document(_with_place(), "photo.jpg", mime="image/jpeg")
    await stage.settle()
    assert "as a photo" in anna.screen
    anna.send_photo()
    await stage.settle()
    await stage.press(anna, "Done", "Send")
    assert not any(message.document for message in emre.chat.messages)


def _cut_short() -> bytes:
    whole = jpeg(picture(1))
    return whole[: len(whole) // 3]


def _with_place() -> bytes:
    made = picture(1)
    exif = made.getexif()
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 45.0, 21.0)})

    content = io.BytesIO()
    made.save(content, "JPEG", exif=exif)
    assert b"Exif" in content.getvalue()
    return content.getvalue()
