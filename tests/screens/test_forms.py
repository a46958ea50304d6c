"""The form of an action: every input of every action, the last look, and what follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.cases import Action, Asked, Given, Input, ReasonClass, Ruling, Status
from bot.domain.money import Money
from bot.screens import forms, labels
from bot.screens.buttons import DONE, SKIP, Answer, Confirm
from bot.screens.forms import KEEP, Prompt, done, last_look, question
from bot.texts import Html
from tests.domain.life import SELLER, line, requested
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_every_option_has_a_last_look_bound_to_the_version(name: str, language: str) -> None:
    t = texts(language)
    for reader in READERS:
        seen = view(name, reader)
        for option in seen.options:
            screen = last_look(seen.case, 5, option.action, Given(), t)
            assert check(screen)
            yes = screen.rows[0][0]
            assert yes.data == Confirm(case=7, version=5, action=option.action.value).pack()
            assert check(done(seen.case, option.action, t)).endswith(".")


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
    screen = forms.recognised("RR123456785AZ", cases, texts(language))
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
    text = check(last_look(scene("disputed").case, 3, Action.DECIDE, given, t))
    assert "<b>worn</\u2060b>" in text
    for shown in ("RR123456785AZ", "bank-1", t.money(Money.of("350")), t.money(Money.of("300"))):
        assert shown in text


def test_what_a_ruling_leads_to_is_told_before_it() -> None:
    def effect(name: str, ruling: Ruling) -> str:
        case = scene(name).case
        look = last_look(case, 1, Action.DECIDE, Given(ruling=ruling), texts())
        return look.text

    assert "The return is approved" in effect("replied", Ruling.CUSTOMER)
    assert "gets the refund" in effect("disputed after receipt", Ruling.CUSTOMER)
    assert "without a refund" in effect("replied", Ruling.SELLER)
    assert "the return goes on" in effect("lost on the way", Ruling.IN_TRANSIT)


def test_declining_the_automatic_offer_leads_to_the_whole_price() -> None:
    t = texts()
    case = scene("offered at once").case
    look = last_look(case, 1, Action.DECLINE, Given(), t, asked=False)
    assert "The return is then approved" in look.text
    assert said(look) == ["Yes: Decline", "Cancel"]


def test_money_moving_buttons_have_their_colours() -> None:
    assert forms.style_of(Action.APPROVE) == "success"
    assert forms.style_of(Action.REJECT) == "danger"


@pytest.mark.parametrize(
    ("after", "shipping", "told"),
    [
        (ReasonClass.PROPER, None, "for the product. This cannot"),
        (ReasonClass.IMPROPER, Money.of("0"), "for the product. This cannot"),
        (
            ReasonClass.IMPROPER,
            Money.of("300"),
            "for shipping, 2,800.00\xa0RUB in all",
        ),
    ],
)
def test_a_refund_names_no_shipping_that_nobody_named(
    after: ReasonClass, shipping: Money | None, told: str
) -> None:
    case = replace(scene("received").case, reason_class=after)
    given = Given(shipping=shipping)
    assert told in check(last_look(case, 3, Action.REFUND, given, texts()))
