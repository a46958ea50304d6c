"""The form of an action: one screen for each input it asks for.

The value of an `Answer` is what the person could have typed: `750.00`, `today`, a code; besides
there are SKIP, DONE and KEEP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from bot.domain.cases import (
    Action,
    Asked,
    DisputeTopic,
    Goods,
    Input,
    ReturnCase,
    Role,
    Ruling,
    Status,
    Terms,
)
from bot.domain.costs import OFFERED_PERCENT
from bot.domain.money import Money
from bot.domain.outlook import Outlook
from bot.domain.refunds import paid_for
from bot.screens import labels
from bot.screens.buttons import DONE, SKIP, Answer
from bot.screens.effects import after_ruling
from bot.screens.intake import full
from bot.screens.layout import Rows, button, form_row, one_each, packed
from bot.screens.proposals import terms, worded
from bot.screens.screen import Button, Screen
from bot.screens.words import small
from bot.services.records import Template
from bot.texts import Html, Texts, joined

FORM: Final = "action"
"""The form that its Cancel buttons name."""

KEEP: Final = "keep"
"""The answer that takes what is hard to believe: a track number, a sum."""

TEMPLATE: Final = "t"
"""Begins the answer that takes a template: its id follows."""

OTHER: Final = "other"
"""The answer that asks for a sum to be typed in place of the usual parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the form asks now. `name` is what its buttons carry; `at` counts from 1."""

    name: str
    action: Action
    asked: Asked
    case: ReturnCase
    at: int = 1
    of: int = 1
    photos: int = 0
    most_photos: int = 0
    currency: str = ""
    """In which a sum on a receipt is read that names none."""
    sku: str = ""
    """The line whose accepted units are asked for."""
    typing: bool = False
    """The sum is to be typed: none of the usual parts was wanted."""
    rounds_left: int | None = None
    """How many offers can still be made, this one counted; None where nobody counts them."""
    templates: tuple[Template, ...] = ()
    """What the seller's team has written before in such a place."""
    doubted: str | Money | None = None
    """The track number or the sum that is hard to believe and waits for a yes."""
    rulings: Mapping[str, Outlook] = field(default_factory=dict)
    """What each ruling leads to, as the core has decided it on copies."""
    most: Money | None = None
    """What is refunded at most: of the doubted sum, or else for shipping, where it is known."""


def question(prompt: Prompt, t: Texts, problem: Html | None = None) -> Screen:
    """One input. `problem`: why the last answer could not be taken."""
    what = labels.action(prompt.action, t)
    head = t("{what} · return {number}", what=what, number=prompt.case.number)
    if prompt.of > 1:
        step = t("step {at} of {of}", at=prompt.at, of=prompt.of)
        head = joined([head, step], " · ")
    text, rows = _doubt(prompt, t) if prompt.doubted else _asked(prompt, t)
    # Where the choices name everything that can be, nothing is left to be skipped.
    named = prompt.asked.input is Input.STATUS
    if not prompt.asked.required and not prompt.doubted and not prompt.photos and not named:
        skip = Answer(question=prompt.name, value=SKIP)
        rows = (*rows, (button(_skip(prompt, t), skip),))
    return Screen(
        text=joined([t.bold(head), problem, text], "\n\n"),
        rows=(*rows, form_row(t, prompt.name, FORM, back=_has_before(prompt))),
        slot="draft",
    )


def _has_before(prompt: Prompt) -> bool:
    """Whether there is something that Back forgets."""
    return prompt.at > 1 or prompt.typing or bool(prompt.doubted)


def _skip(prompt: Prompt, t: Texts) -> str:
    if prompt.asked.instead is Input.RECEIPT_AMOUNT:
        return t.plain("I have no receipt")
    if prompt.asked.input is not Input.SHIPPING:
        return t.plain("Skip")
    if prompt.most is None:
        return t.plain("All that the receipt and the rules allow")
    return t.plain("All of it: {most}", most=t.money(prompt.most))


