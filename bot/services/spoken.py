"""A script in a few words, `delivered -3d, request, seller silent`: what support types (N-9).

Parts are separated by commas. One sets what the order is like or a key of the policy; another
says what somebody does, at once or after a time; `silent` lets the clock run until the deadline
of that party has passed. What an action asks for and is not said is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from bot.domain.cases import Action, ReasonClass, Role, Ruling
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_file import Wrong, span, tables_of, words_of
from bot.domain.reasons import CLASSES, RejectReason
from bot.domain.timers import in_order, owner_of
from bot.domain.windows import Category
from bot.services.script import TAKES, Script, ScriptError
from bot.services.simulation import played
from bot.texts import said

_SKU: Final = "A-1"
_TRACK: Final = "RB123456785CN"
_COMMENT: Final = "Said in a simulation."
_ROLES: Final[Mapping[str, Role]] = {
    "customer": Role.CUSTOMER,
    "buyer": Role.CUSTOMER,
    "покупатель": Role.CUSTOMER,
    "клиент": Role.CUSTOMER,
    "seller": Role.SELLER,
    "продавец": Role.SELLER,
    "moderator": Role.MODERATOR,
    "support": Role.MODERATOR,
    "модератор": Role.MODERATOR,
    "поддержка": Role.MODERATOR,
    "admin": Role.ADMIN,
    "админ": Role.ADMIN,
    "carrier": Role.CARRIER,
    "перевозчик": Role.CARRIER,
    "payment": Role.PAYMENT,
    "платёж": Role.PAYMENT,
    "платеж": Role.PAYMENT,
}
_NOBODY: Final = frozenset({"nobody", "никто"})
_SILENT: Final = frozenset({"silent", "silence", "waits", "молчит", "ждёт", "ждет"})
_FILLERS: Final = frozenset(
    {"a", "an", "the", "is", "it", "for", "after", "in", "then", "on", "в", "за", "и", "через",
     "потом", "спустя", "назад", "ago"}
)  # fmt: skip
_VERBS: Final[Mapping[str, str]] = {
    "request": Action.SUBMIT,
    "requests": Action.SUBMIT,
    "запрос": Action.SUBMIT,
    "заявка": Action.SUBMIT,
    "одобряет": Action.APPROVE,
    "отклоняет": Action.REJECT,
    "предлагает": Action.OFFER,
    "возвращает без возврата": Action.REFUND_WITHOUT_RETURN,
    "спрашивает": Action.ASK,
    "отвечает": Action.ANSWER,
    "принимает": Action.ACCEPT,
    "отказывается": Action.DECLINE,
    "отменяет": Action.CANCEL,
    "sends": Action.SENT,
    "ships": Action.SENT,
    "отправляет": Action.SENT,
    "отправил": Action.SENT,
    "показывает чек": Action.LATE_PROOF,
    "tracks": Action.TRACK,
    "трек": Action.TRACK,
    "получает": Action.RECEIVE,
    "получил": Action.RECEIVE,
    "возвращает деньги": Action.REFUND,
    "opens dispute": Action.OPEN_DISPUTE,
    "disputes": Action.OPEN_DISPUTE,
    "открывает спор": Action.OPEN_DISPUTE,
    "replies": Action.REPLY,
    "возражает": Action.REPLY,
    "withdraws": Action.WITHDRAW,
    "отзывает спор": Action.WITHDRAW,
    "where refund": Action.WHERE_IS_THE_REFUND,
    "где деньги": Action.WHERE_IS_THE_REFUND,
    "decides": Action.DECIDE,
    "решает": Action.DECIDE,
    "pays": Action.PAID,
    "платит": Action.PAID,
}
_RULINGS: Final[Mapping[str, Ruling]] = {
    "customer": Ruling.CUSTOMER,
    "покупателя": Ruling.CUSTOMER,
    "seller": Ruling.SELLER,
    "продавца": Ruling.SELLER,
    "transit": Ruling.IN_TRANSIT,
    "пути": Ruling.IN_TRANSIT,
}
_SUM_OF: Final[Mapping[str, str]] = {
    Action.OFFER: "amount",
    Action.SETTLE: "amount",
    Action.OVERRIDE: "amount",
    Action.REFUND: "shipping",
    Action.SENT: "receipt_amount",
    Action.CONFIRM_SHIPPING: "shipping",
}
_REASONS: Final[Mapping[str, frozenset[str]]] = {
    Action.SUBMIT: frozenset(CLASSES),
    Action.REJECT: frozenset(RejectReason),
}
_SPAN = re.compile(r"[+-]?((?:\d+(?:\.\d+)?(?:d|h|min|m|s))+)")
_NUMBER = re.compile(r"\d+(?:\.\d{1,2})?")
_KEY = re.compile(r"([a-z_]+(?:\.[a-z_]+)+)\s*=\s*(.+)")
_LETTERS = str.maketrans({"−": "-", "–": "-", "—": "-", "…": " "})
_UNITS = ((r"(?<=\d)\s*(?:дн\w*|день|д|days?)\b", "d"), (r"(?<=\d)\s*(?:час\w*|ч|hours?)\b", "h"),
          (r"(?<=\d)\s*(?:мин\w*|minutes?)\b", "min"))  # fmt: skip

NO_WORD = said(
    "this is not understood: say, for example, “delivered -3d”, “request”, “seller silent”, "
    "“seller offers 500 after 5h” or “ship.days = 7”"
)
LONGEST: Final = timedelta(days=730)
"""What a chat waits for: an unpaid refund alarms the staff every day."""
TOO_LONG: Final = said("this takes more than two years: a shorter time is expected")
MOST_PARTS: Final = 30
"""Each silence plays all that was said before it."""
_SHOWN: Final = 40
"""Characters of what is wrong that are said back."""

NOBODY_NAMED = said("who does this? Begin with customer, seller, moderator, carrier or payment")


@dataclass(slots=True)
class _Speech:
    """What has been understood so far, in the shape of a script."""

    start: datetime
    policy: Policy
    now: datetime
    order: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)

    def wait_until(self, instant: datetime) -> None:
        """Let the clock run. Raises Wrong where that takes too long."""
        if instant - self.start > LONGEST:
            raise Wrong(TOO_LONG)
        self.now = instant

    def script(self) -> Script:
        """All of it, as far as it goes."""
        item = {"sku": _SKU, **self.order["item"]}
        order = {key: value for key, value in self.order.items() if key != "item"}
        return Script.model_validate(
            {
                "start": self.start,
                "until": self.now,
                "policy": self.policy,
                "order": {**order, "items": [item]},
                "step": self.steps,
            }
        )


def spoken_script(text: str, start: datetime, policy: Policy) -> Script:
    """The script that a few words mean, from `start` on. Raises ScriptError with the part."""
    parts = [
        part
        for each in re.split(r"[,;\n]+", text.translate(_LETTERS))
        if (part := each.strip(" ."))
    ]
    if len(parts) > MOST_PARTS:
        most = said("at most {count} parts are expected, separated by commas")
        raise ScriptError(most, count=str(MOST_PARTS))
    item: dict[str, Any] = {"price": "2500.00"}
    order = {"item": item, "delivered_at": start - timedelta(days=3)}
    speech = _Speech(start=start, policy=policy, now=start, order=order)
    acts = []
    for part in parts:
        with _named(part):
            if not _about_the_order(part, speech):
                acts.append(part)
    if not acts:
        raise ScriptError(NO_WORD, key=text.strip()[:_SHOWN])
    for part in acts:
        with _named(part):
            _understand(part, speech)
            speech.script()
    return speech.script()


@contextmanager
def _named(part: str) -> Iterator[None]:
    """What is wrong with a part is a ScriptError that names it."""
    key = part[:_SHOWN]
    try:
        yield
    except (Wrong, PolicyError) as wrong:
        raise ScriptError(wrong.words, key=key, **wrong.values) from None
    except ValidationError as error:
        words, values = words_of(error.errors()[0])
        raise ScriptError(words, key=key, **values) from None
    except OverflowError:
        raise ScriptError(TOO_LONG, key=key) from None


def _about_the_order(part: str, speech: _Speech) -> bool:
    """Take in what is no act: the order, the people, the policy."""
    if key := _KEY.fullmatch(part):
        speech.policy = speech.policy.with_overrides({key[1]: _value(key[2])})
        return True
    match _words(part):
        case [("delivered" | "доставлено" | "доставлен"), length] if _SPAN.fullmatch(length):
            speech.order["delivered_at"] = speech.start - span(length.strip("+-"))
        case [("price" | "цена"), price] if _NUMBER.fullmatch(price):
            speech.order["item"]["price"] = price
        case [("quantity" | "количество"), count] if count.isdecimal():
            speech.order["item"]["quantity"] = int(count)
        case [("category" | "категория"), category] if category in list(Category):
            speech.order["item"]["category"] = category
        case ["seller" | "продавец", "premoderated" | "модерируется"]:
            speech.order["seller"] = {"premoderated": True}
        case ["customer" | "покупатель", "flagged" | "отмечен"]:
            speech.order["customer"] = {"flagged": True}
        case _:
            return False
    return True


def _value(typed: str) -> Any:
    try:
        return tables_of(f"v = {typed}")["v"]
    except PolicyError:
        return typed.strip("\"'")


def _words(part: str) -> list[str]:
    for pattern, unit in _UNITS:
        part = re.sub(pattern, unit, part, flags=re.IGNORECASE)
    return [word for word in part.lower().split() if word not in _FILLERS]


def _understand(part: str, speech: _Speech) -> None:
    words = _words(part)
    who = _ROLES.get(words[0]) if words else None
    if words and (words[0] in _NOBODY or (who and words[1:] and words[1] in _SILENT)):
        _wait(who, speech)
        return
    rest = words[1:] if who else words
    action, args = _verb(rest)
    if action is None:
        raise Wrong(NO_WORD)
    if who is None and action != Action.SUBMIT:
        raise Wrong(NOBODY_NAMED)
    step: dict[str, Any] = {"by": who or Role.CUSTOMER, "do": action, "text": _COMMENT}
    for word in args:
        _take(word, action, step, speech)
    _fill_in(action, step, speech)
    speech.steps.append({"at": speech.now, **step})


def _wait(who: Role | None, speech: _Speech) -> None:
    """Let the clock run until the next deadline of this party, or of anybody, has passed."""
    cases = played(speech.script()).cases
    timers = sorted(
        (
            timer
            for case in cases
            for timer in case.timers
            if who in (None, owner_of(case, timer.kind))
        ),
        key=in_order,
    )
    if not timers:
        raise Wrong(said("no deadline runs here that silence could miss"))
    speech.wait_until(timers[0].due_at)


def _verb(words: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The action that the first words name, the longest name first, and the other words."""
    for length in range(min(4, len(words)), 0, -1):
        spoken = " ".join(words[:length])
        first, _, more = spoken.partition(" ")
        named = f"{first.removesuffix('s')} {more}".strip().replace(" ", "_")
        for name in (_VERBS.get(spoken), spoken.replace(" ", "_"), named):
            if name in TAKES:
                return name, words[length:]
    return None, words


