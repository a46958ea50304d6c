"""The door, the lists, what sellers and staff see beside cards, and the notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.domain.cases import Alarm, Role, TimerKind
from bot.screens import (
    claim,
    invitations,
    keys,
    lists,
    menu,
    notices,
    person,
    seller,
    support,
)
from bot.screens.buttons import OpenCase, Redeem, SetRole
from bot.screens.screen import Screen, Toast
from bot.services.health import Health
from bot.services.records import Account, Seller
from bot.services.views import Listed
from bot.texts import Html, Texts
from tests.domain.life import march
from tests.screens.checks import check
from tests.screens.scenes import CATALOGUES, LANGUAGES, SCENES, scene, texts

ROOT = Path(__file__).parents[2]
ANNA = Account(id=1, name="Anna <b>")
EMRE = Account(id=2, name="Emre", role=Role.SELLER, sellers=("acme",))
OLGA = Account(id=3, name="Olga", role=Role.ADMIN, staff=Role.ADMIN, sellers=("acme",))
ACME = Seller(code="acme", name="Acme <&>", address="Acme, İzmir 35220")
PEOPLE = (ANNA, EMRE, OLGA)
CASES = Listed(tuple(scene(name).case for name in list(SCENES)[:8]), 8, True)


def health(**changes: Any) -> Health:
    """A service that is well, with changes."""
    waits = dict.fromkeys(
        ("inbox", "quarantine", "shed", "outbox", "unopened", "dead", "timers", "late"), 0
    )
    well = Health(
        now=march(20),
        last_answer=march(20),
        disagreement=timedelta(seconds=1),
        counts={"NEW": 2, **waits, **changes.pop("counts", {})},
    )
    return replace(well, **changes)


SCREENS: dict[str, Callable[[Texts], Screen | Toast]] = {
    "no orders": lambda t: menu.home(ANNA, t, greet=True, orders=0),
    "private": lambda t: menu.private_chat(t, "https://t.me/bot"),
    "only private": menu.only_in_private,
    "phone": claim.ask_phone,
    "not own": claim.not_own_contact,
    "found none": lambda t: claim.phone_found(ANNA, [], t),
    "found": lambda t: claim.phone_found(ANNA, ["1", "2"], t),
    "number": claim.ask_number,
    "code": lambda t: claim.ask_code("<b>", t, Html("No.")),
    "claimed": lambda t: claim.claimed("1001", t),
    "support": lambda t: claim.support(march(4), march(5), t, missing=False),
    "order missing": lambda t: claim.support(march(4), march(5), t, missing=True),
    "languages": lambda t: person.languages(CATALOGUES.languages, t),
    "language": lambda t: person.language_set(ANNA, t),
    "roles": lambda t: person.roles(OLGA, t),
    "left": lambda t: menu.left(ANNA, t, was_open=True),
    "nothing left": lambda t: menu.left(ANNA, t, was_open=False),
    "invitation": lambda t: invitations.invitation(
        Role.SELLER, "Acme", "Olga @olga", march(4), "x" * 22, t
    ),
    "invitation of staff": lambda t: invitations.invitation(
        Role.MODERATOR, "", "Olga", march(4), "x" * 22, t
    ),
    "joined": lambda t: invitations.joined_team(EMRE, Role.SELLER, t),
    "link": lambda t: invitations.invitation_link(
        Role.SELLER, "https://t.me/bot?start=i1", march(4), t
    ),
    "void": invitations.invitation_void,
    "returns": lambda t: lists.returns(CASES, t),
    "no returns": lambda t: lists.returns(Listed(()), t),
    "queue of a seller": lambda t: lists.queue(CASES, Role.SELLER, t),
    "queue of staff": lambda t: lists.queue(CASES, Role.MODERATOR, t),
    "empty queue": lambda t: lists.queue(Listed(()), Role.SELLER, t),
    "refunds": lambda t: lists.refunds(
        Listed((scene("to be refunded").case,)), Role.ADMIN, t, march(20)
    ),
    "late refunds": lambda t: lists.refunds(
        Listed((scene("to be refunded").case,)), Role.ADMIN, t, march(31)
    ),
    "no refunds": lambda t: lists.refunds(Listed(()), Role.MODERATOR, t, march(20)),
    "address": lambda t: seller.ask_address(ACME, t, Html("No."), ["b", "c"]),
    "address set": lambda t: seller.address_set(ACME, 2, t),
    "team": lambda t: seller.team(ACME, 3, t),
    "invite": lambda t: invitations.invite([ACME], t),
    "which return": partial(support.ask_return, "return"),
    "health": lambda t: support.health(health(), t),
    "health, unreached": lambda t: support.health(health(last_answer=None), t),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_is_whole(name: str, language: str) -> None:
    assert check(SCREENS[name](texts(language)))


@pytest.mark.parametrize("account", PEOPLE, ids=lambda account: account.role)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_has_its_home_and_its_help(account: Account, language: str) -> None:
    t = texts(language)
    for screen in (
        menu.home(account, t, greet=True, orders=1),
        menu.help(account, t),
        person.role_set(account, t),
    ):
        assert check(screen)
        assert screen.rows or screen.keys == keys.keys_of(account, t)


@pytest.mark.parametrize("account", PEOPLE, ids=lambda account: account.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_are_as_telegram_wants_them(account: Account, language: str) -> None:
    commands = menu.commands_of(account.role, texts(language))
    assert len({name for name, _ in commands}) == len(commands)
    for name, what in commands:
        assert name.islower()
        assert name.isalpha()
        assert 3 <= len(what) <= 256


def test_each_role_has_its_own_keys_and_only_who_holds_two_may_change() -> None:
    t = texts()
    shown = {p.id: [key.label for row in keys.keys_of(p, t) for key in row] for p in PEOPLE}
    assert shown[1] == ["My orders", "My returns", "Help"]
    assert shown[2][:2] == ["Open cases", "Return address"]
    assert "Change role" in shown[3]
    assert "Change role" not in shown[1]
    ivan = replace(OLGA, role=Role.MODERATOR, staff=Role.MODERATOR)
    assert "Invite" in shown[OLGA.id]
    assert "Invite" not in [key.label for row in keys.keys_of(ivan, t) for key in row]
    assert person.roles(OLGA, t).rows[1][0].data == SetRole(role="seller").pack()


def test_the_phone_is_shared_with_a_key_that_sends_the_own_contact() -> None:
    rows = claim.ask_phone(texts("ru")).keys
    assert rows is not None
    assert (rows[0][0].label, rows[0][0].contact) == ("Поделиться номером телефона", True)


def test_an_invitation_names_the_role_the_inviter_and_its_end() -> None:
    screen = invitations.invitation(Role.SELLER, "Acme", "Olga", march(4), "x" * 22, texts())
    assert "Olga invites you to the team of the seller Acme." in screen.text
    assert "until Wed 4 March, 15:00 (Almaty)" in screen.text
    assert screen.rows[0][0].data == Redeem(token="x" * 22).pack()


def test_a_list_says_whose_move_it_is_and_until_when() -> None:
    text = check(lists.queue(Listed((scene("new").case,)), Role.SELLER, texts()))
    assert "👉 R-000007 A-1: New request, your move until Mon 2 March, 15:00 (Almaty)" in text
    text = check(lists.returns(Listed((scene("new").case,)), texts()))
    assert "\nR-000007 A-1: New request, until Mon 2 March, 15:00 (Almaty)" in text


def test_a_dispute_waits_for_the_sellers_reply_in_the_queue_of_the_staff() -> None:
    text = check(lists.queue(Listed((scene("disputed").case,)), Role.MODERATOR, texts()))
    assert "waits for the seller's reply until" in text
    assert "👉" not in text


def test_a_list_of_long_titles_fits() -> None:
    line = replace(scene("new").case.lines[0], title="&" * 500)
    case = replace(scene("new").case, lines=(line,))
    check(lists.queue(Listed((case,) * 8, 8, True), Role.SELLER, texts()))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"last_answer": march(20) - timedelta(minutes=3)}, "⚠ Telegram has answered last on"),
        ({"last_answer": None}, "⚠ Telegram has not answered yet."),
        ({"disagreement": timedelta(seconds=-121)}, "⚠ The clock differs from Telegram's by 121"),
        ({"counts": {"late": 2}}, "⚠ Deadlines late: 2"),
        ({"counts": {"quarantine": 1}}, "⚠ In quarantine: 1"),
        ({"counts": {"dead": 3}}, "⚠ Messages given up: 3"),
    ],
)
def test_health_marks_what_needs_somebody(changes: dict[str, Any], line: str) -> None:
    assert "⚠" not in support.health(health(), texts()).text
    text = support.health(health(**changes), texts()).text
    assert line in text
    assert text.count("⚠") == 2


# ---------------------------------------------------------------------------------- notices


def test_reminders_are_merged_into_one_message() -> None:
    items = [
        {"case": n, "kind": "decision", "due_at": march(2, n).isoformat()} for n in range(1, 4)
    ]
    screen = notices.notice("reminder", {"items": items}, texts(), march(1, 22))
    text = check(screen)
    assert text.startswith("⏰ 3 returns wait for you.")
    assert "Return R-000001: decide by Mon 2 March, 06:00 (Almaty), 3\xa0h left." in text
    assert screen.rows[0][0].data == OpenCase(id=1).pack()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_of_every_timer_and_of_very_many(language: str) -> None:
    t = texts(language)
    items = [
        {"case": n, "kind": str(kind), "due_at": (march(2) + timedelta(hours=n)).isoformat()}
        for n, kind in enumerate(TimerKind, 1)
    ]
    for item in items:
        assert check(notices.notice("reminder", {"items": [item]}, t, march(1)))
    screen = notices.notice("reminder", {"items": items * 20}, t, march(1))
    assert "330" in check(screen)


NAMES = (
    *(alarm.value for alarm in Alarm),
    "draft_forgotten",
    "photo_sighted",
    "refund_is_late",
    "outage_credit",
    "invitation_accepted",
    "support_called",
    "unreachable",
    "quarantined",
    "override_confirmed",
    "override_overtaken",
    "override_replaced",
    "override_turned_down",
    "slow_down",
    "update_too_large",
    "update_unreadable",
    "clock_disagrees",
    "timer_failed",
    "credit_failed",
    "dead_letter",
    "markup_refused",
    "something_new",
)
FACTS = {
    "case": 7,
    "others": [8, 9],
    "seller": "acme",
    "name": "Anna",
    "account": 123456789,
    "person": 123456789,
    "update": 5,
    "error": "ValueError: <b>",
    "reason": "<b>",
    "seconds": 300,
    "order": "1001",
    "count": 2,
    "sightings": [["return:7", "1001", "a", "deduction:2", "1002", "b", "alike", 3]],
    "looked_at_by": "2026-03-04T10:00:00+00:00",
    "appeal_until": "2026-03-15T10:00:00+00:00",
    "due_at": "2026-03-31T10:00:00+00:00",
    "title": "Mug <b>",
    "minor": 250000,
    "currency": "RUB",
    "ruling": "The film shows it.",
    "new": 1,
    "changed": 0,
    "unchanged": 3,
    "bad": 1,
    "rules": "week",
    "lost": 3,
    "until": "2026-03-31T10:00:00+00:00",
    "by": "Olga <b>",
    "to": "COMP_ACCEPTED",
    "status": "NEW",
    "open": True,
    "gets": [250000, "RUB"],
    "takes_back": None,
    "version": 2,
    "faults": [{"line": 2, "words": "is missing", "place": "seller", "values": {}}],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_notice_is_whole_and_shows_nobodys_id(name: str, language: str) -> None:
    for facts in (FACTS, {"case": 7}, {}):
        text = check(notices.notice(name, facts, texts(language), march(1)))
        assert text.endswith("."), text
        assert "123456789" not in text


def test_a_photo_of_many_returns_names_some_of_them() -> None:
    seen = [["return:7", "", "a", f"return:{n}", "", "b", "file", 0] for n in (12, 3)]
    said = notices.notice(
        "photo_sighted", {"case": 7, "sightings": seen, "more": 4}, texts(), march(1)
    )
    assert "was already used in R-000003, R-000012, and 4 more returns." in check(said)


def test_every_notice_that_is_sent_has_its_own_words() -> None:
    """Names are found in the code that sends them."""
    sent: set[str] = set()
    for room in ("bot/services", "bot/workers", "handlers", "bot"):
        for path in sorted((ROOT / room).glob("**/*.py" if room != "bot" else "*.py")):
            source = path.read_text("utf-8")
            sent |= set(re.findall(r"alert\(\s*(?:\w+,\s*)?\"([a-z_]+)\"", source))
            sent |= set(re.findall(r"notice\(\s*\w+,\s*[\w.]+,\s*\"([a-z_]+)\"", source))
            sent |= set(re.findall(r"Conclusion\([^\"]*?\"([a-z_]+)\", \{", source))
    assert {"photo_sighted", "quarantined", "clock_disagrees"} <= sent
    for name in sent - {"reminder"}:
        words = notices.notice(name, FACTS, texts(), march(1)).text
        assert not words.startswith("Alarm:"), name