def _doubt(prompt: Prompt, t: Texts) -> tuple[Html, Rows]:
    if isinstance(prompt.doubted, Money):
        text = t(
            "Really {sum}? At most {most} are refunded for packaging and postage. "
            "Type the sum again, or use it as it is.",
            sum=t.money(prompt.doubted),
            most=t.money(prompt.most or prompt.doubted),
        )
    else:
        text = t(
            "{track} does not look like a track number that I know. Is every character right? "
            "Type it again, or use it as it is.",
            track=t.code(prompt.doubted or ""),
        )
    keep = Answer(question=prompt.name, value=KEEP)
    return text, ((button(t.plain("Use it as it is"), keep),),)


def _asked(prompt: Prompt, t: Texts) -> tuple[Html, Rows]:
    match prompt.asked.input:
        case Input.REASON:
            text = t("Why? The customer will see the reason and your comment.")
            if prompt.action is Action.VERDICT:
                text = t(
                    "Why do you not accept the rest? The customer will see the reason and your "
                    "comment."
                )
            return text, _choices(prompt, {c: labels.reject_reason(c, t) for c in _codes(prompt)})
        case Input.TEXT:
            return _text(prompt, t), one_each(
                _answer(prompt, f"{TEMPLATE}{each.id}", each.text) for each in prompt.templates
            )
        case Input.PHOTOS:
            return _photos(prompt, t)
        case Input.AMOUNT:
            return _amount(prompt, t)
        case Input.TRACK:
            return t(
                "What is the track number? It is printed on the receipt of the parcel, "
                "for example {example}.",
                example=t.code("RA123456785TR"),
            ), ()
        case Input.RECEIPT_AMOUNT:
            return t(
                "How much did packaging and postage cost? Type the sum on the receipt, for "
                "example 350 or 350.50: I read it in {currency}. If it is in another currency, "
                "name it: 350.50 {other}.",
                currency=prompt.currency,
                other=_another(prompt),
            ), ()
        case Input.RECEIPT_DATE:
            text = t(
                "When was the parcel sent? Type the date on the receipt, for example 05.03.2026."
            )
            days = {"today": t.plain("Today"), "yesterday": t.plain("Yesterday")}
            return text, packed([_answer(prompt, *day) for day in days.items()], 2)
        case Input.SHIPPING if prompt.asked.required and prompt.most and prompt.case.receipt:
            return t(
                "How much do you refund for shipping? The receipt is for {receipt}, and no rate "
                "is set for it. Type the sum in {currency}; it can be {most} at most.",
                receipt=t.money(prompt.case.receipt),
                currency=prompt.most.currency,
                most=t.money(prompt.most),
            ), ()
        case Input.SHIPPING if prompt.asked.required and prompt.most:
            return t(
                "How much do you refund for shipping? The customer has shown the receipt without "
                "naming its sum: read it on the photo. Type the sum in {currency}; it can be "
                "{most} at most.",
                currency=prompt.most.currency,
                most=t.money(prompt.most),
            ), ()
        case Input.SHIPPING if prompt.most is not None:
            return t(
                "How much do you refund for shipping? By the receipt and the rules it is {most} "
                "at most; type a smaller sum, or take all of it.",
                most=t.money(prompt.most),
            ), ()
        case Input.SHIPPING:
            return t(
                "How much do you refund for shipping? Type the sum; it can be no more than the "
                "receipt and the limit of the rules."
            ), ()
        case Input.ACCEPTED:
            return _accepted(prompt, t)
        case Input.RULING:
            ask = t("How do you decide? Both parties will see the decision and your reasons.")
            follows = [
                t(
                    "• {ruling}: {what}",
                    ruling=labels.ruling(Ruling(c), t),
                    what=Html(small(after_ruling(a, t))),
                )
                for c, a in prompt.rulings.items()
            ]
            text = joined([ask, joined(follows)], "\n\n")
            return text, _choices(prompt, {c: labels.ruling(Ruling(c), t) for c in _codes(prompt)})
        case Input.TERMS:
            text = t(
                "How do you want the dispute to end? The others read your proposal at once; where "
                "customer and seller want the same, it ends so."
            )
            choices = {c: terms(Terms(c), prompt.case, t) for c in _codes(prompt)}
            return text, _choices(prompt, choices)
        case Input.TOPIC:
            text = t(
                "What is the dispute about? The seller and the moderator see it first; after it "
                "you can tell and show more."
            )
            return text, _choices(
                prompt, {c: labels.topic(DisputeTopic(c), t) for c in _codes(prompt)}
            )
        case Input.OF:
            text = t("Whose proposal do you accept?")
            return text, _choices(
                prompt, {c: _whose(Role(c), prompt.case, t) for c in _codes(prompt)}
            )
        case Input.REF:
            return t("What is the reference of the payment? Type it as the bank gives it."), ()
        case Input.PLACE:
            return t("Where is the parcel? Type the last place that tracking shows."), ()
        case Input.STATUS:
            return _status(prompt, t)
        case Input.ADDRESS:
            return address_question(t), ()
        case _:
            assert_never(prompt.asked.input)


