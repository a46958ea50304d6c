"""The sentence for every refusal: the one place where codes become words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

from bot.domain.cases import Refused, Role, Status
from bot.domain.money import Money
from bot.domain.refusals import Code
from bot.screens import labels
from bot.screens.words import small
from bot.texts import Html, Texts, joined

_TAG = re.compile(r"<[^>]*>")


def plain(html: Html) -> str:
    """The sentence without markup, for a toast."""
    return unescape(_TAG.sub("", html))


_SAY_WHEN = frozenset({"too_many_tries", Code.CODE_STILL_COUNTS})
"""Their own sentences say from when."""


def sentence(t: Texts, refused: Refused) -> Html:
    """Why not, since when not or from when, and where to turn to with anything else."""
    if refused.code in ("window_closed", "non_returnable") and not _remaining(t, refused):
        return joined([reason(t, refused), t("For anything else, write to support: /help.")], " ")
    return reason(t, refused)


def reason(t: Texts, refused: Refused) -> Html:
    """Why not, and where time is the reason, since when not or from when."""
    words = _SENTENCES.get(refused.code, _of_facts)(t, refused)
    opens = None
    if refused.opens and refused.code not in _SAY_WHEN:
        opens = t("It opens on {when}.", when=t.opening(refused.opens))
    closed = None
    if refused.closed and refused.code != Code.RECEIPT_DATE_OUT_OF_RANGE:
        # A window ends with a day, as on the order; any other time ends at its instant.
        window = refused.code == "window_closed"
        when = t.until(refused.closed) if window else t.when(refused.closed)
        closed = t("It closed on {when}.", when=when)
    return joined([words, opens, closed, *_remaining(t, refused)], " ")


def _remaining(t: Texts, refused: Refused) -> list[Html]:
    """What is still possible where a return for this reason is not."""
    complaint, defect = refused.facts.get("complaint_until"), refused.facts.get("defect_until")
    if isinstance(complaint, datetime):
        day = t.until(complaint)
        return [t("If something is wrong with it, you can still return it until {day}.", day=day)]
    if isinstance(defect, datetime):
        return [t("A defect can still be claimed until {day}.", day=t.until(defect))]
    return []


def _number(refused: Refused, name: str) -> int:
    value = refused.facts.get(name, 0)
    return value if isinstance(value, int) else 0


def _title(refused: Refused) -> str:
    return str(refused.facts.get("title") or refused.facts.get("sku") or "")


def _sum(t: Texts, refused: Refused, name: str) -> str:
    value = refused.facts.get(name)
    return t.money(value) if isinstance(value, Money) else str(value or "")


def _stale(t: Texts, refused: Refused) -> Html:
    by, status, at = (refused.facts.get(name) for name in ("by", "status", "at"))
    now = t("Here is how it stands now.")
    if not (isinstance(by, Role) and isinstance(status, Status) and isinstance(at, datetime)):
        return joined([t("This has changed meanwhile."), now], " ")
    told = {"status": small(labels.status(status, t)), "when": t.when(at)}
    if refused.facts.get("own"):
        words = t("You have already decided this, on {when}: {status}.", **told)
    elif name := refused.facts.get("colleague"):
        words = t(
            "This was already decided by your colleague {name} on {when}: {status}.",
            name=str(name),
            **told,
        )
    else:
        words = t(
            "This was already decided by {who} on {when}: {status}.", who=labels.role(by, t), **told
        )
    return joined([words, now], " ")


def _not_possible(t: Texts, refused: Refused) -> Html:
    status = refused.facts.get("status")
    if not isinstance(status, Status):
        return t("This is not possible at this stage of the return.")
    return t(
        "This is not possible now: the return is in the status “{status}”. Its card shows what can "
        "be done.",
        status=labels.status(status, t),
    )


def _of_facts(t: Texts, refused: Refused) -> Html:
    return t("This is not possible now.")


def _out_of_range(t: Texts, refused: Refused) -> Html:
    below = _sum(t, refused, "below")
    if refused.facts.get("whole"):
        return t(
            "{sum} is the whole price: an offer is less. To give all of it back, leave this form "
            "and tap “Approve” or “Refund without return” on the card.",
            sum=below,
        )
    if below:
        return t("The sum must be more than nothing and less than {sum}.", sum=below)
    return t("This sum is not possible here.")


def _not_higher(t: Texts, refused: Refused) -> Html:
    last = _sum(t, refused, "above")
    return t("A new offer must be higher than the last one of {sum}.", sum=last)


def _currency(t: Texts, refused: Refused) -> Html:
    currency = str(refused.facts.get("currency", ""))
    return t("Please name the sum in the currency of the order, {currency}.", currency=currency)


def _receipt_date(t: Texts, refused: Refused) -> Html:
    since = refused.facts.get("since")
    if not isinstance(since, datetime) or refused.closed is None:
        return t("The receipt must be from the time between the approval and the deadline.")
    last = (refused.closed - datetime.resolution).astimezone(UTC)
    return t(
        "The receipt must be dated from {first} to {last}.",
        first=t.day(since.date()),
        last=t.day(last.date()),
    )


def _short(t: Texts, refused: Refused) -> Html:
    return t.n(
        "Please write at least {count} character.",
        "Please write at least {count} characters.",
        _number(refused, "least") or 1,
    )


def _long(t: Texts, refused: Refused) -> Html:
    return t.n(
        "Please use at most {count} character.",
        "Please use at most {count} characters.",
        _number(refused, "most"),
    )


def _few_photos(t: Texts, refused: Refused) -> Html:
    return t.n(
        "Please send at least {count} photo.",
        "Please send at least {count} photos.",
        _number(refused, "least") or 1,
    )


def _many_photos(t: Texts, refused: Refused) -> Html:
    return t.n(
        "No more than {count} photo, please.",
        "No more than {count} photos, please.",
        _number(refused, "most") or 10,
    )


def _units(t: Texts, refused: Refused) -> Html:
    return t("Please send a number up to {most}.", most=_number(refused, "most"))


def _used_up(t: Texts, refused: Refused) -> Html:
    left = _number(refused, "left")
    if not left:
        return t("All units of this product are already being returned.")
    return t.n(
        "Only {count} unit of {title} can still be returned.",
        "Only {count} units of {title} can still be returned.",
        left,
        title=_title(refused),
    )


def _too_high(t: Texts, refused: Refused) -> Html:
    return t("Shipping is refunded up to {most}.", most=_sum(t, refused, "most"))


def _appealed(t: Texts, refused: Refused) -> Html:
    if refused.facts.get("ruled"):
        return t(
            "You have objected already, which can be done once, and our staff have answered: the "
            "block stays."
        )
    return t("You have objected already, which can be done once. The answer comes to this chat.")


def _too_many(t: Texts, refused: Refused) -> Html:
    if refused.opens is None:
        return t("Too many wrong tries.")
    when = t.opening(refused.opens)
    return t("Too many wrong tries. You can try again from {when} on.", when=when)


Words = Callable[[Texts, Refused], Html]

_SENTENCES: dict[str, Words] = {
    # the life of a return
    Code.NOT_NOW: lambda t, _: t("This is not possible at this stage of the return."),
    Code.NOT_YOURS: lambda t, _: t("This is for another party of the return to do."),
    Code.DEADLINE_PASSED: lambda t, _: t("The time for this is over."),
    Code.NOT_YET: lambda t, _: t("It is too early for this."),
    Code.NOT_DUE: lambda t, _: t("It is too early for this."),
    Code.NOT_RUNNING: lambda t, _: t("Nothing is waiting for this any more."),
    Code.REASON_MISSING: lambda t, _: t("Please choose a reason."),
    Code.UNKNOWN_REASON: lambda t, _: t("Please choose a reason."),
    Code.TEXT_MISSING: lambda t, _: t("Please write some words about it."),
    Code.TEXT_TOO_SHORT: _short,
    Code.TOO_FEW_PHOTOS: _few_photos,
    Code.TOO_MANY_PHOTOS: _many_photos,
    Code.AMOUNT_MISSING: lambda t, _: t("Please name a sum."),
    Code.AMOUNT_OUT_OF_RANGE: _out_of_range,
    Code.AMOUNT_NOT_HIGHER: _not_higher,
    Code.WRONG_CURRENCY: _currency,
    Code.TRACK_MISSING: lambda t, _: t("Please send the track number."),
    Code.PLACE_MISSING: lambda t, _: t("Please write where the parcel is."),
    Code.RECEIPT_MISSING: lambda t, _: t("Please send a photo of the receipt or its sum."),
    Code.RECEIPT_DATE_MISSING: lambda t, _: t("Please write the date on the receipt."),
    Code.RECEIPT_DATE_OUT_OF_RANGE: _receipt_date,
    Code.ADDRESS_MISSING: lambda t, _: t("Please set your return address first: /address."),
    Code.SHIPPING_MISSING: lambda t, _: t("Please name the sum for shipping."),
    Code.SHIPPING_TOO_HIGH: _too_high,
    Code.ACCEPTED_MISSING: lambda t, _: t("Please say how many units you accept."),
    Code.UNITS_OUT_OF_RANGE: lambda t, _: t(
        "Accept at least one unit and no more than were returned. "
        "To accept all or none, use Refund or Reject."
    ),
    "room_closed": lambda t, _: t(
        "You can write to each other here only while a dispute is open. The card shows what you "
        "can do now."
    ),
    "letters_stopped": lambda t, _: t(
        "Support has stopped your messages to the other side. The buttons of your cards work on."
    ),
    "letters_too_many": lambda t, refused: t.n(
        "That is {count} message within an hour: please wait a little before the next one.",
        "That is {count} messages within an hour: please wait a little before the next one.",
        _number(refused, "most"),
    ),
    "letter_to_nobody": lambda t, _: t("Please choose to whom you write."),
    "letter_expected": lambda t, _: t("Please write words, or send photos or a video."),
    "no_topic": lambda t, _: t("This is no topic of a dispute: nothing was sent to anybody."),
    Code.RULING_MISSING: lambda t, _: t("Please choose for whom you decide."),
    Code.TERMS_MISSING: lambda t, _: t("Please choose how the dispute shall end."),
    Code.TERMS_NOT_OFFERED: lambda t, _: t(
        "This dispute cannot end like that, or you propose it already. The card shows what is on "
        "the table."
    ),
    Code.TOPIC_NOT_OFFERED: lambda t, _: t(
        "A dispute of this return cannot be about that. Please choose one of the buttons."
    ),
    Code.WHOSE_MISSING: lambda t, _: t("Please choose whose proposal you accept."),
    Code.CODE_NOT_GIVEN: lambda t, _: t("Please get a code first: its button is on the card."),
    Code.CODE_STILL_COUNTS: lambda t, refused: t(
        "Your code counts until {when}; you can get a new one after that.",
        when=t.when(refused.opens) if refused.opens else "",
    ),
    Code.CODE_SHOWN: lambda t, _: t("A photo with this code has already come."),
    Code.CODE_OF_ANOTHER: lambda t, _: t(
        "This code does not count here. Please type the one that the card of this return shows."
    ),
    Code.CODE_EXPIRED: lambda t, _: t(
        "The time of this code is over. Get a new one on the card, and photograph it again."
    ),
    Code.REF_MISSING: lambda t, _: t("Please send the reference of the payment."),
    Code.STATUS_MISSING: lambda t, _: t("Please choose the new status."),
    Code.STATUS_NOT_OFFERED: lambda t, _: t("This return cannot be set to that status."),
    Code.ROUTE_NOT_SERVED: lambda t, _: t("Returns by this way are not served yet."),
    Code.SWITCHED_OFF: lambda t, _: t("This is switched off by the present rules."),
    Code.ROUNDS_USED_UP: lambda t, _: t("No further offer is possible: all rounds are used."),
    Code.ALREADY_REPLIED: lambda t, _: t("The reply to this dispute has already been given."),
    Code.ALREADY_REPORTED: lambda t, _: t("This has already been reported."),
    Code.ALREADY_LODGED: lambda t, _: t("The proof has already been sent and is being checked."),
    Code.PROOF_DENIED: lambda t, _: t(
        "The proof has been checked and was not accepted; it can be sent only once."
    ),
    Code.ALREADY_SPLIT: lambda t, _: t("This return has already been split."),
    Code.ALREADY_PAID: lambda t, _: t("This has already been paid."),
    Code.NOT_DECIDABLE: lambda t, _: t(
        "The dispute cannot be decided yet: it waits for the seller's reply or for the parcel."
    ),
    Code.GOODS_ARRIVED: lambda t, _: t("The parcel has already arrived."),
    Code.NOTHING_TRACKED: lambda t, _: t("No movement of the parcel has been recorded."),
    Code.SECOND_PERSON_NEEDED: lambda t, _: t("Another member of the staff must confirm this."),
    # the return form
    "not_received": lambda t, _: t("Only what has been delivered can be returned."),
    "blocked": lambda t, _: t(
        "You cannot open new returns at present. If you think that this is wrong and have not "
        "objected yet, say so with /appeal: another person of our staff looks at it."
    ),
    "quantity_used_up": _used_up,
    "non_returnable": lambda t, refused: t(
        "{title} cannot be returned for this reason.", title=_title(refused)
    ),
    "window_closed": lambda t, refused: t(
        "The time for returning {title} for this reason is over.", title=_title(refused)
    ),
    "too_many_photos": _many_photos,
    "photo_twice": lambda t, _: t(
        "This photo or video is here already and counts once. Please send another one."
    ),
    "photos_missing": _few_photos,
    "nothing_picked": lambda t, _: t("Please tick at least one product."),
    "story_required": lambda t, _: t("Please describe what is wrong."),
    "story_too_long": _long,
    "route_not_offered": lambda t, _: t("This order cannot travel back that way."),
    "quantity_out_of_range": _units,
    "not_asked": lambda t, _: t("That was the button of an earlier question."),
    "nothing_to_forget": lambda t, _: t("This is the first question."),
    "incomplete": lambda t, _: t("Some answers are still missing."),
    "track_invalid": lambda t, _: t("This does not look like a track number."),
    # the desk
    "stale": _stale,
    "not_possible": _not_possible,
    "not_found": lambda t, _: t("There is no such return or order among yours."),
    # what was typed or pressed
    "text_expected": lambda t, _: t("Please answer with a text."),
    "text_too_short": _short,
    "text_too_long": _long,
    "photo_expected": lambda t, _: t("Please send a photo or a video."),
    "photo_not_file": lambda t, _: t("Please send it as a photo, not as a file."),
    "video_too_large": lambda t, _: t("This video is too large: 20 MB at most."),
    "amount_expected": lambda t, _: t("Please write a sum, for example 350 or 350.50."),
    "track_expected": lambda t, _: t("Please send the track number."),
    "date_expected": lambda t, _: t("Please write a date, for example 05.03.2026."),
    "date_in_future": lambda t, _: t("This day has not come yet."),
    "count_expected": _units,
    "period_expected": lambda t, _: t(
        "Please write a month or the first and the last day, for example 2026-03 or "
        "2026-03-01 2026-03-31."
    ),
    "stats_expected": lambda t, refused: t(
        "There is no seller with the code {typed}. Please write the days and, if you like, a "
        "seller's code: {example}.",
        typed=str(refused.facts.get("title", "")),
        example=t.code("/stats 2026-03-01 2026-03-31 acme"),
    ),
    "period_too_long": lambda t, refused: t(
        "There are more than {most} returns in this time. Please choose a shorter one.",
        most=_number(refused, "most"),
    ),
    "choice_expected": lambda t, _: t("Please choose with a button."),
    "templates_full": lambda t, refused: t.n(
        "No more than {count} template can be kept. Change or delete one.",
        "No more than {count} templates can be kept. Change or delete one.",
        _number(refused, "most"),
    ),
    "picture_expected": lambda t, _: t(
        "Please send a photo with the SKU of the product as its caption, of 64 characters at most."
    ),
    "pictures_full": lambda t, refused: t.n(
        "No more than {count} picture can be kept. Delete some first.",
        "No more than {count} pictures can be kept. Delete some first.",
        _number(refused, "most"),
    ),
    "not_rated": lambda t, _: t("This return has no rating: it is not over, or nobody decided it."),
    "rating_over": lambda t, _: t("The time for rating this return is over."),
    "form_open": lambda t, _: t("You are filling in another form. Finish it or leave it first."),
    "no_form": lambda t, _: t("This form is closed. If you have sent it, it was sent once."),
    "old_button": lambda t, _: t("This button is no longer in use."),
    "not_understood": lambda t, _: t(
        "I did not understand that. Choose in the menu what you want to do."
    ),
    "unknown_command": lambda t, _: t("I do not know this command. /help lists those I know."),
    "not_your_role": lambda t, _: t("This is not open to you."),
    # coming in
    "link_invalid": lambda t, _: t(
        "This link is not valid. Open the one in the message about your order, or find the order "
        "under “My orders”."
    ),
    "order_taken": lambda t, _: t(
        "This order already belongs to another account. If it is yours, open it with that account, "
        "or write to the shop where you bought it."
    ),
    "order_unknown": lambda t, _: t("There is no order with this number and code."),
    "too_many_tries": _too_many,
    "contact_not_own": lambda t, _: t("Please share your own phone number with the button."),
    "phone_unknown": lambda t, _: t("No open order has this phone number."),
    "invitation_over": lambda t, _: t("This invitation has expired or has already been used."),
    "seller_unknown": lambda t, _: t("There is no seller with this code."),
    # the staff
    "not_delivered": lambda t, _: t("Only of what has been delivered can something be missing."),
    "already_contested": lambda t, _: t("This is contested already, and the staff look at it."),
    "file_expected": lambda t, _: t("Please send a file: CSV, JSON or JSON Lines."),
    "rules_expected": lambda t, _: t("Please send the rules as a file in TOML, .toml."),
    "script_expected": lambda t, _: t(
        "Please write the story in a few words, or send a script in TOML: as a text, or as a file "
        "that is called .toml or .txt."
    ),
    "script_too_large": lambda t, _: t("This file is too large for a script: 16 KB at most."),
    "rules_too_large": lambda t, _: t("This file is too large for rules: 64 KB at most."),
    "rules_in_force": lambda t, _: t("These very rules are in force already."),
    "trial_ended": lambda t, _: t(
        "Nothing waits here any more: these rules were switched on or dropped."
    ),
    "already_asked": lambda t, _: t("A colleague has asked for it already: please confirm it."),
    "second_admin": lambda t, _: t("Another administrator must confirm it: two are needed."),
    "only_admin": lambda t, _: t(
        "You are the only administrator, and two are needed: /invite another one first."
    ),
    "file_too_large": lambda t, _: t("This file is too large: 20 MB at most."),
    "already_blocked": lambda t, _: t("This customer is blocked already."),
    "own_return": lambda t, _: t(
        "You are a party to this return: two others of the staff can set another status."
    ),
    "blocked_admin": lambda t, _: t(
        "You cannot open new returns at present, and until that is settled two others of the staff "
        "can set another status."
    ),
    "own_block": lambda t, _: t("Nobody can block themselves."),
    "not_blocked": lambda t, refused: (
        t("You are not blocked: new returns are open to you.")
        if refused.facts.get("own")
        else t("This customer is not blocked and can open new returns.")
    ),
    "already_appealed": _appealed,
    "not_of_staff": lambda t, _: t("This person is not of the staff any more."),
    "an_owner": lambda t, _: t(
        "This person is named in the settings of the program, and can be removed only there."
    ),
    "last_admin": lambda t, _: t("This is the last administrator. Invite another one first."),
    "broken": lambda t, _: t(
        "Something went wrong on our side. Nothing was changed; support has been told."
    ),
}
