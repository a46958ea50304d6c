"""The shop's own pictures: the list in its pages, and the question for more."""

from __future__ import annotations

import pytest

from bot.screens import pictures
from bot.screens.buttons import ShopPictures
from bot.services.pictures import LONGEST, mark
from bot.services.records import Pictured
from tests.screens.checks import check
from tests.screens.scenes import LANGUAGES, texts

SELLER = "s" * 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_pages_and_fits_into_its_buttons(language: str) -> None:
    t = texts(language)
    found = [Pictured(f"{at:02d}{'Ж' * (LONGEST - 2)}", at + 1, at % 3) for at in range(20)]
    for offset, shown in ((0, 8), (8, 8), (16, 4), (999, 8)):
        screen = pictures.pictures(SELLER, found, offset, t)
        said = check(screen)
        data = [str(button.data) for row in screen.rows for button in row]
        drops = [ShopPictures.unpack(each).drop for each in data if each.startswith("sp:")]
        first = offset if offset < 20 else 0
        marks = [mark(each.sku) for each in found[first : first + 8]]
        assert [each for each in drops if each != "-"] == marks
        assert said.count("Ж" * (LONGEST - 2)) == shown
    for count in (0, 1, 3, 1000):
        assert check(pictures.ask(count, t))
    assert check(pictures.pictures(SELLER, (), 0, t))