def _status(prompt: Prompt, t: Texts) -> tuple[Html, Rows]:
    statuses = {c: labels.status(Status(c), t) for c in _codes(prompt)}
    if prompt.action is Action.REOPEN:
        text = t(
            "Who is to act first when the return is open again? The seller decides on the request "
            "anew, or the customer answers your words first."
        )
        names = {
            Status.NEW.value: t.plain("The seller decides"),
            Status.CLARIFY.value: t.plain("The customer answers"),
        }
        return text, _choices(prompt, {c: names.get(c, status) for c, status in statuses.items()})
    text = t(
        "To which status shall the return be set? If money moves, nothing changes until another "
        "administrator confirms the same."
    )
    if prompt.case.status.value in statuses:
        statuses[prompt.case.status.value] = t.plain("As it is: turn down what a colleague wants")
    return text, _choices(prompt, statuses)


def _another(prompt: Prompt) -> str:
    """A currency in which the receipt could be instead: that of the case before all."""
    of_case = paid_for(prompt.case).currency
    return next(each for each in (of_case, "EUR", "USD") if each != prompt.currency)


def address_question(t: Texts) -> Html:
    """What a return address must hold."""
    return t(
        "Where do returns go? Type the whole address in one message: recipient, street, town, "
        "postal code, country. Customers see it when a return is approved."
    )


def _codes(prompt: Prompt) -> tuple[str, ...]:
    if prompt.asked.choices:
        return prompt.asked.choices
    return tuple(Ruling) if prompt.asked.input is Input.RULING else ()


def _whose(role: Role, case: ReturnCase, t: Texts) -> str:
    proposal = case.dispute.proposal_of(role) if case.dispute else None
    who = labels.role(role, t)
    what = worded(proposal, case, t) if proposal else "—"
    return t.plain("{who}: {what}", who=who[:1].upper() + who[1:], what=what)


def _answer(prompt: Prompt, value: str, label: str) -> Button:
    return button(label, Answer(question=prompt.name, value=value))


def _choices(prompt: Prompt, choices: dict[str, str]) -> Rows:
    return one_each(_answer(prompt, *choice) for choice in choices.items())


def _text(prompt: Prompt, t: Texts) -> Html:
    least = prompt.asked.least
    enough = (
        t.n("At least {count} character.", "At least {count} characters.", least)
        if prompt.asked.required and least > 1
        else None
    )
    return joined([_text_question(prompt, t), enough], " ")


def _text_question(prompt: Prompt, t: Texts) -> Html:
    match prompt.action:
        case Action.REJECT | Action.VERDICT:
            return t("Explain your decision in one message; the customer will read it.")
        case Action.ASK if prompt.case.status is Status.PREMOD:
            return t(
                "What do you want to ask the customer? Write it in one message. The answer goes "
                "to the seller, who then decides."
            )
        case Action.ASK:
            return t("What do you want to ask the customer? Write it in one message.")
        case Action.ANSWER:
            return t(
                "What do you answer? Write it in one message: the seller reads it and decides."
            )
        case Action.OPEN_DISPUTE:
            return t(
                "Why do you disagree? Write it in one message: the seller will reply to it and "
                "a moderator will decide."
            )
        case Action.WHERE_IS_THE_REFUND:
            return t(
                "What do you know about the parcel? Write it in one message: the seller will "
                "reply to it and a moderator will decide."
            )
        case Action.REPLY:
            return t(
                "What do you reply to the dispute? Write it in one message; you can reply once, "
                "and the moderator decides by it."
            )
        case Action.DECIDE:
            return t("Why do you decide so? Both parties will read it.")
        case Action.PROVE:
            return t("Which code is on the paper? Type its four characters.")
        case Action.OVERRIDE | Action.REOPEN:
            return t("Why? Your reason stays in the history of the return.")
        case _:
            return t("What do you want to say about it? Write it in one message.")


