"""The return form: its questions in order, Back, editing, old buttons, and what it submits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cases import Refused, Route, Status
from bot.domain.intake import LONGEST_STORY, Asking, Context, Question, ReturnDraft, start
from bot.domain.money import Money
from bot.domain.orders import OrderStatus, Posting
from bot.domain.policy import Policy
from bot.domain.reasons import Reason

from .orders import DELIVERED, line, order, posting

NOW = DELIVERED + timedelta(hours=20)
Q = Question


def context(parcel: Posting | None = None, **changes: object) -> Context:
    parcel = parcel or posting()
    values: dict[str, object] = {
        "order": order(parcel),
        "posting": parcel,
        "policy": Policy(),
        "now": NOW,
        "used": {},
        **changes,
    }
    return Context(**values)  # type: ignore[arg-type]


def asked(draft: ReturnDraft, where: Context) -> Question:
    return draft.next_question(where).question


def explained(where: Context, reason: str = "changed_mind") -> ReturnDraft:
    """A draft of one line that has come to the photos."""
    draft = start(where).answer(Q.REASON, reason, where)
    return draft.answer(Q.STORY, "It arrived so", where)


def finished(where: Context) -> ReturnDraft:
    draft = explained(where).add_photos(("f1",), where).answer(Q.PHOTOS, "done", where)
    return draft.answer(Q.ROUTE, "mail", where)


BASKET = posting(line("A-1", quantity=3), line("B-2", "food"), line("C-3", quantity=2))


def test_the_form_asks_one_question_after_the_other() -> None:
    where = context(BASKET)
    draft = start(where)
    answers: tuple[Callable[[ReturnDraft], ReturnDraft], ...] = (
        lambda d: d.tick("A-1", where).tick("B-2", where).answer(Q.LINES, "done", where),
        lambda d: d.answer(Q.QUANTITY, "2", where, sku="A-1"),
        lambda d: d.answer(Q.REASON, "spoiled", where),
        lambda d: d.answer(Q.STORY, "The box was wet", where),
        lambda d: d.add_photos(("f1", "f2"), where).answer(Q.PHOTOS, "done", where),
        lambda d: d.answer(Q.ROUTE, "courier", where),
    )
    story = [asked(draft, where)]
    for answer in answers:
        draft = answer(draft)
        story.append(asked(draft, where))
    assert story == [Q.LINES, Q.QUANTITY, Q.REASON, Q.STORY, Q.PHOTOS, Q.ROUTE, Q.SUMMARY]
    assert [(each.sku, each.quantity) for each in draft.lines(where)] == [("A-1", 2), ("B-2", 1)]


def test_what_is_meaningless_is_not_asked() -> None:
    where = context(order=order(posting(), routes=(Route.MAIL,)))
    draft = start(where)
    assert asked(draft, where) is Q.REASON
    draft = explained(where).add_photos(("f1",), where).answer(Q.PHOTOS, "done", where)
    assert asked(draft, where) is Q.SUMMARY


def test_each_line_with_more_than_one_unit_is_asked_how_many() -> None:
    where = context(BASKET)
    draft = start(where).tick("C-3", where).tick("A-1", where).answer(Q.LINES, "done", where)
    assert draft.next_question(where) == Asking(question=Q.QUANTITY, sku="A-1", most=3)
    draft = draft.answer(Q.QUANTITY, "3", where, sku="A-1")
    assert draft.next_question(where) == Asking(question=Q.QUANTITY, sku="C-3", most=2)


@pytest.mark.parametrize("typed", ["0", "4", "-1", "two", "²", "1.5", ""])
def test_no_more_units_than_there_are(typed: str) -> None:
    where = context(posting(line(quantity=3)))
    with pytest.raises(Refused) as refused:
        start(where).answer(Q.QUANTITY, typed, where, sku="A-1")
    assert (refused.value.code, refused.value.facts["most"]) == ("quantity_out_of_range", 3)


def test_units_of_other_returns_are_not_offered() -> None:
    where = context(BASKET, used={("P-1", "A-1"): 2, ("P-1", "B-2"): 1})
    assert start(where).next_question(where).choices == ("A-1", "C-3")
    with pytest.raises(Refused, match="quantity_used_up"):
        start(where).tick("B-2", where)
    draft = start(where).tick("A-1", where).answer(Q.LINES, "done", where)
    assert asked(draft, where) is Q.REASON


def test_a_tick_is_taken_back_by_a_second_one() -> None:
    where = context(BASKET)
    draft = start(where).tick("A-1", where).tick("A-1", where)
    assert draft.picked == ()
    with pytest.raises(Refused, match="nothing_picked"):
        draft.answer(Q.LINES, "done", where)


def test_where_a_case_is_one_line_only_one_is_ticked() -> None:
    where = context(BASKET, policy=Policy.parse('case.scope = "line"'))
    assert start(where).next_question(where).most == 1
    assert start(where).tick("A-1", where).tick("C-3", where).picked == ("C-3",)


# ----------------------------------------------------------------------- the answers


def test_the_reason_decides_the_window() -> None:
    where = context(posting(line("B-2", "food")))
    with pytest.raises(Refused) as refused:
        start(where).answer(Q.REASON, "changed_mind", where)
    assert (refused.value.code, refused.value.rule) == ("non_returnable", "W-01")
    assert asked(start(where).answer(Q.REASON, "spoiled", where), where) is Q.STORY


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(Refused, match="unknown_reason"):
        start(context()).answer(Q.REASON, "far_fetched", context())


@pytest.mark.parametrize("reason", list(Reason))
def test_what_happened_is_asked_and_required_where_something_is_wrong(reason: Reason) -> None:
    where = context()
    draft = start(where).answer(Q.REASON, reason, where)
    optional = {Reason.CHANGED_MIND, Reason.DOES_NOT_FIT, Reason.DAMAGED_IN_TRANSIT}
    asking = draft.next_question(where)
    assert (asking.question, asking.least == 0) == (Q.STORY, reason in optional)
    if reason in optional:
        skipped = draft.answer(Q.STORY, "", where)
        assert (asked(skipped, where), skipped.text) == (Q.PHOTOS, None)
    else:
        with pytest.raises(Refused, match="story_required"):
            draft.answer(Q.STORY, "  ", where)


def test_a_story_has_an_end() -> None:
    where = context()
    draft = start(where).answer(Q.REASON, "defective", where)
    assert draft.answer(Q.STORY, "x" * LONGEST_STORY, where).text == "x" * LONGEST_STORY
    with pytest.raises(Refused, match="story_too_long"):
        draft.answer(Q.STORY, "x" * (LONGEST_STORY + 1), where)


def test_photos_are_counted_by_the_class_of_the_reason() -> None:
    where = context()
    draft = explained(where, "defective")
    assert draft.next_question(where) == Asking(question=Q.PHOTOS, least=2, most=10)
    draft = draft.add_photos(("f1",), where)
    with pytest.raises(Refused) as refused:
        draft.answer(Q.PHOTOS, "done", where)
    assert refused.value.code == "photos_missing"
    assert refused.value.facts == {"least": 2, "sent": 1}
    draft = draft.add_photos(("f2",), where).answer(Q.PHOTOS, "done", where)
    assert asked(draft, where) is Q.ROUTE


def test_no_more_than_ten_photos_and_none_twice() -> None:
    where = context()
    draft = explained(where).add_photos(tuple(f"f{n}" for n in range(10)), where)
    assert draft.add_photos(("f3",), where) == draft
    with pytest.raises(Refused, match="too_many_photos"):
        draft.add_photos(("f10",), where)


def test_only_the_routes_of_the_order_are_offered() -> None:
    where = context()
    draft = explained(where).add_photos(("f1",), where).answer(Q.PHOTOS, "done", where)
    assert draft.next_question(where).choices == ("mail", "courier")
    with pytest.raises(Refused, match="route_not_offered"):
        draft.answer(Q.ROUTE, "pickup_point", where)


# ----------------------------------------------------------------------- old buttons, Back, edit


def test_the_button_of_an_old_screen_answers_nothing() -> None:
    where = context(BASKET)
    draft = start(where).tick("A-1", where).tick("C-3", where).answer(Q.LINES, "done", where)
    draft = draft.answer(Q.QUANTITY, "1", where, sku="A-1")
    presses: tuple[Callable[[], ReturnDraft], ...] = (
        lambda: draft.answer(Q.QUANTITY, "1", where, sku="A-1"),
        lambda: draft.answer(Q.REASON, "changed_mind", where),
        lambda: draft.answer(Q.SUMMARY, "send", where),
        lambda: draft.tick("B-2", where),
        lambda: draft.add_photos(("f1",), where),
    )
    for stale in presses:
        with pytest.raises(Refused, match="not_asked"):
            stale()


def test_back_forgets_one_answer_after_the_other() -> None:
    where = context(BASKET)
    draft = start(where).tick("A-1", where).tick("C-3", where).answer(Q.LINES, "done", where)
    draft = draft.answer(Q.QUANTITY, "1", where, sku="A-1")
    draft = draft.answer(Q.QUANTITY, "2", where, sku="C-3")
    draft = draft.answer(Q.REASON, "defective", where).answer(Q.STORY, "Dead", where)
    draft = draft.add_photos(("f1", "f2"), where).answer(Q.PHOTOS, "done", where)
    draft = draft.answer(Q.ROUTE, "mail", where)
    way_back = []
    while draft.can_go_back:
        draft = draft.back()
        asking = draft.next_question(where)
        way_back.append((asking.question, asking.sku))
    assert way_back == [
        (Q.ROUTE, None),
        (Q.PHOTOS, None),
        (Q.STORY, None),
        (Q.REASON, None),
        (Q.QUANTITY, "C-3"),
        (Q.QUANTITY, "A-1"),
        (Q.LINES, None),
    ]
    assert draft == start(where)
    with pytest.raises(Refused, match="nothing_to_forget"):
        draft.back()


def test_the_summary_lets_one_answer_be_changed_and_comes_back() -> None:
    where = context()
    draft = finished(where)
    assert draft.editable(where) == (Q.REASON, Q.STORY, Q.PHOTOS, Q.ROUTE)
    for question, answer in (
        (Q.STORY, "Another story"),
        (Q.ROUTE, "courier"),
        (Q.REASON, "does_not_fit"),
    ):
        draft = draft.edit(question)
        assert asked(draft, where) is question
        draft = draft.answer(question, answer, where)
        assert asked(draft, where) is Q.SUMMARY
    assert (draft.reason, draft.text, draft.route) == (
        "does_not_fit",
        "Another story",
        Route.COURIER,
    )


def test_another_reason_may_need_more_photos_and_a_story() -> None:
    where = context()
    draft = start(where).answer(Q.REASON, "changed_mind", where).answer(Q.STORY, "", where)
    draft = draft.add_photos(("f1",), where).answer(Q.PHOTOS, "done", where)
    draft = draft.answer(Q.ROUTE, "mail", where).edit(Q.REASON)
    draft = draft.answer(Q.REASON, "defective", where)
    assert asked(draft, where) is Q.STORY
    draft = draft.answer(Q.STORY, "It died", where)
    assert draft.next_question(where) == Asking(question=Q.PHOTOS, least=2, most=10)
    draft = draft.add_photos(("f2",), where).answer(Q.PHOTOS, "done", where)
    assert (asked(draft, where), draft.photos) == (Q.SUMMARY, ("f1", "f2"))


def test_other_lines_must_fit_the_reason_already_given() -> None:
    where = context(BASKET)
    draft = start(where).tick("A-1", where).answer(Q.LINES, "done", where)
    draft = draft.answer(Q.QUANTITY, "3", where, sku="A-1")
    draft = draft.answer(Q.REASON, "changed_mind", where).edit(Q.LINES)
    assert draft.picked == ("A-1",)
    with pytest.raises(Refused, match="non_returnable"):
        draft.tick("B-2", where).answer(Q.LINES, "done", where)
    draft = draft.tick("C-3", where).answer(Q.LINES, "done", where)
    assert draft.next_question(where).sku == "C-3"
    assert draft.quantities == {"A-1": 3}
    assert Q.QUANTITY in draft.editable(where)


def test_quantities_are_asked_anew_from_the_summary() -> None:
    where = context(BASKET)
    draft = start(where).tick("A-1", where).tick("C-3", where).answer(Q.LINES, "done", where)
    draft = draft.answer(Q.QUANTITY, "1", where, sku="A-1")
    draft = draft.answer(Q.QUANTITY, "2", where, sku="C-3").edit(Q.QUANTITY)
    assert (draft.next_question(where).sku, draft.quantities) == ("A-1", {})


def test_a_quantity_that_somebody_else_took_is_asked_again() -> None:
    where = context(posting(line(quantity=3)))
    draft = start(where).answer(Q.QUANTITY, "3", where, sku="A-1")
    meanwhile = replace(where, used={("P-1", "A-1"): 1})
    assert draft.next_question(meanwhile) == Asking(question=Q.QUANTITY, sku="A-1", most=2)


# ----------------------------------------------------------------------- start, keep, send


def test_a_form_opens_only_for_what_was_received_and_is_free() -> None:
    waiting = posting(status=OrderStatus.PRESUMABLY_DELIVERED)
    for where, code in (
        (context(waiting), "not_received"),
        (context(posting(delivered_at=None)), "not_received"),
        (context(blocked=True), "blocked"),
        (context(used={("P-1", "A-1"): 1}), "quantity_used_up"),
    ):
        with pytest.raises(Refused, match=code):
            start(where)


def test_a_draft_survives_as_json() -> None:
    where = context()
    draft = finished(where)
    assert ReturnDraft.model_validate_json(draft.model_dump_json()) == draft


def test_a_draft_dies_after_a_day() -> None:
    draft = start(context())
    assert draft.dies_at(context()) == NOW + timedelta(hours=24)
    outage = (NOW + timedelta(hours=1), NOW + timedelta(hours=4))
    assert draft.dies_at(context(outages=(outage,))) == NOW + timedelta(hours=27)


def test_what_is_sent_is_what_was_answered() -> None:
    where = context(posting(line(quantity=3, warranty_days=30, weight_g=800)))
    draft = start(where).answer(Q.QUANTITY, "2", where, sku="A-1")
    draft = draft.answer(Q.REASON, "does_not_fit", where).answer(Q.STORY, "", where)
    draft = draft.add_photos(("f1",), where).answer(Q.PHOTOS, "done", where)
    case, given = draft.answer(Q.ROUTE, "courier", where).submission(where)
    assert (given.reason, given.text, given.photos) == ("does_not_fit", None, ("f1",))
    assert (case.status, case.order, case.posting) == (Status.DRAFT, "O-1", "P-1")
    assert (case.policy, case.seller, case.delivered_at) == (Policy().digest, "acme", DELIVERED)
    (sent,) = case.lines
    assert (sent.sku, sent.quantity, sent.unit_price) == ("A-1", 2, Money.of("2500.00"))
    assert (sent.warranty_days, sent.weight_g, case.route) == (30, 800, Route.COURIER)


def test_an_unfinished_draft_is_not_sent() -> None:
    where = context()
    with pytest.raises(Refused) as refused:
        explained(where).submission(where)
    assert (refused.value.code, refused.value.facts["question"]) == ("incomplete", Q.PHOTOS)


def test_a_window_that_closed_while_the_form_was_open_refuses_at_send() -> None:
    where = context()
    draft = finished(where)
    midnight = datetime(2026, 3, 17, tzinfo=UTC)
    draft.submission(replace(where, now=midnight - timedelta(seconds=1)))
    with pytest.raises(Refused, match="window_closed"):
        draft.submission(replace(where, now=midnight))


def test_an_outage_gives_the_form_its_time_back() -> None:
    where = context()
    outage = (datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 10, 6, tzinfo=UTC))
    late = replace(where, now=datetime(2026, 3, 17, 5, tzinfo=UTC), outages=(outage,))
    case, _ = finished(where).submission(late)
    assert case.outages == (outage,)
