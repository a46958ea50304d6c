"""The return form: one screen for each question of `bot.domain.intake`.

Lines are named by their place in the posting: answers carry `lines` with the place, and
`quantity.<place>` with a number. DONE ends LINES and PHOTOS, SKIP leaves out the story.
"""

from __future__ import annotations

from functools import lru_cache
from typing import assert_never

from bot.domain.cases import Route
from bot.domain.intake import Asking, Context, Question, ReturnDraft
from bot.domain.orders import Posting
from bot.domain.reasons import GROUPS
from bot.domain.refunds import price
from bot.screens import labels
from bot.screens.buttons import DONE, SEND, SKIP, Answer, Edit
from bot.screens.layout import Rows, button, form_row, one_each, packed
from bot.screens.products import products
from bot.screens.screen import Button, Screen
from bot.texts import Html, Texts, joined

_MOST_LINES = 10

FORM = "return"
"""The form that its Cancel buttons name."""


def question(draft: ReturnDraft, context: Context, t: Texts, problem: Html | None = None) -> Screen:
    """The present question. `problem`: why the last answer could not be taken."""
    asking = draft.next_question(context)
    if asking.question is Question.SUMMARY:
        return _summary(draft, context, t, problem)
    at, of = _progress(draft, asking, context)
    text, rows = _asked(asking, draft, context, t)
    progress = t("Return for order {order} · step {at} of {of}", order=draft.order, at=at, of=of)
    row = form_row(t, name_of(asking, context), FORM, back=draft.can_go_back)
    return Screen(
        text=joined([t.bold(progress), problem, text], "\n\n"), rows=(*rows, row), slot="draft"
    )


def name_of(asking: Asking, context: Context) -> str:
    """What the buttons of a question carry: its name, and the line it is about."""
    if asking.question is Question.QUANTITY and asking.sku is not None:
        return f"{asking.question}.{place_of(asking.sku, context.posting)}"
    return asking.question.value


def place_of(sku: str, posting: Posting) -> int:
    """The place of a line in its posting, which stands for its SKU in callback data."""
    return next(at for at, line in enumerate(posting.lines) if line.sku == sku)


def _progress(draft: ReturnDraft, asking: Asking, context: Context) -> tuple[int, int]:
    """Which step this is and how many there are; the summary is the last one."""
    steps = [Question.LINES] if len(context.posting.lines) > 1 else []
    if any(units > 1 for units in context.free.values()):
        steps.append(Question.QUANTITY)
    steps += [Question.REASON, Question.STORY, Question.PHOTOS]
    if len(context.order.routes) > 1:
        steps.append(Question.ROUTE)
    steps.append(Question.SUMMARY)
    return steps.index(asking.question) + 1, len(steps)


def _asked(asking: Asking, draft: ReturnDraft, context: Context, t: Texts) -> tuple[Html, Rows]:
    match asking.question:
        case Question.LINES:
            return _lines(asking, draft, context, t)
        case Question.QUANTITY:
            return _quantity(asking, context, t)
        case Question.REASON:
            return _reasons(t)
        case Question.STORY:
            return _story(asking, t)
        case Question.PHOTOS:
            return _photos(asking, draft, t)
        case Question.ROUTE:
            text = t("How will it travel back? You choose now, the address comes with approval.")
            name = asking.question.value
            routes = [Route(code) for code in asking.choices]
            return text, one_each(
                _answer(name, each.value, labels.route(each, t)) for each in routes
            )
        case Question.SUMMARY:
            return Html(""), ()
        case _:
            assert_never(asking.question)


def _answer(question: str, value: str, label: str) -> Button:
    return button(label, Answer(question=question, value=value))


def _lines(asking: Asking, draft: ReturnDraft, context: Context, t: Texts) -> tuple[Html, Rows]:
    if asking.most > 1:
        text = t("Which products do you want to return? Tick them, then tap “Done”.")
    else:
        text = t("Which product do you want to return? Tick it, then tap “Done”.")
    rows = one_each(
        _answer(
            asking.question.value,
            str(place_of(line.sku, context.posting)),
            ("☑ " if line.sku in draft.picked else "☐ ") + line.title,
        )
        for line in context.posting.lines
        if line.sku in asking.choices
    )
    if draft.picked:
        done = Answer(question=asking.question.value, value=DONE)
        rows += ((button(t.plain("Done"), done, "primary"),),)
    return text, rows


def _quantity(asking: Asking, context: Context, t: Texts) -> tuple[Html, Rows]:
    line = next(line for line in context.posting.lines if line.sku == asking.sku)
    text = t(
        "“{title}”: how many do you want to return? You can return up to {most}; "
        "tap or type the number.",
        title=line.title,
        most=asking.most,
    )
    name = name_of(asking, context)
    numbers = [_answer(name, str(number), str(number)) for number in range(1, asking.most + 1)]
    return text, packed(numbers[:20], 5)


