from datetime import UTC, datetime

import pytest

from bot.domain.cases import (
    Action,
    Asked,
    Given,
    Input,
    Line,
    Option,
    Refused,
    ReturnCase,
    Role,
    Ruling,
    Status,
)
from bot.domain.lifecycle import available_actions
from bot.domain.money import Money
from handlers.action_answers import expected, taken
from handlers.action_draft import ActionDraft
from handlers.forms import shown_action
from tests.domain.life import COMMENT, CUSTOMER, MODERATOR, SELLER, approved, march
from tests.screens.scenes import sent, texts

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MOST = 10
MUG = Line(sku="A-1", title="Mug", category="other", unit_price=Money.of("900.00"), quantity=2)
CUP = Line(sku="A-2", title="Cup", category="other", unit_price=Money.of("300.00"))
CASE = ReturnCase(id=7, version=3, lines=(MUG, CUP))


def form(action: Action, *asks: Asked) -> ActionDraft:
    return ActionDraft.opened(CASE, Option(action, asks), Role.SELLER)


def typed(draft: ActionDraft, *words: str) -> ActionDraft:
    for word in words:
        draft = taken(kept(draft), word, NOW, "UTC")
    return draft


def pressed(draft: ActionDraft, *values: str) -> ActionDraft:
    for value in values:
        draft = taken(kept(draft), value, NOW, "UTC", pressed=True)
    return draft


def kept(draft: ActionDraft) -> ActionDraft:
    """The draft as it comes back from the memory."""
    return ActionDraft.model_validate_json(draft.model_dump_json())


REJECT = (
    Asked(Input.REASON, choices=("used", "other")),
    Asked(Input.TEXT, least=10),
    Asked(Input.PHOTOS, required=False),
)
PARCEL = (
    Asked(Input.PHOTOS, instead=Input.RECEIPT_AMOUNT),
    Asked(Input.RECEIPT_AMOUNT, required=False, of=Input.PHOTOS),
    Asked(Input.TRACK),
)


def test_the_form_asks_in_order_and_gives_what_was_answered() -> None:
    draft = pressed(form(Action.REJECT, *REJECT), "used")
    draft = typed(draft, "Worn for a week")
    draft = (
        draft.with_photo("photo-1", MOST).with_photo("photo-2", MOST).with_photo("photo-2", MOST)
    )
    draft = pressed(draft, "done")
    assert draft.question is None
    assert kept(draft).given == Given(
        reason="used", text="Worn for a week", photos=("photo-1", "photo-2")
    )


def test_every_input_comes_back_as_the_desk_takes_it() -> None:
    draft = form(
        Action.OVERRIDE,
        Asked(Input.STATUS, choices=("APPROVED", "REFUND_DUE")),
        Asked(Input.RULING, choices=("customer",)),
        Asked(Input.AMOUNT),
        Asked(Input.SHIPPING, required=False),
        Asked(Input.RECEIPT_DATE),
        Asked(Input.ACCEPTED),
        Asked(Input.TRACK),
    )
    draft = pressed(draft, "REFUND_DUE", "customer")
    draft = typed(draft, "1 000,50")
    draft = pressed(draft, "skip", "yesterday", "1", "0")
    draft = typed(draft, "rr123456785az")
    assert kept(draft).given == Given(
        to=Status.REFUND_DUE,
        ruling=Ruling.CUSTOMER,
        amount=Money.of("1000.50"),
        receipt_date=datetime(2026, 3, 4, tzinfo=UTC),
        accepted={"A-1": 1, "A-2": 0},
        track="RR123456785AZ",
    )


def test_a_required_input_cannot_be_skipped() -> None:
    with pytest.raises(Refused, match="choice_expected"):
        pressed(form(Action.REJECT, *REJECT), "skip")


def test_the_word_skip_is_only_a_word_when_it_is_typed() -> None:
    draft = typed(form(Action.ASK, Asked(Input.TEXT, required=False)), "skip")
    assert draft.given.text == "skip"


def test_a_receipt_is_shown_and_read_or_there_is_none() -> None:
    shown = pressed(form(Action.SENT, *PARCEL).with_photo("receipt", MOST), "done")
    assert shown.name == "sent.receipt_amount"
    with pytest.raises(Refused, match="amount_expected"):
        pressed(shown, "skip")
    assert typed(shown, "350", "RR123456785AZ").given.receipt_amount == Money.of("350")
    none = pressed(form(Action.SENT, *PARCEL), "skip")
    assert expected(none) == "track_expected"
    assert typed(none, "RR123456785AZ").given.receipt_amount == Money.of("0")
    assert none.back().name == "sent.photos"


