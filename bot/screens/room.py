"""The dispute room: letters as their readers see them, the form for one, and the code word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.domain.cases import STAFF, DisputeTopic, ReturnCase, Role, Status, return_number
from bot.screens import labels
from bot.screens.buttons import DONE, Answer, Talk
from bot.screens.layout import Rows, button, form_row, one_each
from bot.screens.screen import Screen
from bot.screens.words import masked, quoted, small
from bot.services.correspondence import Sent
from bot.services.masking import hides
from bot.services.records import Letter
from bot.services.views import Said
from bot.texts import Html, Texts, joined

FORM: Final = "letter"
"""The form that its Cancel buttons name."""
TO: Final = "letter.to"
READY: Final = "letter.ready"
BOTH: Final = "both"

_VERSIONS: Final = 3
"""Earlier words that staff are shown of one letter."""


def marked(screen: Screen, code: str | None, t: Texts) -> Screen:
    """The screen with the word of its dispute below it."""
    return replace(screen, text=with_code(screen.text, code, t)) if code else screen


def with_code(text: str, code: str | None, t: Texts) -> Html:
    """A text of the bot in a dispute: whoever writes without this word is somebody else."""
    return joined([Html(text), t("Code word: {code}", code=t.bold(code)) if code else None], "\n\n")


def trusted(screen: Screen, code: str, t: Texts) -> Screen:
    """A card with the word of its dispute, and what it is for."""
    told = t(
        "Code word: {code}. Every message from me in this dispute shows it; one without it is not "
        "from me.",
        code=t.bold(code),
    )
    return replace(screen, text=joined([Html(screen.text), told], "\n\n"))


def letter(
    letter: Letter, reader: Role, code: str | None, t: Texts, *, button_below: bool
) -> Screen:
    """What somebody has written, for one who reads it in this role."""
    number = return_number(letter.case)
    head = t("Return {number} · {who}:", number=number, who=labels.role(letter.by, t))
    text = joined(
        [
            joined([t.bold(head), words(letter, reader, t)]),
            t("Corrected by its writer.") if letter.earlier else None,
        ],
        "\n\n",
    )
    rows: Rows = ((_talk(t.plain("Answer"), letter.case),),) if button_below else ()
    return Screen(text=with_code(text, code, t), rows=rows)


def words(letter: Letter, reader: Role, t: Texts, limit: int = 2000) -> Html:
    """The words of a letter; staff also read what was there before, and who is to read it."""
    if reader in STAFF:
        earlier = [
            joined([t("Before that:"), t.quote(each, min(400, limit))])
            for each in letter.earlier[-_VERSIONS:]
        ]
        to = t("To {list}", list=t.list([labels.role(role, t) for role in letter.to]))
        return joined([to, t.quote(letter.text, limit), *reversed(earlier)])
    told = (
        t("Contacts are hidden: everything between you goes through me.")
        if hides(letter.text)
        else None
    )
    return joined([t.quote(masked(letter.text, t), limit), told])


def caption(letter: Letter, code: str | None, t: Texts) -> Html:
    """What stands under the photos of a letter."""
    number, who = return_number(letter.case), labels.role(letter.by, t)
    return with_code(t("Return {number} · {who}: photos", number=number, who=who), code, t)


def talk(case: ReturnCase, reader: Role, t: Texts) -> tuple[str, Talk]:
    """The button of a card that leads here."""
    return _name(t, chooses=reader in STAFF), Talk(id=case.id)


def _name(t: Texts, *, chooses: bool) -> str:
    return t.plain("Write to the parties") if chooses else t.plain("Write to the other side")


def _head(case: ReturnCase, t: Texts, *, chooses: bool) -> Html:
    what = _name(t, chooses=chooses)
    head = t.bold(t("{what} · return {number}", what=what, number=case.number))
    return joined([head, _about(case.topic, t)])


def _about(topic: DisputeTopic | None, t: Texts) -> Html | None:
    if topic is None:
        return None
    return t("Topic of the dispute: {topic}", topic=labels.topic(topic, t))


def _talk(label: str, case: int) -> Any:
    return button(label, Talk(id=case), "primary")


# ------------------------------------------------------------------------------ the form


def ask_whom(case: ReturnCase, t: Texts, problem: Html | None = None) -> Screen:
    """Staff choose to whom they write."""
    choices = {
        Role.CUSTOMER.value: t.plain("To the customer"),
        Role.SELLER.value: t.plain("To the seller"),
        BOTH: t.plain("To both"),
    }
    rows = one_each(
        button(label, Answer(question=TO, value=value)) for value, label in choices.items()
    )
    ask = t("To whom do you write?")
    text = joined([_head(case, t, chooses=True), problem, ask], "\n\n")
    return Screen(text=text, rows=(*rows, form_row(t, TO, FORM, back=False)), slot="draft")


def ask_words(
    case: ReturnCase,
    to: Sequence[Role],
    photos: int,
    t: Texts,
    problem: Html | None = None,
    *,
    chooses: bool = False,
) -> Screen:
    """What is to be sent: a message, or photos and then words that go with them."""
    ask = t(
        "Write your message; photos are fine, too. It goes to {who}, and the moderators read it.",
        who=t.list([labels.role(role, t) for role in to]),
    )
    rows: Rows = ()
    if photos:
        have = t.n("{count} photo is here.", "{count} photos are here.", photos)
        more = t("Send more, or the words that go with them, or tap “Send”.")
        ask = joined([ask, joined([have, more], " ")], "\n\n")
        rows = ((button(t.plain("Send"), Answer(question=READY, value=DONE), "primary"),),)
    return Screen(
        text=joined([_head(case, t, chooses=chooses), problem, ask], "\n\n"),
        rows=(*rows, form_row(t, READY, FORM, back=False)),
        slot="draft",
    )


def sent(found: Sent, code: str | None, t: Texts, *, edited: bool = False) -> Screen:
    """It is under way, and what became of it on its way."""
    who = t.list([labels.role(role, t) for role in found.to])
    waits = t.list([labels.role(role, t) for role in found.waits])
    done = (
        t("✔ Your correction goes to {who}.", who=who)
        if edited
        else t("✔ Your message goes to {who}.", who=who)
    )
    text = joined(
        [
            done,
            t("Contacts in it are hidden; the moderators see it as you wrote it.")
            if found.hidden
            else None,
            t("It waits for {list}, who cannot be reached at present.", list=waits)
            if found.waits
            else None,
        ],
        " ",
    )
    rows: Rows = ((button(t.plain("Write again"), Talk(id=found.case.id)),),)
    return Screen(text=with_code(text, code, t), rows=rows, slot="draft", silent=edited)


# ------------------------------------------------------------------------------- the topic


def topic_name(case: ReturnCase, t: Texts) -> str:
    """The title of a dispute's topic."""
    about = labels.dispute(case.dispute.kind, t) if case.dispute else ""
    if case.topic is not None:
        about = labels.topic(case.topic, t)
    return t.plain("{number}: {about}", number=case.number, about=about)[:128]