@lru_cache(maxsize=64)
def _reasons(t: Texts) -> tuple[Html, Rows]:
    groups = [
        joined(
            [
                t.bold(labels.reason_class(reason_class, t)),
                *(f"· {labels.reason(code, t)}" for code in reasons),
            ]
        )
        for reason_class, reasons in GROUPS.items()
    ]
    text = t("Why do you want to return it? The reason decides how long a return is possible.")
    rows = one_each(
        _answer(Question.REASON.value, code.value, labels.reason(code, t))
        for reasons in GROUPS.values()
        for code in reasons
    )
    return joined([text, joined(groups, "\n")], "\n\n"), rows


def _story(asking: Asking, t: Texts) -> tuple[Html, Rows]:
    if asking.least:
        return t(
            "What happened? Write it in one message: what is wrong, and when you noticed it. "
            "The seller decides by your words and photos."
        ), ()
    text = t("Is there something the seller should know? Write it in one message, or skip this.")
    return text, ((_answer(asking.question.value, SKIP, t.plain("Skip")),),)


def _photos(asking: Asking, draft: ReturnDraft, t: Texts) -> tuple[Html, Rows]:
    sent = len(draft.photos)
    need = (
        t.n(
            "Send at least {count} photo or video, up to {most}; an album is fine.",
            "Send at least {count} photos or videos, up to {most}; an album is fine.",
            asking.least,
            most=asking.most,
        )
        if asking.least
        else t("Send photos or videos if you like, up to {most}, or go on.", most=asking.most)
    )
    advice = t("Show the whole product, the problem and the label.")
    if not sent:
        rows: Rows = ()
        if not asking.least:
            rows = ((_answer(asking.question.value, DONE, t.plain("Go on without photos")),),)
        return joined([need, advice]), rows
    have = t.n("{count} photo is here.", "{count} photos are here.", sent)
    if sent < asking.least:
        missing = t.n("Please send {count} more.", "Please send {count} more.", asking.least - sent)
        return joined([need, advice, joined([have, missing], " ")]), ()
    more = t("Send more, or tap “Done”.") if sent < asking.most else full(t)
    have = joined([have, more], " ")
    done = Answer(question=asking.question.value, value=DONE)
    return joined([need, advice, have]), ((button(t.plain("Done"), done, "primary"),),)


def full(t: Texts) -> Html:
    """Said when no more photos can be taken."""
    return t("That is the most; tap “Done”.")


def _summary(draft: ReturnDraft, context: Context, t: Texts, problem: Html | None = None) -> Screen:
    lines = draft.lines(context)
    route = draft.route or context.order.routes[0]
    text = joined(
        [
            t.bold(t("Return for order {order} · please check", order=draft.order)),
            problem,
            joined(
                [
                    products(lines, _MOST_LINES, t),
                    t("Paid: {sum}", sum=t.money(price(lines))),
                    t("Reason: {reason}", reason=labels.reason(draft.reason, t)),
                    t.n("{count} photo or video", "{count} photos or videos", len(draft.photos)),
                    labels.route(route, t),
                ]
            ),
            t.quote(draft.text) if draft.text else None,
            t(
                "Is everything right? Tap “Send”: the seller is asked at once, and a card here "
                "shows what happens next."
            ),
        ],
        "\n\n",
    )
    send = Answer(question=Question.SUMMARY.value, value=SEND)
    edits = [
        button(_edit(question, t), Edit(question=question.value))
        for question in draft.editable(context)
    ]
    return Screen(
        text=text,
        rows=(
            (button(t.plain("Send"), send, "success"),),
            *packed(edits, 2),
            form_row(t, Question.SUMMARY.value, FORM, back=draft.can_go_back),
        ),
        slot="draft",
    )


def _edit(question: Question, t: Texts) -> str:
    match question:
        case Question.LINES:
            return t.plain("Change the products")
        case Question.QUANTITY:
            return t.plain("Change the quantity")
        case Question.REASON:
            return t.plain("Change the reason")
        case Question.STORY:
            return t.plain("Change the text")
        case Question.PHOTOS:
            return t.plain("Change the photos")
        case Question.ROUTE:
            return t.plain("Change the way")
        case Question.SUMMARY:
            return t.plain("Check again")
        case _:
            assert_never(question)


def sent(number: str, t: Texts) -> Screen:
    """The form has become a case; its card follows."""
    return Screen(
        text=t(
            "Return {number} is sent. Its card below shows whose move it is and until when; "
            "keep it, it always says what happens next.",
            number=number,
        ),
        slot="draft",
    )