def _take(word: str, action: str, step: dict[str, Any], speech: _Speech) -> None:
    """One more word about an act: when, how much, why, for whom."""
    if _SPAN.fullmatch(word):
        speech.wait_until(speech.now + span(word.strip("+-")))
    elif _NUMBER.fullmatch(word) and action in _SUM_OF:
        step[_SUM_OF[action]] = word
    elif word.isdecimal() and action == Action.VERDICT:
        step["accepted"] = {_SKU: int(word)}
    elif action == Action.DECIDE and word in _RULINGS:
        step["for"] = _RULINGS[word]
    elif word in _REASONS.get(action, ()):
        step["reason"] = word
    else:
        raise Wrong(said("“{word}” is not understood here"), word=word[:_SHOWN])


def _fill_in(action: str, step: dict[str, Any], speech: _Speech) -> None:
    """What the action's form asks for and nobody has said."""
    evidence = speech.policy.evidence
    least = max(speech.policy.min_photos(each) for each in ReasonClass)
    step["photos"] = min(max(least, 1), evidence.max_photos)
    match action:
        case Action.SUBMIT:
            step.setdefault("reason", "changed_mind")
        case Action.REJECT:
            step.setdefault("reason", "used")
        case Action.SENT:
            step["track"] = _TRACK
        case Action.LATE_PROOF:
            (case, *_) = played(speech.script()).cases or (None,)
            since = case.since if case and case.since else speech.now
            step["receipt_date"] = since - timedelta(hours=1)
        case Action.TRACK:
            step["place"] = "—"
        case Action.PAID:
            step["ref"] = "simulated"
        case _:
            pass