def topic_notice(facts: Mapping[str, Any], code: str | None, t: Texts) -> Html:
    """What is said in the topic beside the letters."""
    number = return_number(int(facts["case"]))
    if facts["notice"] == "dispute_closed":
        status = small(labels.status(Status(facts["status"]), t))
        return t(
            "The dispute of return {number} has ended: {status}.", number=number, status=status
        )
    text = t(
        "A dispute about return {number} is open. What the parties say about it, without photos, "
        "and what they write to each other comes here. Answer with {command} and your words, with "
        "{both} or {seller}, or by replying to what came from a party; everything else stays among "
        "you. It is decided on the card: {card} in my private chat.",
        number=number,
        command=t.code("/say customer"),
        seller=t.code("/say seller"),
        both=t.code("/say both"),
        card=t.code(f"/return {number}"),
    )
    topic = DisputeTopic(facts["topic"]) if facts.get("topic") else None
    return with_code(joined([_about(topic, t), text], "\n\n"), code, t)


def stated(said: Said, code: str | None, t: Texts) -> Screen:
    """What a party has stated in the dispute, as the staff read it on the card."""
    return Screen(text=with_code(quoted(said, Role.MODERATOR, t, 2000), code, t))


def said_in_topic(found: Sent, t: Texts) -> Html:
    """The answer to a word of the staff in a topic."""
    return t("✔ It goes to {who}.", who=t.list([labels.role(role, t) for role in found.to]))


def how_to_say(t: Texts) -> Html:
    """`/say` without what it needs."""
    return t(
        "Type {customer}, {seller} or {both} and your words, or reply with it to the message that "
        "is meant.",
        customer=t.code("/say customer"),
        seller=t.code("/say seller"),
        both=t.code("/say both"),
    )
