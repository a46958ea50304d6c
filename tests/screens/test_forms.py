"""The form of an action: every input of every action, the last look, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Action, Asked, Event, Given, Input, Party, Ruling, Status, Terms
from bot.domain.money import Money
from bot.domain.outlook import outlook
from bot.screens import labels, tracks
from bot.screens.buttons import DONE, SKIP, Answer, Confirm
from bot.screens.effects import answers
from bot.screens.forms import KEEP, Prompt, question
from bot.screens.last_look import done, last_look, style_of
from bot.screens.screen import Screen
from bot.texts import Html
from tests.domain.life import (
    CUSTOMER,
    MODERATOR,
    SELLER,
    Life,
    line,
    march,
    received,
    requested,
)
from tests.screens.checks import check
from tests.screens.checks import labels as said
from tests.screens.scenes import LANGUAGES, READERS, SCENES, scene, texts, view


def prompt(action: Action, asked: Asked, name: str = "new", **more: object) -> Prompt:
    case = view(name, SELLER).case
    values: dict[str, object] = {"name": f"{action}.{asked.input}", "sku": "A-1", **more}
    return Prompt(action=action, asked=asked, case=case, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_every_input_of_every_option_has_its_question(name: str, language: str) -> None:
    t = texts(language)
    for reader in READERS:
        seen = view(name, reader)
        for option in seen.options:
            for asked in option.asks:
                ask = prompt(option.action, asked, name, at=1, of=len(option.asks) + 1)
                text = check(question(ask, t))
                assert labels.action(option.action, t) in text
                assert seen.case.number in text
                if asked.choices:
                    assert len(question(ask, t).rows) > len(asked.choices)


def look(
    name: str,
    by: Party,
    action: Action,
    language: str = "en",
    *,
    life: Life | None = None,
    **given: object,
) -> Screen:
    """The last look of somebody at an action, an hour after the last event of the scene."""
    life = life or scene(name)
    answers = Given(**given)  # type: ignore[arg-type]
    now = life.log[-1][0] + timedelta(hours=1)
    ahead = outlook(life.case, Event(action, by, answers), now, life.policy)
    return last_look(life.case, 5, action, answers, texts(language), ahead, role=by.role)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_last_look_is_bound_to_the_version(language: str) -> None:
    screen = look("new", SELLER, Action.APPROVE, language)
    assert check(screen)
    yes = screen.rows[0][0]
    assert yes.data == Confirm(case=7, version=5, action="approve").pack()
    assert check(done(scene("new").case, Action.APPROVE, texts(language))).endswith(".")


def test_an_answer_carries_what_could_have_been_typed() -> None:
    screen = question(prompt(Action.OFFER, Asked(Input.AMOUNT)), texts())
    first = screen.rows[0][0]
    assert first.label == "10 % · 250.00\xa0RUB"
    assert first.data == Answer(question="offer.amount", value="250.00").pack()


def test_a_second_offer_starts_above_the_first() -> None:
    screen = question(prompt(Action.OFFER, Asked(Input.AMOUNT), "declined"), texts())
    assert said(screen)[:3] == [
        "30 % · 750.00\xa0RUB",
        "50 % · 1,250.00\xa0RUB",
        "70 % · 1,750.00\xa0RUB",
    ]
    assert "more than your last offer of 500.00\xa0RUB" in screen.text


def test_an_optional_question_can_be_skipped_and_a_required_one_not() -> None:
    optional = question(prompt(Action.VERDICT, Asked(Input.TEXT, required=False)), texts())
    required = question(prompt(Action.REJECT, Asked(Input.TEXT, least=10)), texts())
    assert "Skip" in said(optional)
    assert "Skip" not in said(required)
    assert "At least 10 characters." in required.text
    skip = next(b for row in optional.rows for b in row if b.label == "Skip")
    assert skip.data == Answer(question="verdict.text", value=SKIP).pack()


def test_photos_are_counted_and_done_comes_with_the_last_that_is_needed() -> None:
    asked = Asked(Input.PHOTOS, least=2)
    screens = [question(prompt(Action.REJECT, asked, photos=n), texts("ru")) for n in range(3)]
    assert ["Готово" in said(screen) for screen in screens] == [False, False, True]
    assert "Есть 1 фото. Пришлите ещё 1." in screens[1].text
    last = screens[2].rows[0][0]
    assert last.data == Answer(question="reject.photos", value=DONE).pack()


def test_photos_that_were_sent_are_not_skipped() -> None:
    asked = Asked(Input.PHOTOS, required=False)
    screens = [question(prompt(Action.ANSWER, asked, photos=n), texts()) for n in range(2)]
    assert ["Skip" in said(screen) for screen in screens] == [True, False]


def test_a_doubted_track_number_can_be_kept() -> None:
    screen = question(prompt(Action.SENT, Asked(Input.TRACK), doubted="AB12"), texts())
    assert "AB12" in check(screen)
    assert screen.rows[0][0].data == Answer(question="sent.track", value=KEEP).pack()
    assert said(screen)[-2:] == ["← Back", "Cancel"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recognised_track_number_asks_for_which_return(language: str) -> None:
    cases = [scene("approved").case] * 2
    screen = tracks.recognised("RR123456785AZ", cases, texts(language))
    assert "RR123456785AZ" in check(screen)
    assert len(screen.rows) == 3


def test_the_first_question_has_no_way_back() -> None:
    asked = Asked(Input.TEXT)
    assert said(question(prompt(Action.ASK, asked), texts())) == ["Cancel"]
    second = question(prompt(Action.ASK, asked, at=2, of=2), texts())
    assert said(second) == ["← Back", "Cancel"]


def test_a_problem_stands_above_the_question() -> None:
    screen = question(prompt(Action.ASK, Asked(Input.TEXT)), texts(), Html("Please answer."))
    assert check(screen).split("\n\n")[1] == "Please answer."


def test_each_line_is_asked_for_the_units_that_were_accepted() -> None:
    case = requested(line(quantity=3)).case
    ask = Prompt(
        name="verdict.accepted.0",
        action=Action.VERDICT,
        asked=Asked(Input.ACCEPTED),
        case=case,
        sku="A-1",
    )
    assert said(question(ask, texts()))[:4] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_look_shows_all_that_was_given(language: str) -> None:
    given = Given(
        reason="used",
        text="<b>worn</b>",
        photos=("a", "b"),
        amount=Money.of("500"),
        track="RR123456785AZ",
        receipt_amount=Money.of("350"),
        shipping=Money.of("300"),
        ruling=Ruling.CUSTOMER,
        ref="bank-1",
        to=Status.RECEIVED,
    )
    t = texts(language)
    text = "\n".join(answers(given, SCENES["disputed"]().case, t))
    assert "<b>worn</\u2060b>" not in text
    assert "worn" in text
    for shown in ("RR123456785AZ", "bank-1", t.money(Money.of("350")), t.money(Money.of("300"))):
        assert shown in text


def told(name: str, by: Party, action: Action, **given: object) -> str:
    """What follows, as the last look says it."""
    return " ".join(check(look(name, by, action, **given)).split("\n\n")[-2:])  # type: ignore[arg-type]


def test_received_in_a_dispute_says_what_then_happens() -> None:
    lost = told("lost, seller silent", SELLER, Action.RECEIVE)
    assert "The customer gets 2,500.00\xa0RUB for the product." in lost
    assert "Status after that: refund decided." in lost
    assert "time runs" not in lost
    waits = told("lost on the way", SELLER, Action.RECEIVE)
    assert "The dispute goes on" in waits
    assert "Your next step is due by" in waits
    decidable = told("lost, then replied", SELLER, Action.RECEIVE)
    assert "A moderator decides the dispute now." in decidable


def test_who_withdraws_a_dispute_reads_that_the_return_ends_with_it() -> None:
    refusal = told("disputed", CUSTOMER, Action.WITHDRAW)
    assert "the rejection is final and nothing is refunded" in refusal
    after_receipt = told("disputed after receipt", CUSTOMER, Action.WITHDRAW)
    assert "the refusal is final, nothing is refunded" in after_receipt
    assert "the parcel is on its way" in told("lost on the way", CUSTOMER, Action.WITHDRAW)
    assert "the seller checks the product" in told("lost, then arrived", CUSTOMER, Action.WITHDRAW)


def test_who_accepts_a_part_is_promised_no_later_return() -> None:
    accept = told("offered", CUSTOMER, Action.ACCEPT)
    assert "what you keep cannot be returned again" in accept
    assert "warranty" not in accept


def test_a_ruling_and_an_approval_name_the_money_in_full() -> None:
    ruling = {"ruling": Ruling.CUSTOMER, "text": "It was never worn at all."}
    life = SCENES["lost, then arrived"]().do(
        march(21, 12), SELLER, Action.REPLY, text="It has been worn."
    )
    seen = check(look("", MODERATOR, Action.DECIDE, life=life, **ruling))
    assert (
        "The customer gets 2,500.00\xa0RUB for the product and 350.00\xa0RUB for shipping, "
        "2,850.00\xa0RUB in all." in seen
    )
    approval = told("new", SELLER, Action.APPROVE)
    assert "gets 2,500.00\xa0RUB once it has been received" in approval
    assert "The customer then has 4 days for the next step." in approval
    life = requested(reason="defective")
    seen = check(look("", SELLER, Action.APPROVE, life=life))
    assert "packaging and postage by the receipt up to 5,000.00\xa0RUB" in seen


def test_no_time_runs_on_that_is_over() -> None:
    part = {"terms": Terms.PART, "amount": Money.of("900")}
    assert "time to reply runs on" in told("disputed", SELLER, Action.SETTLE, **part)
    assert "runs on" not in told("replied", SELLER, Action.SETTLE, **part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_the_most_no_more_photos_are_asked_for(language: str) -> None:
    t = texts(language)
    photos = Asked(Input.PHOTOS, required=False)
    asked = prompt(Action.ANSWER, photos, "asked", photos=10, most_photos=10)
    assert check(question(asked, t)).endswith(t("That is the most; tap “Done”."))
    fewer = replace(asked, photos=9)
    assert check(question(fewer, t)).endswith(t("Send more, or tap “Done”."))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_about_the_receipt_names_its_currency(language: str) -> None:
    asked = prompt(Action.SENT, Asked(Input.RECEIPT_AMOUNT), "approved, defective", currency="AZN")
    text = check(question(asked, texts(language)))
    assert "AZN" in text
    assert "RUB" in text


def test_declining_the_automatic_offer_leads_to_the_whole_price() -> None:
    screen = look("offered at once", CUSTOMER, Action.DECLINE)
    assert "The return is then approved" in screen.text
    assert said(screen)[0] == "Yes: Decline"


def test_money_moving_buttons_have_their_colours() -> None:
    assert style_of(Action.APPROVE) == "success"
    assert style_of(Action.REJECT) == "danger"


@pytest.mark.parametrize(
    ("reason", "shipping", "told"),
    [
        ("changed_mind", None, "for the product. This cannot"),
        ("defective", Money.of("0"), "for the product. This cannot"),
        ("defective", Money.of("300"), "for shipping, 2,800.00\xa0RUB in all"),
        ("defective", None, "for shipping, 2,850.00\xa0RUB in all"),
    ],
)
def test_a_refund_names_the_shipping_that_is_refunded(
    reason: str, shipping: Money | None, told: str
) -> None:
    life = received(reason=reason, receipt="350.00")
    assert told in check(look("", SELLER, Action.REFUND, life=life, shipping=shipping))
