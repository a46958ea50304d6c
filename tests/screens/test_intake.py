"""The return form: every question on the way to a return, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.cases import Route
from bot.domain.intake import Context, Question, ReturnDraft, start
from bot.domain.policy import Policy
from bot.domain.reasons import Reason
from bot.screens.buttons import DONE, SEND, Answer
from bot.screens.intake import name_of, place_of, question, sent
from bot.texts import Html
from tests.domain.life import march
from tests.domain.orders import line, order, posting
from tests.screens.checks import check, labels
from tests.screens.scenes import LANGUAGES, texts

LINES = (line("A-1", quantity=3), line("B-2", title="Cup <b>"))
ORDER = order(posting(*LINES), routes=(Route.MAIL, Route.COURIER))
CONTEXT = Context(order=ORDER, posting=ORDER.postings[0], policy=Policy(), now=march(2), used={})


def walked() -> list[ReturnDraft]:
    """The draft at every question, from the first to the summary."""
    drafts = [start(CONTEXT)]

    def then(draft: ReturnDraft) -> ReturnDraft:
        drafts.append(draft)
        return draft

    draft = then(drafts[0].tick("A-1", CONTEXT).tick("B-2", CONTEXT))
    draft = then(draft.answer(Question.LINES, DONE, CONTEXT))
    draft = then(draft.answer(Question.QUANTITY, "2", CONTEXT, sku="A-1"))
    draft = then(draft.answer(Question.REASON, Reason.DEFECTIVE, CONTEXT))
    draft = then(draft.answer(Question.STORY, "It hums. <i>", CONTEXT))
    draft = then(draft.add_photos(("one",), CONTEXT))
    draft = then(draft.add_photos(("two",), CONTEXT))
    draft = then(draft.answer(Question.PHOTOS, DONE, CONTEXT))
    then(draft.answer(Question.ROUTE, Route.COURIER, CONTEXT))
    return drafts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_whole_and_offers_a_way_out(language: str) -> None:
    t = texts(language)
    for draft in walked():
        screen = question(draft, CONTEXT, t)
        assert "O-1" in check(screen)
        assert t.plain("Cancel") in labels(screen)
        assert (t.plain("← Back") in labels(screen)) == draft.can_go_back
        assert screen.slot == "draft"


def test_the_form_counts_its_steps() -> None:
    steps = [question(draft, CONTEXT, texts()).text.split("\n")[0] for draft in walked()]
    assert [step.split("step ")[1].removesuffix("</b>") for step in steps[:-1]] == [
        "1 of 7",
        "1 of 7",
        "2 of 7",
        "3 of 7",
        "4 of 7",
        "5 of 7",
        "5 of 7",
        "5 of 7",
        "6 of 7",
    ]


def test_ticked_lines_are_ticked_and_then_done_appears() -> None:
    empty, ticked = (question(draft, CONTEXT, texts()) for draft in walked()[:2])
    assert labels(empty)[:2] == ["☐ Thing A-1", "☐ Cup <b>"]
    assert labels(ticked)[:3] == ["☑ Thing A-1", "☑ Cup <b>", "Done"]
    assert empty.rows[1][0].data == Answer(question="lines", value="1").pack()


def test_the_quantity_names_its_line() -> None:
    draft = walked()[2]
    asking = draft.next_question(CONTEXT)
    assert name_of(asking, CONTEXT) == "quantity.0"
    assert place_of("B-2", CONTEXT.posting) == 1
    screen = question(draft, CONTEXT, texts())
    assert labels(screen)[:3] == ["1", "2", "3"]
    assert screen.rows[0][1].data == Answer(question="quantity.0", value="2").pack()


def test_the_reasons_stand_in_their_groups() -> None:
    screen = question(walked()[3], CONTEXT, texts("ru"))
    assert "<b>С товаром что-то не так</b>\n· Брак или поломка" in screen.text
    assert labels(screen)[: len(Reason)][0] == "Передумал(а)"
    assert len(labels(screen)) == len(Reason) + 2


def test_photos_that_are_missing_are_counted() -> None:
    none, one, two = (question(draft, CONTEXT, texts()) for draft in walked()[5:8])
    assert "Send at least 2 photos or videos, up to 10" in none.text
    assert "1 photo is here. Please send 1 more." in one.text
    assert "Done" not in labels(one)
    assert "2 photos are here. Send more, or tap “Done”." in two.text
    assert "Done" in labels(two)


def test_the_summary_shows_everything_and_lets_all_of_it_be_changed() -> None:
    screen = question(walked()[-1], CONTEXT, texts())
    text = check(screen)
    assert "Thing A-1 × 2\nCup <b> × 1\nPaid: 7,500.00\xa0RUB" in text
    assert "Reason: It is defective" in text
    assert "It hums. <i>" in text
    assert "2 photos or videos" in text
    assert "By courier" in text
    assert screen.rows[0][0].data == Answer(question="summary", value=SEND).pack()
    assert labels(screen)[1:-2] == [
        "Change the products",
        "Change the quantity",
        "Change the reason",
        "Change the text",
        "Change the photos",
        "Change the way",
    ]


def test_a_long_story_and_long_titles_still_fit() -> None:
    many = tuple(line(f"S-{n}", title="&" * 300) for n in range(30))
    order_ = order(posting(*many))
    context = replace(CONTEXT, order=order_, posting=order_.postings[0])
    draft = start(context)
    for each in many:
        draft = draft.tick(each.sku, context)
    check(question(draft, context, texts()))
    draft = draft.answer(Question.LINES, DONE, context)
    draft = draft.answer(Question.REASON, Reason.SPOILED, context)
    draft = draft.answer(Question.STORY, "<" * 1500, context)
    draft = draft.add_photos(("a", "b"), context).answer(Question.PHOTOS, DONE, context)
    draft = draft.answer(Question.ROUTE, Route.MAIL, context)
    check(question(draft, context, texts()))


def test_a_problem_stands_above_the_question() -> None:
    screen = question(walked()[0], CONTEXT, texts(), Html("Please tick at least one product."))
    assert screen.text.split("\n\n")[1] == "Please tick at least one product."


def test_what_was_sent_says_what_happens_next() -> None:
    assert "Its card below shows whose move it is" in check(sent("R-000007", texts()))
