"""Cards: every stage of a return, for every reader, in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.cases import TERMINAL, Action, Party, Role, Status, TimerKind
from bot.domain.lifecycle import available_actions
from bot.domain.transitions import TABLE
from bot.screens import labels
from bot.screens.cases import caption, card
from bot.screens.deadlines import stayed
from bot.screens.silence import consequence, told
from bot.screens.turns import turn
from bot.services.records import Letter
from bot.services.views import Doubts, Exhibit, Said, Silence, Step
from bot.texts import Texts
from tests.domain.life import ADMIN, CUSTOMER, MODERATOR, SELLER, march, requested
from tests.screens.checks import OURS, check, entities_of
from tests.screens.checks import labels as shown
from tests.screens.scenes import (
    CATALOGUES,
    LANGUAGES,
    READERS,
    SCENES,
    scene,
    texts,
    view,
)

CYRILLIC = re.compile("[А-Яа-яЁё]")
LATIN = re.compile(r"[A-Za-z]{4,}")

EVIL = (
    "<b>bold</b><a href='https://evil.example'>x</a>",
    "</blockquote></b><code>",
    "&lt;b&gt; &amp; &#60;i&#62; &",
    "<tg-time unix='1'>now</tg-time>",
    "@evil_bot writes to evil@example.com, +7 999 123-45-67",
    "https://evil.example/?a=1&b=2 http://t.me/evil tg://user?id=1",
    "/approve #hashtag $USD /override@bot",
    "\u202egnp.exe\u202c \u200f\u2066hidden\u2069 \ufeff\u200b",
    "\ud800 lone \udfff",
    "\x00\x1b[31mred\r\nlines\n\n\n\n\nmore",
    "😀" * 3000,
    "&" * 3000,
    "<" * 3000,
    "{number} {0} {__class__} %s %(x)s",
    "а" * 5000,
    "",
    " ",
)


@pytest.mark.parametrize("reader", READERS, ids=lambda party: party.role)
@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_is_whole_and_says_what_happens_next(
    language: str, name: str, reader: Party
) -> None:
    t = texts(language)
    seen = view(name, reader)
    text = check(card(seen, t))
    assert seen.case.number in text
    assert check_turn(seen.role, turn(seen, t)) in card(seen, t).text
    said = consequence(seen, t)
    if said is not None and seen.silence is not None:
        assert said in card(seen, t).text
        assert t.moment(seen.silence.due_at) in said


def check_turn(role: Role, sentence: str) -> str:
    """A whole sentence."""
    assert sentence.endswith("."), (role, sentence)
    return sentence


def test_the_scenes_show_every_status() -> None:
    shown = {scene(name).case.status for name in SCENES}
    assert shown == set(Status) - {Status.DRAFT}


@pytest.mark.parametrize("name", SCENES)
def test_who_must_act_reads_your_move_and_has_a_button(name: str) -> None:
    case = scene(name).case
    for reader in READERS:
        seen = view(name, reader)
        theirs = case.owes is reader.role or {case.owes, reader.role} == {
            Role.ADMIN,
            Role.MODERATOR,
        }
        if theirs and case.status not in (Status.REJECTED, Status.REFUSED_AFTER_RECEIPT):
            assert turn(seen, texts()).startswith("Your move:"), (name, reader.role)
        if theirs:
            assert shown(card(seen, texts())), (name, reader.role)


@pytest.mark.parametrize("name", SCENES)
def test_an_open_case_names_owner_time_and_consequence(name: str) -> None:
    case = scene(name).case
    if case.status in TERMINAL:
        return
    for reader in READERS:
        for language in LANGUAGES:
            assert consequence(view(name, reader), texts(language)) is not None


@pytest.mark.parametrize("name", SCENES)
def test_a_russian_card_is_in_russian(name: str) -> None:
    for reader in READERS:
        seen = view(name, reader, story="Царапает.", record={})
        text = check(card(seen, texts("ru")))
        foreign = set(LATIN.findall(text)) - {"Blue", "kettle", "seller"}
        assert CYRILLIC.search(text)
        assert not {word for word in foreign if not re.fullmatch("RR[0-9A-Z]*", word)}, foreign


def test_returns_that_are_open_count_in_the_customers_history() -> None:
    record = {"NEW": 1, "DISPUTE": 1, "REFUNDED": 3}
    for reader in READERS[1:]:
        for language, words in (
            ("en", "The customer's other returns (open: 2, refunded: 3)."),
            ("ru", "Другие возвраты покупателя (открыто: 2, деньги возвращены: 3)."),
        ):
            seen = view("new", reader, record=record)
            assert words in check(card(seen, texts(language))), reader.role
        none = view("new", reader, record={})
        assert "The customer has no other returns." in check(card(none, texts()))


def test_whoever_decides_reads_the_last_question_with_its_answer() -> None:
    later = ("A.", "B.", "C.")
    said = (
        Said(march(1), "submit", Role.CUSTOMER, "It scratches."),
        Said(march(1, 1), "ask", Role.SELLER, "Which size?"),
        Said(march(1, 2), "answer", Role.CUSTOMER, "The size is 42."),
        *(Said(march(1, 3), "reject", Role.SELLER, each) for each in later),
        *(Said(march(1, 4), "late_proof", Role.CUSTOMER, each) for each in later),
    )
    decided = (("offered", True), ("received", True), ("disputed", True), ("approved", False))
    for name, weighed in decided:
        for reader in READERS:
            text = check(card(view(name, reader, said=said), texts()))
            assert ("Which size?" in text) is ("The size is 42." in text) is weighed, name
    asked_again = (*said[:3], Said(march(1, 3), "ask", Role.SELLER, "Of the left one?"))
    text = check(card(view("asked", CUSTOMER, said=asked_again), texts()))
    assert text.index("Which size?") < text.index("The size is 42.") < text.index("left one?")


@pytest.mark.parametrize("name", SCENES)
def test_a_card_of_much_that_was_said_is_cut_to_what_telegram_takes(name: str) -> None:
    words = "жук " * 1000
    events = ("submit", "ask", "answer", "reject", "open_dispute", "reply")
    said = tuple(
        Said(march(1, hour), event, (Role.CUSTOMER, Role.SELLER)[hour % 2], words, 2)
        for hour, event in enumerate(events)
    )
    letter = Letter(
        case=7, chat=10, message=1, at=march(2), by=Role.CUSTOMER, person=10, to=(Role.SELLER,),
        text=words, earlier=(words, words),
    )  # fmt: skip
    letters = (letter,) * 6 if scene(name).case.dispute else ()
    for reader in READERS:
        seen = view(name, reader, story=words, said=said, letters=letters, place="Baku")
        check(card(seen, texts("ru")))


@pytest.mark.parametrize("name", SCENES)
def test_no_words_of_a_person_become_markup(name: str) -> None:
    t = CATALOGUES.texts("ru", "Asia/Almaty")
    for payload in EVIL:
        for reader in READERS:
            screen = card(view(name, reader, story=payload), t)
            check(screen, payload if "{" in payload else "\0")
            assert {each["type"] for each in entities_of(screen.text)} <= OURS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(), max_size=4000), st.sampled_from(sorted(SCENES)))
def test_whatever_is_written_the_card_can_be_sent(payload: str, name: str) -> None:
    for reader in (SELLER, MODERATOR):
        screen = card(view(name, reader, story=payload), texts())
        check(screen, payload or "\0")
        assert {each["type"] for each in entities_of(screen.text)} <= OURS


def test_the_other_side_reads_no_way_around_the_bot() -> None:
    story = "Call +7 (999) 123-45-67 or 89991234567, @anna or anna@example.com, t.me/anna"
    card_of_seller = card(view("new", SELLER, story=story), texts()).text
    for secret in ("999", "anna", "t.me", "@"):
        assert secret not in card_of_seller
    assert "[hidden]" in card_of_seller
    assert "999" in card(view("new", MODERATOR, story=story), texts()).text


def test_a_track_number_in_an_answer_is_not_taken_for_a_phone() -> None:
    text = card(view("new", SELLER, story="It is RR123456785AZ or 80081234567890."), texts()).text
    assert "RR123456785AZ" in text
    assert "80081234567890" in text


def test_a_refund_is_the_move_only_of_who_may_mark_it_as_paid() -> None:
    for reader in (ADMIN, MODERATOR):
        screen = card(view("to be refunded", reader), texts())
        assert ("Your move: " in screen.text) == ("Mark as paid" in shown(screen))
        assert ("Your move: " in screen.text) == (reader is ADMIN)


@pytest.mark.parametrize(("name", "mark"), [("rejected", "▶"), ("refunded", "✔")])
def test_all_readers_see_the_same_step_as_the_present_one(name: str, mark: str) -> None:
    for reader in (CUSTOMER, SELLER, MODERATOR):
        timeline = card(view(name, reader), texts()).text.split("\n\n")[2]
        assert timeline.splitlines()[-1].startswith(mark)


def test_who_decides_without_the_parcel_reads_that_the_seller_was_silent() -> None:
    seen = view("lost, seller silent", MODERATOR)
    assert seen.case.dispute is not None
    capped = replace(seen.case, dispute=replace(seen.case.dispute, decidable=True))
    move = "Your move: decide the dispute. The seller did not reply to it."
    assert move in turn(replace(seen, case=capped), texts("en"))


def test_the_customers_card_in_words() -> None:
    text = check(card(view("new", CUSTOMER, said=()), texts()))
    assert text == (
        "Return R-000007 · New request\n\n"
        "Order 1001\n"
        "Blue kettle × 1\n"
        "Paid: 2,500.00\xa0RUB\n"
        "Reason: I changed my mind\n\n"
        "▶ New request · Sun 1 March\n"
        "○ Approved\n"
        "○ On the way back\n"
        "○ Received by the seller\n"
        "○ Refunded\n\n"
        "The seller is deciding on your request.\n"
        "If the seller does not decide by Mon 2 March, 15:00 (Almaty), "
        "the return is approved by itself."
    )


def test_the_sellers_card_in_words() -> None:
    text = check(card(view("new", SELLER), texts("ru", "Europe/Moscow")))
    assert "Ваш ход: примите решение по заявке." in text
    assert "Если вы не решите до 2 марта (пн), 13:00 (Москва), возврат будет одобрен" in text
    assert "Покупатель пишет, с 2 фото:\nIt scratches." in text
    assert "«Одобрить»: до 2\xa0500,00\xa0₽, когда товар вернётся." in text
    assert "30\xa0%\xa0=\xa0750,00\xa0₽ · 50\xa0%\xa0=\xa01\xa0250,00\xa0₽" in text
    assert "Можно сделать ещё 3 предложения." in text
    assert "Другие возвраты покупателя (просрочен: 1, деньги возвращены: 3)." in text


def test_approve_is_green_and_reject_is_red() -> None:
    screen = card(view("new", SELLER), texts())
    styles = {button.label: button.style for row in screen.rows for button in row}
    assert styles["Approve"] == "success"
    assert styles["Reject"] == "danger"


def test_an_action_that_is_not_allowed_yet_names_its_instant_and_has_no_button() -> None:
    screen = card(view("on its way", CUSTOMER), texts())
    assert "“Where is my refund?” opens on Wed 18 March, 17:00 (Almaty)." in screen.text
    assert "Where is my refund?" not in shown(screen)


def test_what_the_clock_did_names_the_rule() -> None:
    assert "Overdue: by the clock, under rule D-07." in card(view("overdue", SELLER), texts()).text


def test_the_card_says_what_ended_the_return() -> None:
    def of(name: str, *acts: tuple[Party, Action]) -> str:
        life = SCENES[name]()
        for by, action in acts:
            life.do(life.log[-1][0] + timedelta(hours=1), by, action)
        seen = view("rejected for good", CUSTOMER, case=replace(life.case, order="1001"))
        return check(card(seen, texts()))

    silent, withdrawn = "You have opened no dispute in time.", "You have withdrawn the dispute."
    assert silent in of("rejected for good")
    assert silent in of("refused for good")
    for name in ("disputed", "disputed after receipt"):
        ended = of(name, (CUSTOMER, Action.WITHDRAW))
        assert withdrawn in ended
        assert "not opened" not in ended
        assert silent not in ended


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_seller_without_an_address_reads_why_approve_is_not_there(language: str) -> None:
    t = texts(language)
    life = requested(address_known=False)
    options = available_actions(life.case, SELLER, march(1, 11), life.policy)
    case = replace(life.case, order="1001")
    screen = card(view("new", SELLER, case=case, options=options), t)
    approve = labels.action(Action.APPROVE, t)
    assert approve not in shown(screen)
    assert (
        t(
            "“{what}” opens as soon as your return address is set: customers must know where to "
            "send the product.",
            what=approve,
        )
        in screen.text
    )
    ready = card(view("new", SELLER), t).text
    for cost in (line for line in ready.splitlines() if line.startswith("•")):
        assert cost in screen.text


CLOCKS_STAY = {
    f"{row.trigger}_due"
    for row in TABLE
    if isinstance(row.trigger, TimerKind) and (not row.to or set(row.sources) >= set(row.to))
}


@pytest.mark.parametrize("event", sorted(CLOCKS_STAY))
def test_what_the_clock_did_is_told_where_the_status_stays(event: str) -> None:
    for language in LANGUAGES:
        t = texts(language)
        seen = view("on its way", CUSTOMER)
        step = Step(march(18), event, Role.CLOCK, seen.case.status, "T-02")
        text = card(replace(seen, steps=(*seen.steps, step)), t).text
        what = stayed(event, t)
        assert what is not None
        assert text.endswith(
            t("{status}: by the clock, under rule {rule}.", status=what, rule="T-02")
        )


def test_when_the_question_opens_the_customer_is_told_of_the_button() -> None:
    life = SCENES["on its way"]().pass_until(march(18, 12))
    options = available_actions(life.case, CUSTOMER, march(18, 12), life.policy)
    seen = view("on its way", CUSTOMER, options=options)
    assert "tap “Where is my refund?”" in card(seen, texts()).text
    assert "tap “Where is my refund?”" not in card(view("on its way", CUSTOMER), texts()).text


def test_the_card_shows_the_receipt_as_it_was_read() -> None:
    seen = view("refunded, postage in another currency", CUSTOMER)
    assert "By the receipt: 200.00\xa0TRY" in check(card(seen, texts()))


@pytest.mark.parametrize("reader", READERS, ids=lambda party: party.role)
def test_price_and_postage_are_told_apart(reader: Party) -> None:
    life = SCENES["lost, then arrived"]().do(march(21, 12), CUSTOMER, Action.WITHDRAW)
    life.do(march(23), SELLER, Action.REFUND)
    parts = "2,850.00\xa0RUB (2,500.00\xa0RUB for the product, 350.00\xa0RUB for shipping)"
    for case in (life.case, life.do(march(24), ADMIN, Action.PAID, ref="bank-1").case):
        seen = view("refunded", reader, case=replace(case, order="1001"))
        assert parts in check(card(seen, texts()))


def test_the_address_can_be_copied_and_comes_with_what_to_do() -> None:
    screen = card(view("approved", CUSTOMER, address="Acme, İzmir"), texts())
    copies = [button.copy for row in screen.rows for button in row if button.copy]
    assert copies == ["Acme, İzmir"]
    assert "2. Put a sheet with the number R-000007 into the parcel." in screen.text
    long = card(view("approved", CUSTOMER, address="x" * 300), texts())
    assert not [button for row in long.rows for button in row if button.copy]


def test_only_the_customer_copies_the_address_and_a_paid_refund_asks_for_nothing() -> None:
    for party in (SELLER, MODERATOR, ADMIN):
        seen = card(view("approved", party, address="Acme, İzmir"), texts())
        assert not [button for row in seen.rows for button in row if button.copy]
    assert "Mark as paid" in shown(card(view("to be refunded", ADMIN), texts()))
    assert "Mark as paid" not in shown(card(view("refunded", ADMIN), texts()))


def test_nobody_but_staff_reads_the_sellers_name_or_who_cannot_be_reached() -> None:
    for party in (CUSTOMER, SELLER):
        text = card(view("new", party, seller_name="Emre Kaya"), texts()).text
        assert "Emre" not in text
        assert "Cannot be reached" not in text
    text = card(view("new", ADMIN, seller_name="Emre Kaya"), texts()).text
    assert "Emre Kaya" in text
    assert "Cannot be reached at present: the seller." in text


def test_a_photo_that_was_in_many_returns_made_a_card_too_long_to_send() -> None:
    doubts = Doubts(
        elsewhere=tuple(range(1, 201)), again=(), sighted=(), uncompared={}, forwarded=0
    )
    told = check(card(view("new", MODERATOR, doubts=doubts), texts()))
    assert "R-000004, R-000005, and 195 more returns." in told
    told = check(card(view("new", MODERATOR, doubts=doubts), texts("ru")))
    assert "R-000005 и ещё 195 возвратов." in told


def test_what_staff_note_for_each_other_stays_with_them() -> None:
    said = (Said(march(2), "override", Role.ADMIN, "The customer has threatened us."),)
    assert "threatened" not in card(view("new", CUSTOMER, said=said), texts()).text
    assert "threatened" in card(view("new", MODERATOR, said=said), texts()).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_album_says_whose_photos_it_shows_and_of_what(language: str) -> None:
    said = set()
    for event, by in (
        ("submit", Role.CUSTOMER),
        ("sent", Role.CUSTOMER),
        ("reject", Role.SELLER),
        ("ask", Role.MODERATOR),
    ):
        exhibit = Exhibit(case=7, version=1, at=march(1), event=event, by=by, photos=("a",))
        said |= {caption(exhibit, reader, march(2), texts(language)) for reader in (by, Role.ADMIN)}
    assert len(said) == 5, "a customer's own ones, too"
    assert all("R-000007" in each for each in said)


def test_only_who_has_photos_to_see_is_offered_them() -> None:
    by = Role.CUSTOMER
    exhibit = Exhibit(case=7, version=1, at=march(1), event="submit", by=by, photos=("a",))
    assert "Photos" in shown(card(view("new", SELLER, exhibits=(exhibit,)), texts()))
    assert "Photos" not in shown(card(view("new", SELLER), texts()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_timer_has_a_sentence_for_everybody(language: str) -> None:
    from bot.domain.cases import TimerKind

    t: Texts = texts(language)
    for kind in TimerKind:
        for to in Status:
            for role in (Role.CUSTOMER, Role.SELLER, Role.MODERATOR):
                sentence = told(Silence(kind, march(2), to), role, Role.SELLER, t)
                assert t.moment(march(2)) in sentence
                assert sentence.endswith(".")


def test_a_refusal_that_stands_says_how_the_product_comes_back() -> None:
    name = next(each for each in SCENES if scene(each).case.status is Status.REJECTED_MUTUAL)
    for reader in READERS:
        assert "the track number through the shop" in check(card(view(name, reader), texts()))
        told = check(card(view(name, reader), texts("ru")))
        assert "трек-номер" in told, reader.role