def _photos(prompt: Prompt, t: Texts) -> tuple[Html, Rows]:
    match prompt.action:
        case Action.SENT if prompt.asked.instead is Input.RECEIPT_AMOUNT:
            ask = t(
                "Send a photo of the receipt: date, sum and number must be readable. Without a "
                "receipt packaging and postage are not refunded."
            )
        case Action.SENT | Action.LATE_PROOF:
            ask = t("Send a photo of the receipt: date, sum and number must be readable.")
        case Action.PROVE:
            ask = t(
                "Send a new photo of the product, with the paper beside it on which you have "
                "written the code. Both must be easy to see."
            )
        case Action.REJECT | Action.VERDICT if prompt.case.goods is not Goods.WITH_CUSTOMER:
            ask = t("Send photos of what has arrived; the customer and the moderator see them.")
        case Action.ASK:
            ask = t("You can add photos or videos to the question; an album is fine.")
        case _:
            ask = t("Send photos or videos that show it; an album is fine.")
    if not prompt.photos:
        return ask, ()
    have = t.n("{count} photo is here.", "{count} photos are here.", prompt.photos)
    missing = prompt.asked.least - prompt.photos if prompt.asked.required else 0
    if missing > 0:
        more = t.n("Please send {count} more.", "Please send {count} more.", missing)
        return joined([ask, joined([have, more], " ")]), ()
    more = t("Send more, or tap “Done”.") if prompt.photos < prompt.most_photos else full(t)
    done = button(t.plain("Done"), Answer(question=prompt.name, value=DONE), "primary")
    return joined([ask, joined([have, more], " ")]), ((done,),)


def _amount(prompt: Prompt, t: Texts) -> tuple[Html, Rows]:
    price = paid_for(prompt.case)
    if prompt.action is Action.OVERRIDE:
        return t("Which sum does the customer get? At most {most}.", most=t.money(price)), ()
    settles = prompt.action is Action.SETTLE
    last = prompt.case.offer.amount if prompt.case.offer and not settles else None
    parts = [
        _answer(prompt, str(part.amount), f"{percent} % · {t.money(part)}")
        for percent in OFFERED_PERCENT
        if (part := price.percent(percent)) and (last is None or part > last)
    ]
    if prompt.typing or not parts:
        ask = t(
            "Which sum do you offer? Type it in {currency}, or as a part of the price, such as "
            "35 %: more than nothing and less than {price}.",
            currency=price.currency,
            price=t.money(price),
        )
    elif settles:
        ask = t(
            "Which sum do you propose? The customer has paid {price}. Tap a part, or type another "
            "sum.",
            price=t.money(price),
        )
    else:
        ask = t(
            "How much do you offer? The customer has paid {price} and keeps the product if they "
            "accept. Tap a part, or type another sum.",
            price=t.money(price),
        )
    above = None
    if last is not None:
        above = t("It must be more than your last offer of {last}.", last=t.money(last))
    text = joined([ask, above, _rounds(prompt, t)], " ")
    if prompt.typing or not parts:
        return text, ()
    return text, (*packed(parts, 2), (_answer(prompt, OTHER, t.plain("Other sum")),))


def _rounds(prompt: Prompt, t: Texts) -> Html | None:
    """How often the seller can offer after this."""
    if prompt.rounds_left is None or prompt.action is not Action.OFFER:
        return None
    after = prompt.rounds_left - 1
    if after <= 0:
        return t("It is the last offer that is possible in this return.")
    return t.n(
        "After it {count} more offer is possible.",
        "After it {count} more offers are possible.",
        after,
    )


def _accepted(prompt: Prompt, t: Texts) -> tuple[Html, Rows]:
    line = next(line for line in prompt.case.lines if line.sku == prompt.sku)
    text = t.n(
        "“{title}”: do you accept it? {count} was sent; tap or type the number.",
        "“{title}”: how many do you accept? {count} were sent; tap or type the number.",
        line.quantity,
        title=line.title,
    )
    numbers = [_answer(prompt, str(n), str(n)) for n in range(min(line.quantity, 19) + 1)]
    return text, packed(numbers, 5)
