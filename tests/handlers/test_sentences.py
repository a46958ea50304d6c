import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.cases import Refused, Role, Status
from bot.domain.money import Money
from bot.domain.refusals import Code
from bot.texts import Catalogues
from handlers.sentences import plain, reason, sentence

CATALOGUES = Catalogues()
T = CATALOGUES.texts("en")
ROOMS = ("bot/domain", "bot/services", "handlers")


def codes() -> set[str]:
    """Every code that the program raises by name."""
    root = Path(__file__).parents[2]
    raised = re.compile(r'Refused\(\s*"([a-z_]+)"')
    return {
        code
        for room in ROOMS
        for path in (root / room).rglob("*.py")
        for code in raised.findall(path.read_text("utf-8"))
    } | {code.value for code in Code}


@pytest.mark.parametrize("code", sorted(codes() - {"warranty_too_short"}))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_refusal_has_a_sentence_of_its_own(code: str, language: str) -> None:
    words = sentence(CATALOGUES.texts(language), Refused(code, title="Mug", least=2, most=3))
    assert words
    assert words != sentence(CATALOGUES.texts(language), Refused("no such code"))


def test_a_stale_button_says_who_has_already_decided() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    words = sentence(T, Refused("stale", by=Role.SELLER, status=Status.APPROVED, at=at))
    assert "already decided by the seller on Mon 2 March, 10:00 (UTC): approved." in plain(words)


def test_the_clock_is_somebody_who_acts_in_russian_too() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    refused = Refused("stale", by=Role.CLOCK, status=Status.APPROVED, at=at)
    assert "(таймер)" in plain(sentence(CATALOGUES.texts("ru"), refused))


def test_only_a_person_is_told_to_write_to_support_and_not_a_simulation() -> None:
    refused = Refused("non_returnable", title="Bread")
    assert "write to support" in plain(sentence(T, refused))
    assert plain(reason(T, refused)) == "Bread cannot be returned for this reason."


def test_what_is_said_of_nobody_blocked_fits_whom_it_is_said_to() -> None:
    assert "You are not blocked" in plain(sentence(T, Refused("not_blocked", own=True)))
    assert "This customer is not blocked" in plain(sentence(T, Refused("not_blocked")))


def test_a_closed_window_names_last_days_as_the_order_does_and_says_what_remains() -> None:
    until = datetime(2026, 3, 3, tzinfo=UTC)
    refused = Refused("window_closed", closed=until, title="Bread", defect_until=until)
    words = plain(sentence(T, refused))
    assert "It closed on Mon 2 March." in words
    assert "A defect can still be claimed until Mon 2 March." in words


def test_a_sum_out_of_range_names_the_range() -> None:
    words = sentence(T, Refused(Code.AMOUNT_OUT_OF_RANGE, below=Money.of("2500.00")))
    assert "less than 2,500.00" in words


def test_a_toast_has_no_markup() -> None:
    words = sentence(T, Refused("quantity_used_up", left=1, title="<Mug & Co>"))
    assert plain(words) == "Only 1 unit of <Mug & Co> can still be returned."
