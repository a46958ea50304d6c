"""Records and reports in words: every screen and page, in every language."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.cases import Role
from bot.domain.money import Money
from bot.papers import Sheet
from bot.screens import record as screens
from bot.screens import report
from bot.screens.screen import Screen
from bot.services.proof import entries, letters
from bot.services.reporting import Period, period_of
from tests.screens.checks import check
from tests.screens.scenes import LANGUAGES, texts
from tests.services.test_proof import ANNA, EMRE, NOW, OLGA, letter, masked, record

LONG = Period(date(2025, 9, 27), date(2026, 9, 30))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_beside_the_files(language: str) -> None:
    t = texts(language)
    for role in (Role.SELLER, Role.MODERATOR):
        asked = report.ask_period(role, date(2026, 3, 31), t)
        check(asked)
        periods = [str(row[0].data).removeprefix("y:") for row in asked.rows]
        assert [period_of(each).code for each in periods] == periods
        assert periods[1] == "2026-02-01_2026-02-28"
    for count in (1, 2, 5, 50_000):
        assert str(count) in check(report.on_the_way(LONG, count, t))
    for said in (report.empty(LONG, t), report.not_made(LONG, t), screens.not_made("R-1", t)):
        assert check(said)
    for caption in (
        report.caption(LONG, t), screens.caption("R-000001", "pdf", t),
        screens.caption("R-000001", "jsonl", t),
    ):  # fmt: skip
        assert len(check(Screen(text=caption))) < 1024
    assert check(screens.on_the_way("R-000001", t))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_say_to_each_party_what_it_may_see(language: str) -> None:
    pages: dict[Role, Sheet] = {}
    for role, person in (
        (Role.CUSTOMER, ANNA), (Role.SELLER, EMRE), (Role.MODERATOR, OLGA),
    ):  # fmt: skip
        written = (letter(Role.CUSTOMER, ANNA, Role.SELLER, "Please", "Now!"),)
        made = record(role, person, letters=written)
        pages[role] = screens.sheet(
            made, entries(made, masked), letters(made, masked), texts(language)
        )
        assert len(pages[role].blocks) == 5
        assert pages[role].page.format(page=1, pages=2).count("{") == 0
        assert made.archive.lines[-1].digest in pages[role].footer
        assert str(NOW.year) in pages[role].blocks[0].when
    said = {role: str(page) for role, page in pages.items()}
    assert "rude" not in said[Role.CUSTOMER] + said[Role.SELLER]
    assert "rude" in said[Role.MODERATOR]
    assert "Now!" not in said[Role.SELLER]
    assert "[hidden]" in said[Role.SELLER]
    ids = {str(each) for each in (ANNA, EMRE, OLGA)}
    assert not [id for id in ids if id in said[Role.CUSTOMER] + said[Role.SELLER]]
    sum = texts(language).money(Money(250000, "RUB"))
    moved = {
        role: [f"{sum}:" in line for line in page.blocks[2].lines] for role, page in pages.items()
    }
    assert [moved[role].count(True) for role in pages] == [1, 2, 2]
