"""A script in a few words is the script that support would have written (N-9)."""

from __future__ import annotations

import pytest

from bot.domain.policy import Policy
from bot.services import spoken
from bot.services.script import Script, ScriptError
from bot.services.simulation import Entry, Played, played
from bot.services.trying import tried
from tests.domain.life import march
from tests.services.test_simulation import script


def told(text: str) -> list[tuple[str, str, str]]:
    """When what led where, in the clock of March."""
    return [line_of(each) for each in tried(text, march(1), Policy()).played.entries]


def line_of(entry: Entry) -> tuple[str, str, str]:
    refused = f" refused: {entry.refused}" if entry.refused else ""
    return (f"{entry.at:%d %H:%M}", entry.event, f"{entry.status}{refused}")


def test_a_silent_seller_and_a_silent_customer_print_the_first_timeline() -> None:
    """TL-1, and what is foretold of the last of it."""
    found = tried("delivered −3d, request, seller silent…", march(1), Policy())
    assert [line_of(each) for each in found.played.entries] == [
        ("01 10:00", "submit", "NEW"),
        ("02 10:00", "decision_due", "APPROVED"),
    ]
    assert found.silent is not None
    assert [(step.at, step.kind) for step in found.silent.steps] == [
        (march(6), "ship"),
        (march(8), "late_proof"),
    ]
    assert told("request, nobody does anything, customer silent, никто") == [
        ("01 10:00", "submit", "NEW"),
        ("02 10:00", "decision_due", "APPROVED"),
        ("06 10:00", "ship_due", "OVERDUE"),
        ("08 10:00", "late_proof_due", "OVERDUE"),
    ]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        # TL-3, TL-5, TL-8 and TL-11 of the specification, then what people would type.
        (
            "request, seller asks 23h, customer silent",
            ("04 10:00", "clarify_due", "CANCELED_INACTION"),
        ),
        ("price 1800, request, customer accepts", ("01 10:00", "accept", "COMP_ACCEPTED")),
        ("цена 1800.01, запрос", ("01 10:00", "submit", "NEW")),
        (
            "request, seller silent, customer sent 3d 23h 59m 59s",
            ("06 09:59", "sent", "IN_TRANSIT"),
        ),
        (
            "request, seller silent, customer sent 4d",
            ("06 10:00", "sent", "OVERDUE refused: deadline_passed"),
        ),
        (
            "request, seller approves, customer sends 1d, seller receives 2d, "
            "seller rejects defect_not_found 1h, customer silent",
            ("09 11:00", "appeal_due", "REJECTED_MUTUAL"),
        ),
        (
            "ship.days = 7, request, seller approves, customer silent",
            ("08 10:00", "ship_due", "OVERDUE"),
        ),
        (
            "запрос, продавец молчит, покупатель отправил через 2 дня",
            ("04 10:00", "sent", "IN_TRANSIT"),
        ),
        (
            "category food, request spoiled",
            ("01 10:00", "submit", "DRAFT refused: window_closed"),
        ),
        (
            "request, seller rejects, customer opens a dispute, seller replies, "
            "moderator decides for customer 1h",
            ("01 11:00", "decide", "APPROVED"),
        ),
        (
            "request, seller approves, customer silent, customer late proof 1h, moderator approves",
            ("05 11:00", "approve", "IN_TRANSIT"),
        ),
    ],
)
def test_a_few_words_are_played(text: str, last: tuple[str, str, str]) -> None:
    assert told(text)[-1] == last


@pytest.mark.parametrize(
    ("text", "part", "words"),
    [
        ("request, seller dances", "seller dances", "this is not understood"),
        ("request, approves", "approves", "who does this?"),
        ("request, seller offers 500 loudly", "seller offers 500 loudly", "is not understood here"),
        ("request, customer silent", "customer silent", "no deadline runs here"),
        ("ship.dayz = 7, request", "ship.dayz = 7", "there is no such key"),
        ("delivered -3d", "delivered -3d", "this is not understood"),
        ("delivered -99999999d, request", "delivered -99999999d", "a hundred years"),
        (f"delivered -{'36500d' * 60}, request", f"delivered -{'36500d' * 60}", "two years"),
        (f"request, seller approves {'36500d' * 90}", f"seller approves {'36500d' * 90}", "two y"),
        ("offer.min = 1e30, request", "offer.min = 1e30", "too large"),
        (f"offer.min = {'9' * 5_000}, request", f"offer.min = {'9' * 5_000}", "too large"),
        ("request, moderator decides 99999999d", "moderator decides 99999999d", "a hundred years"),
    ],
)
def test_what_is_not_understood_is_named(text: str, part: str, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        tried(text, march(1), Policy())
    assert caught.value.key == part[:40]
    assert words in caught.value.words


def test_a_script_of_many_years_is_not_played_for_somebody_who_waits() -> None:
    with pytest.raises(ScriptError, match="two years"):
        tried("request, seller approves 900d", march(1), Policy())
    late = script(("36500d", "seller", "approve")).replace("2026", "9999")
    with pytest.raises(ScriptError, match="two years"):
        tried(late, march(1), Policy())


def test_a_script_of_many_silences_is_not_played_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of them plays all that comes before it: they end where the two years end."""
    plays = []

    def counted(script: Script) -> Played:
        plays.append(script)
        return played(script)

    monkeypatch.setattr(spoken, "played", counted)
    with pytest.raises(ScriptError, match="two years"):
        tried("request, ship.days = 800" + ", nobody" * 20, march(1), Policy())
    assert len(plays) == 2
    with pytest.raises(ScriptError, match="at most 30 parts"):
        tried("request" + ", nobody" * 600, march(1), Policy())
