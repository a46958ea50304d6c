"""One person at the page plays everybody; see `conftest.py` for how a person acts there."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.playground.cast import AYGUN, CAST, DMITRY, EMRE, OLGA
from tests.browser.conftest import PATIENCE_MS, OpenPage, Opens, Phone

pytestmark = pytest.mark.browser

WIDER_THAN_THE_WINDOW = """() => [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility())
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5)
    .map((each) => `${each.tagName}.${each.className}`)"""


async def ask_for_a_return(aygun: Phone) -> None:
    """From the link of the order to the case."""
    await aygun.open_link("coffee mug")
    await aygun.press("Open the order")
    await aygun.press("Return products")
    await aygun.press("☐ Hand-painted coffee mug")
    await aygun.press("Done")
    await aygun.press("1")
    await aygun.press("It was damaged on the way")
    await aygun.sees("step 4")
    await aygun.say("A long crack runs down from the rim.")
    await aygun.sees("step 5")
    await aygun.attach("Send an album of 3 photos")
    await aygun.press("Done")
    await aygun.press("By post")
    await aygun.press("Send")
    await aygun.sees("R-000001 is sent")


async def join_the_team(emre: Phone) -> None:
    await emre.open_link("Anatolia Home")
    await emre.press("Accept the invitation")
    await emre.sees("Welcome!")


async def test_one_person_takes_a_return_from_the_first_tap_to_the_money(opens: Opens) -> None:
    window = await opens()
    aygun, emre, olga = (window.phone(each) for each in (AYGUN, EMRE, OLGA))
    await olga.start()
    await join_the_team(emre)
    await ask_for_a_return(aygun)

    await emre.press("Approve")
    await emre.press("Yes: Approve")
    await aygun.sees("R-000001 · Approved", "Anatolia Home")

    await aygun.press("I have sent it")
    await aygun.sees("Send a photo of the receipt")
    await aygun.attach("receipt")
    await aygun.press("Done")
    await aygun.sees("packaging and postage cost")
    await aygun.say("500 RUB")
    await aygun.sees("What is the track number?")
    await aygun.say("RR123456785AZ")
    await emre.sees("R-000001 · On the way back", "RR123456785AZ")

    await window.move_clock("+1 day")
    await emre.press("Return received")
    await emre.press("Yes: Return received")
    await emre.press("Refund")
    await emre.press("All of it: 500.00 RUB")
    await emre.press("Yes: Refund")

    await olga.sees("R-000001 · Refund decided")
    await olga.press("Mark as paid")
    await olga.sees("reference of the payment")
    await olga.say("BANK-0042")
    await olga.press("Yes: Mark as paid")
    await aygun.sees("R-000001 · Refunded", "2,990.00 RUB")


async def test_the_clock_decides_for_a_silent_seller(opens: Opens) -> None:
    window = await opens()
    aygun, emre = window.phone(AYGUN), window.phone(EMRE)
    await join_the_team(emre)
    await ask_for_a_return(aygun)
    to_the_deadline = window.page.locator("#next")
    await expect(to_the_deadline).to_contain_text("decision", timeout=PATIENCE_MS)
    await to_the_deadline.click()
    await aygun.sees("R-000001 · Approved", "by the clock, under rule D-07")
    # A day is over: the group of the staff keeps where the histories end.
    await window.page.get_by_role("button", name="Chat of Anatolia support").click()
    group = Phone(window.page.locator(f"#phone-{window.on.group.id}"))
    await group.sees("heads_", "the history of 1 return has grown")
    await group.say("/say customer Hello")
    await group.sees("This is no topic of a dispute")


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "light"), ("ru-RU", "dark")])
async def test_nothing_leaves_the_edge_of_a_phone(opens: Opens, language: str, scheme: str) -> None:
    window = await opens(390, 844, language, scheme)
    await fits(window)
    await window.phone(AYGUN).open_link()
    await window.phone(AYGUN).press("Open the order")
    await fits(window)
    await window.phone(AYGUN).node.locator(".composer > .round").nth(1).click()
    await fits(window)
    await window.page.keyboard.press("Escape")
    for id in (*(member.id for member in CAST), window.on.group.id):
        await window.page.locator(f".tab[data-person='{id}']").click()
        await expect(window.page.locator(f"#phone-{id}")).to_be_visible()
        await expect(window.page.locator(".phone:visible")).to_have_count(1)
        await fits(window)


async def fits(window: OpenPage) -> None:
    assert await window.page.evaluate("document.documentElement.scrollWidth") == 390
    assert await window.page.evaluate(WIDER_THAN_THE_WINDOW) == []


async def test_the_page_and_the_people_speak_their_own_language(opens: Opens) -> None:
    window = await opens(language="ru-RU")
    page, aygun = window.page, window.phone(AYGUN)
    await expect(page.locator("#next")).to_contain_text("Сроков сейчас нет")
    await aygun.node.get_by_role("group", name="Язык Telegram").get_by_text("RU").click()
    await aygun.start()
    await aygun.sees("Здравствуйте")
    await page.locator("#tools").get_by_text("EN").click()
    await expect(page.locator("#next")).to_contain_text("No deadline is running")
    await aygun.sees("Здравствуйте")


async def test_what_people_write_is_never_markup(opens: Opens) -> None:
    window = await opens()
    await window.page.get_by_role("button", name="Chat of Дмитрий").click()
    dmitry = window.phone(DMITRY)
    await dmitry.say('<img src="x" onerror="document.title = 1"> <b>bold</b>')
    await dmitry.sees("<b>bold</b>")
    assert await dmitry.node.locator(".text img, .text b").count() == 0
    assert "Return Desk" in await window.page.title()
