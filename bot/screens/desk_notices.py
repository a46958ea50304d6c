"""What people are told of blocks, pre-moderation, deductions and files, from frozen facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.money import Money
from bot.screens.imports import imported
from bot.screens.policies import wrong
from bot.screens.products import title
from bot.texts import Html, Texts, joined


def of_the_desk(name: str, facts: Mapping[str, Any], t: Texts) -> Html | None:
    """The words of a notice of this name; None if it is none of these."""
    who = str(facts.get("name") or "—")
    match name:
        case "blocked_softly":
            return _softly(facts, t)
        case "block_stands":
            return _stands(facts, t)
        case "block_lifted":
            return t(
                "You can open new returns again: our staff have lifted the block. We are sorry "
                "for the trouble."
            )
        case "block_ended":
            return t("You can open new returns again: the block has ended by its own date.")
        case "block_answer_late":
            return t(
                "Nobody has answered your objection in time: we are sorry. It stays open, and our "
                "staff are reminded every day until they answer; the answer comes to this chat."
            )
        case "block_upheld":
            return joined(
                [
                    t("Our staff have read your objection, and the block stays."),
                    _ends(facts, t),
                    t("Returns that are open go on as before."),
                ],
                " ",
            )
        case "block_to_confirm":
            return t(
                "New returns of {name} were stopped by a colleague. Please look at the reason and "
                "confirm the block or lift it: it needs a second person.",
                name=who,
            )
        case "block_unconfirmed":
            return t(
                "The block of {name} still waits for a second person. Please confirm it or lift "
                "it; until then new returns stay stopped.",
                name=who,
            )
        case "block_appealed":
            return t(
                "{name} objects to the block. Please read it and answer: lift the block, or let "
                "it stay.",
                name=who,
            )
        case "block_unanswered":
            return t(
                "The objection of {name} to the block still waits for an answer. Please read it: "
                "lift the block, or let it stay.",
                name=who,
            )
        case "premoderated":
            return _premoderated(facts, t)
        case "premoderated_for_lost":
            return t.n(
                "{count} dispute was lost lately: until {when} our staff look at new requests to "
                "{seller} first, and longer if another one is lost. You see every request as "
                "before.",
                "{count} disputes were lost lately: until {when} our staff look at new requests to "
                "{seller} first, and longer if another one is lost. You see every request as "
                "before.",
                int(facts["lost"]),
                when=t.when(datetime.fromisoformat(facts["until"])),
                seller=str(facts.get("seller", "—")),
            )
        case "premoderation_ended":
            return t(
                "Our staff have ended the pre-moderation of {seller} that they had set. /settings "
                "shows whether another one holds.",
                seller=str(facts.get("seller", "—")),
            )
        case "imported":
            return imported(facts, t)
        case "rules_wrong":
            return wrong(facts, t)
        case "rules_tried":
            return t.n(
                "{name} was tried on {count} return. Look at what would be different.",
                "{name} was tried on {count} returns. Look at what would be different.",
                int(facts["returns"]),
                name=who,
            )
        case "rules_to_confirm":
            return t(
                "{name} wants the rules {rules} in force. Please look at what would be different, "
                "and confirm it or drop them: it needs a second administrator.",
                name=who,
                rules=str(facts["rules"]),
            )
        case "rules_switched":
            return t(
                "The rules {rules} are in force now, version {version}. Returns that are open keep "
                "theirs; /policy shows them.",
                rules=str(facts["rules"]),
                version=int(facts["version"]),
            )
        case _ if "minor" in facts:
            return _deduction(name, facts, t)
        case _:
            return None


def _deduction(name: str, facts: Mapping[str, Any], t: Texts) -> Html | None:
    sum = t.money(Money(int(facts["minor"]), str(facts["currency"])))
    what, order = title(str(facts["title"])), str(facts["order"])
    due = datetime.fromisoformat(facts["due_at"]) if facts.get("due_at") else None
    match name:
        case "missing_product_refunded":
            return t(
                "{title} was missing from your order {order}: you get {sum} back. I tell you when "
                "it is paid.",
                title=what,
                order=order,
                sum=sum,
            )
        case "missing_product_paid":
            return t(
                "{sum} for {title}, which was missing from your order {order}, are paid.",
                sum=sum,
                title=what,
                order=order,
            )
        case "deducted" if due:
            return t(
                "{title} was missing from order {order}, says the customer: {sum} of yours went to "
                "them. You may contest it until {when}; later it is final.",
                title=what,
                order=order,
                sum=sum,
                when=t.when(due),
            )
        case "deduction_reminder" if due:
            return t(
                "The deduction of {sum} for order {order} becomes final on {when}. Until then you "
                "may contest it.",
                sum=sum,
                order=order,
                when=t.when(due),
            )
        case "deduction_lapsed":
            return t(
                "The time to contest the deduction of {sum} for order {order} is over: it stays.",
                sum=sum,
                order=order,
            )
        case "deduction_contested":
            return t(
                "A seller contests the deduction of {sum} for order {order} and waits for an "
                "answer. Please look at what is shown, and answer.",
                sum=sum,
                order=order,
            )
        case "deduction_given_back":
            words = t("You get {sum} back for order {order}. Our staff say:", sum=sum, order=order)
            return joined([words, t.quote(str(facts["ruling"]))])
        case "deduction_upheld":
            words = t(
                "The deduction of {sum} for order {order} stays. Our staff say:",
                sum=sum,
                order=order,
            )
            return joined([words, t.quote(str(facts["ruling"]))])
        case _:
            return None


def _softly(facts: Mapping[str, Any], t: Texts) -> Html:
    looked_at_by = t.when(datetime.fromisoformat(facts["looked_at_by"]))
    return joined(
        [
            t("Our staff have stopped new returns of yours for now, and say why:"),
            t.quote(str(facts["reason"])),
            t("Returns that are open go on, and money that is promised is paid."),
            t("A second person looks at it by {when}.", when=looked_at_by),
            _ends(facts, t),
            t("If it is wrong, object: once, in your own words."),
        ]
    )


def _stands(facts: Mapping[str, Any], t: Texts) -> Html:
    until = datetime.fromisoformat(facts["appeal_until"])
    return joined(
        [
            t("A second person of our staff has looked at it: you cannot open new returns."),
            t.quote(str(facts["reason"])),
            _ends(facts, t),
            t("You can object once, until {when}.", when=t.when(until)),
        ]
    )


def _ends(facts: Mapping[str, Any], t: Texts) -> Html:
    if facts.get("until") is None:
        return t("It has no end of its own: it holds until our staff lift it.")
    return t("It ends by itself on {when}.", when=t.when(datetime.fromisoformat(facts["until"])))


def _premoderated(facts: Mapping[str, Any], t: Texts) -> Html:
    seller = str(facts.get("seller", "—"))
    if facts.get("until") is None:
        return t(
            "From now on our staff look at new requests to {seller} first, until they end it. You "
            "see every request as before.",
            seller=seller,
        )
    return t(
        "Until {when} our staff look at new requests to {seller} first. You see every request as "
        "before.",
        when=t.when(datetime.fromisoformat(facts["until"])),
        seller=seller,
    )
