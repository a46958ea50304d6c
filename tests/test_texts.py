"""How words are made: escaping, plurals, dates, money, and the reader's own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Money
from bot.playground.entities import read_text
from bot.playground.markup import utf16_length
from bot.texts import VALUE_LIMIT, Catalogues, Html, cleaned, joined, shortened

CATALOGUES = Catalogues()
PLAIN = Catalogues(entities=False)
MARCH_3 = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)

t = PLAIN.texts("en", "Asia/Almaty")
ru = PLAIN.texts("ru", "Asia/Almaty")


def test_values_are_escaped_and_our_own_html_is_not() -> None:
    assert t("Order {number}", number="<b>&") == "Order &lt;b&gt;&amp;"
    assert t("Order {number}", number=Html("<b>1</b>")) == "Order <b>1</b>"


def test_a_plain_text_is_not_escaped_and_takes_no_html() -> None:
    assert t.plain("Open {number}", number="A&B") == "Open A&B"
    with pytest.raises(TypeError):
        t.plain("Open {number}", number=Html("<b>1</b>"))


def test_a_code_is_never_written_out() -> None:
    class Status(StrEnum):
        NEW = "NEW"

    with pytest.raises(TypeError):
        t("Order {number}", number=Status.NEW)


def test_a_value_reads_the_same_whether_or_not_it_is_seen_to_need_no_care() -> None:
    for letters in product("aЯ9.,: \xa0₽-@/#$+<○%=", repeat=3):
        value = "".join(letters)
        # What is hidden in it needs care, and is taken out.
        assert t("{name}", name=value) == t("{name}", name=f"{value}\u200b")


def test_what_turns_the_direction_or_hides_is_taken_out() -> None:
    assert cleaned("\u202egnp\u2066\u200f.exe\x00\ud800") == "gnp.exe"
    assert t.plain("Open {number}", number="a\n\n\tb") == "Open a b"


def test_a_value_makes_no_link_mention_command_or_number() -> None:
    for live in (
        "@some_one",
        "https://a.example/x",
        "a.example.com",
        "/approve",
        "#tag",
        "+79991234567",
    ):
        _, entities = read_text(t("Order {number}", number=live), "HTML", None)
        assert entities == []


@given(st.text(alphabet=st.characters(), max_size=900), st.integers(1, 400))
def test_a_shortened_text_fits_after_escaping(text: str, limit: int) -> None:
    short = shortened(cleaned(text), limit)
    escaped = short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert utf16_length(escaped) <= limit
    assert short == cleaned(text) or short.endswith("…")


def test_a_long_value_is_shortened() -> None:
    said = t("Order {number}", number="x" * 5000)
    assert said.endswith("x…")
    assert len(said) == len("Order ") + VALUE_LIMIT


def test_a_quote_keeps_its_lines() -> None:
    assert t.quote("a\r\n\n\n\nb <i>") == "<blockquote>a\n\nb &lt;i&gt;</blockquote>"


def test_joined_leaves_out_what_is_empty_and_escapes_what_is_plain() -> None:
    assert joined([Html("<b>a</b>"), None, "", "<b>"]) == "<b>a</b>\n&lt;b&gt;"


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 день"), (2, "2 дня"), (4, "4 дня"), (5, "5 дней"), (11, "11 дней"), (21, "21 день")],
)
def test_russian_counts_in_three_forms(count: int, words: str) -> None:
    assert ru.n("{count} day", "{count} days", count) == words


@pytest.mark.parametrize(
    ("span", "english", "russian"),
    [
        (timedelta(days=2, hours=5, minutes=59), "2 days 5\xa0h left", "ещё 2 дня 5\xa0ч"),
        (timedelta(days=1), "1 day left", "ещё 1 день"),
        (timedelta(hours=5), "5\xa0h left", "ещё 5\xa0ч"),
        (
            timedelta(hours=5, minutes=20, seconds=59),
            "5\xa0h 20\xa0min left",
            "ещё 5\xa0ч 20\xa0мин",
        ),
        (timedelta(seconds=59), "less than a minute left", "осталось меньше минуты"),
        (timedelta(seconds=-5), "less than a minute left", "осталось меньше минуты"),
    ],
)
def test_what_is_left_is_never_more_than_there_is(
    span: timedelta, english: str, russian: str
) -> None:
    assert (t.left(span), ru.left(span)) == (english, russian)


def test_an_instant_is_told_in_the_readers_zone_which_is_named() -> None:
    assert t.moment(MARCH_3) == "Tue 3 March, 13:00 (Almaty)"
    assert ru.moment(MARCH_3) == "3 марта (вт), 13:00 (Алматы)"
    assert PLAIN.texts("en", "Not/AZone").moment(MARCH_3) == "Tue 3 March, 08:00 (UTC)"
    late = datetime(2026, 3, 3, 23, 30, 5, tzinfo=UTC)
    assert PLAIN.texts("en", "Europe/Moscow").moment(late) == "Wed 4 March, 02:30:05 (Moscow)"


def test_summer_time_is_the_readers_own() -> None:
    berlin = PLAIN.texts("en", "Europe/Berlin")
    assert berlin.moment(datetime(2026, 3, 28, 12, tzinfo=UTC)).startswith("Sat 28 March, 13:00")
    assert berlin.moment(datetime(2026, 3, 29, 12, tzinfo=UTC)).startswith("Sun 29 March, 14:00")


def test_an_instant_carries_the_date_time_entity_around_the_same_words() -> None:
    text, entities = read_text(CATALOGUES.texts("en", "Asia/Almaty").when(MARCH_3), "HTML", None)
    assert text == t.moment(MARCH_3)
    assert [(e["type"], e["unix_time"]) for e in entities] == [
        ("date_time", int(MARCH_3.timestamp()))
    ]


def test_a_deadline_is_told_to_the_minute_and_never_later_than_it_is() -> None:
    late = datetime(2026, 3, 3, 8, 59, 59, 999_999, tzinfo=UTC)
    assert PLAIN.texts("en").when(late) == "Tue 3 March, 08:59 (UTC)"
    assert PLAIN.texts("en").until(late) == "Tue 3 March, 08:59 (UTC)"
    assert PLAIN.texts("en").opening(late) == "Tue 3 March, 09:00 (UTC)"
    assert PLAIN.texts("en").opening(MARCH_3) == "Tue 3 March, 08:00 (UTC)"
    _, entities = read_text(CATALOGUES.texts("en").when(late), "HTML", None)
    assert [each["unix_time"] for each in entities] == [int(late.timestamp())]


def test_a_day_far_away_has_its_year() -> None:
    day = date(2027, 3, 3)
    assert t.day(day) == "Wed 3 March"
    assert t.day(day, near=date(2026, 3, 3)) == "Wed 3 March 2027"


def test_an_exclusive_end_at_midnight_is_the_day_before_and_else_the_moment() -> None:
    midnight_in_almaty = datetime(2026, 3, 3, 19, 0, tzinfo=UTC)
    assert t.until(midnight_in_almaty) == "Tue 3 March"
    moscow = PLAIN.texts("en", "Europe/Moscow")
    assert moscow.until(midnight_in_almaty) == "Tue 3 March, 22:00 (Moscow)"


def test_money_is_exact() -> None:
    assert t.money(Money(180000, "RUB")) == "1,800.00\xa0RUB"
    assert ru.money(Money(180000, "RUB")) == "1\xa0800,00\xa0₽"
    assert t.money(Money(5000, "JPY")) == "¥5,000"
    assert t.money(Money(1, "USD")) == "$0.01"
    assert Money(10**17, "RUB").amount == Decimal("1000000000000000.00")
    assert t.money(Money(10**17, "RUB")) == "1,000,000,000,000,000.00\xa0RUB"


def test_a_list_is_joined_in_the_readers_language() -> None:
    assert t.list(["a", "<b>", "c"]) == "a, &lt;b&gt;, and c"
    assert ru.list(["a", "b"]) == "a и b"


@pytest.mark.parametrize(
    ("code", "spoken"), [("ru", "ru"), ("ru-RU", "ru"), ("de", "en"), (None, "en"), ("EN_us", "en")]
)
def test_the_nearest_language_is_spoken(code: str | None, spoken: str) -> None:
    assert CATALOGUES.nearest(code) == spoken


def test_a_label_is_known_in_every_language() -> None:
    assert CATALOGUES.renderings("My orders") == {"My orders", "Мои заказы"}


def test_a_folder_without_english_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Catalogues(tmp_path)


def test_a_message_that_nobody_translated_is_said_in_english() -> None:
    assert ru("Nobody has translated {this}", this="this") == "Nobody has translated this"
