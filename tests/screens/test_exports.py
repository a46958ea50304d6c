"""Records and reports in words: every screen and page, in every language."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from bot.domain.cases import Role
from bot.domain.money import Money
from bot.domain.reasons import Reason
from bot.papers import Sheet
from bot.screens import figures, meter, report
from bot.screens import record as screens
from bot.screens.screen import Screen
from bot.services.figures import Figures
from bot.services.figures import meter as meter_of
from bot.services.moderating import Sellers
from bot.services.proof import entries, letters
from bot.services.records import Seller
from bot.services.reporting import Period, period_of
from bot.services.tallying import Decided, Ended, Turn
from bot.texts import Html
from bot.workers.documents import PICTURES
from tests.screens.checks import check
from tests.screens.scenes import LANGUAGES, disputed, texts
from tests.services.test_proof import ANNA, EMRE, NOW, OLGA, letter, masked, record

LONG = Period(date(2025, 9, 27), date(2026, 9, 30))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_beside_the_files(language: str) -> None:
    t = texts(language)
    for role in (Role.SELLER, Role.MODERATOR):
        asked = report.ask_period(role, date(2026, 3, 31), t)
        check(asked)
        periods = [str(row[0].data).removeprefix("mr:") for row in asked.rows]
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
def test_every_number_of_a_picture_is_in_the_words_below_it(language: str) -> None:
    t, seller = texts(language), Seller(code="acme", name="Магазин «Acme» & сыновья" * 2)
    many = 123_456
    full = Figures(
        asked=Counter(dict.fromkeys(Reason, many)),
        decided=Counter(dict.fromkeys(Decided, many)),
        decided_after=[60, 90_000, 900_000],
        kept=Counter(dict.fromkeys(Turn, many)),
        missed=Counter(dict.fromkeys(Turn, 7)),
        disputes=Counter(dict.fromkeys(Ended, many)),
        money=Counter({(LONG.first, currency): many for currency in ("RUB", "USD", "JPY")}),
    )
    for draw, say in PICTURES.values():
        for found in (full, Figures()):
            chart = draw(found, LONG, seller, t)
            caption = check(Screen(text=say(found, LONG, seller, t)))
            assert len(caption) < 1024
            assert str(chart).count("{") == 0
        bars = [bar for panel in draw(full, LONG, None, t).panels for bar in panel.bars]
        assert bars
        assert all(bar.label for bar in bars)
    for who in (None, seller):
        check(figures.ask(who, t))
        for said in (figures.on_the_way, figures.empty):
            check(said(LONG, who, t))
    check(figures.choose(Sellers((seller,), 8, more=True), t))
    check(figures.choose(Sellers(()), t))
    check(figures.not_made(LONG, t))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_is_told_how_a_seller_decides_from_twenty_cases_on(language: str) -> None:
    t = texts(language)
    found = Figures(decided=Counter({Decided.APPROVED: 15, Decided.REJECTED: 4}))
    assert meter.sellers_way(meter_of(found), t) is None
    found.decided[Decided.SILENCE] += 1
    said = check(Screen(text=meter.sellers_way(meter_of(found), t) or Html("")))
    assert all(number in said for number in ("20", "15", "4", "1"))
    empty = check(Screen(text=meter.own_meter("Acme", None, t)))
    found.kept[Turn.DECISION] = 19
    found.missed[Turn.REPLY] = found.disputes[Ended.LOST] = 1
    found.answered_after.append(5 * 3600)
    own = check(Screen(text=meter.own_meter("Acme", meter_of(found), t)))
    assert own.count("\n") == 4 > empty.count("\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_and_a_record_tell_what_was_disputed(language: str) -> None:
    t = texts(language)
    case = replace(disputed().case, id=7)
    returns, _ = report.tables([(NOW, case)], staff=True, zone="UTC", t=t)
    row = dict(zip((column.title for column in returns.columns), returns.rows[0], strict=True))
    about = t.plain("The seller's reason is not true")
    assert row[t.plain("Topic of the dispute")] == about
    made = record(Role.MODERATOR, OLGA)
    first = replace(made.archive.lines[0], facts='{"topic":"reason_untrue"}')
    made = replace(made, archive=replace(made.archive, lines=(first,)))
    (block,) = screens.sheet(made, entries(made, masked), (), t).blocks
    assert any(line.endswith(about) for line in block.lines)


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


def test_the_pages_have_room_for_whole_titles_and_keep_an_instant_on_one_line() -> None:
    title = "Фарфоровая кружка с блюдцем, " * 10 + "250 мл"
    made = record(Role.CUSTOMER, ANNA)
    (line,) = made.case.lines
    made = replace(made, case=replace(made.case, lines=(replace(line, title=title),)))
    written = (letter(Role.CUSTOMER, ANNA, Role.SELLER, "Now", "Before " * 60 + "this"),)
    sheet = screens.sheet(made, entries(made, masked), written, texts())
    facts = dict(sheet.facts)
    assert facts["Products"].startswith(f"{title} (A-1) × 1")
    assert facts["Deadline"].startswith("Sun\xa015\xa0March\xa02026,\xa017:00\xa0(Almaty) · ")
    assert sheet.blocks[-1].lines[0].endswith("Before this")