def test_back_forgets_what_was_answered_last_whatever_was_known_before() -> None:
    draft = form(Action.SENT, *PARCEL).knowing(Input.TRACK, "RR123456785AZ")
    draft = kept(pressed(draft.with_photo("receipt", MOST), "done"))
    assert draft.back().answers == {Input.TRACK: "RR123456785AZ"}


def test_a_track_number_with_a_wrong_check_digit_waits_for_a_yes() -> None:
    draft = typed(form(Action.SENT, Asked(Input.TRACK)), "RR123456784AZ")
    assert draft.doubted == "RR123456784AZ"
    assert draft.question is not None
    assert pressed(draft, "keep").given.track == "RR123456784AZ"
    assert typed(draft, "RR123456785AZ").given.track == "RR123456785AZ"
    assert draft.back().doubted is None


def test_back_forgets_the_last_answer_and_what_was_begun_of_the_present_one() -> None:
    draft = typed(pressed(form(Action.REJECT, *REJECT), "used"), "Worn for a week")
    begun = draft.with_photo("photo-1", MOST)
    assert begun.back() == draft
    assert draft.back().name == "reject.text"
    assert draft.back().back().name == "reject.reason"
    with pytest.raises(Refused, match="nothing_to_forget"):
        draft.back().back().back()


def test_back_over_an_album_asks_for_it_again_from_the_start() -> None:
    draft = form(Action.SENT, Asked(Input.PHOTOS), Asked(Input.TRACK)).with_photo("one", MOST)
    draft = pressed(draft, "done")
    assert draft.back().album == ()
    assert expected(draft.back()) == "photo_expected"


def test_the_units_of_each_line_are_asked_under_a_name_of_their_own() -> None:
    draft = form(Action.VERDICT, Asked(Input.ACCEPTED))
    assert (draft.name, draft.sku) == ("verdict.accepted.0", "A-1")
    draft = typed(draft, "2")
    assert (draft.name, draft.sku) == ("verdict.accepted.1", "A-2")
    with pytest.raises(Refused, match="count_expected"):
        typed(draft, "2")


@pytest.mark.parametrize(
    ("action", "input"), [(Action.TRACK, Input.PLACE), (Action.REPLY, Input.TEXT)]
)
def test_a_step_that_would_say_nothing_cannot_be_skipped(action: Action, input: Input) -> None:
    asked = form(action, Asked(input, required=False)).question
    assert asked is not None
    assert asked.required


def test_eleven_photos_are_one_too_many() -> None:
    draft = form(Action.ANSWER, Asked(Input.PHOTOS))
    for number in range(10):
        draft = draft.with_photo(str(number), MOST)
    with pytest.raises(Refused, match="too_many_photos"):
        draft.with_photo("one more", MOST)


def test_an_album_that_is_too_small_is_not_done() -> None:
    with pytest.raises(Refused, match="photos_missing"):
        pressed(form(Action.ANSWER, Asked(Input.PHOTOS, least=2)).with_photo("one", MOST), "done")


def test_a_sum_is_asked_for_only_after_the_choices_that_need_one() -> None:
    draft = form(
        Action.OVERRIDE,
        Asked(Input.STATUS, choices=("OFFERED", "CANCELED_BY_CUSTOMER")),
        Asked(Input.AMOUNT, only_after=("OFFERED",)),
    )
    assert pressed(draft, "CANCELED_BY_CUSTOMER").question is None
    offered = typed(pressed(draft, "OFFERED"), "100")
    assert offered.given.amount == Money.of("100.00")


def test_the_choice_of_a_ruling_does_not_leave_out_postage_that_nobody_has_valued() -> None:
    life = (
        sent(approved(reason="defective"), Money.of("200", "TRY"))
        .do(march(15), SELLER, Action.RECEIVE)
        .do(march(16), SELLER, Action.REJECT, reason="used", text=COMMENT, photos=("worn.jpg",))
        .do(march(17), CUSTOMER, Action.OPEN_DISPUTE, text=COMMENT)
        .do(march(17, 11), SELLER, Action.REPLY, text=COMMENT)
    )
    now = march(17, 12)
    options = available_actions(life.case, MODERATOR, now, life.policy)
    decide = next(each for each in options if each.action is Action.DECIDE)
    draft = ActionDraft.opened(life.case, decide, Role.MODERATOR)
    screen = shown_action(draft, life.case, life.policy, MODERATOR, now, texts())
    assert "and the shipping once somebody has confirmed its sum." in screen.text
