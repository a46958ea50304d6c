"""What is said about an instant is exact for every reader."""

from datetime import UTC, datetime

from bot.texts import Catalogues


def test_two_readers_of_one_instant_each_see_their_own_clock() -> None:
    catalogues = Catalogues()
    instant = datetime(2026, 3, 2, 10, tzinfo=UTC)
    baku = catalogues.texts("en", "Asia/Baku").moment(instant)
    london = catalogues.texts("en", "Europe/London").moment(instant)
    assert "14:00" in baku
    assert "10:00" in london
