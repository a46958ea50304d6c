"""What a failed call of the Bot API means for the message that it carried.

aiogram retries nothing, and its exceptions say what Telegram answered, not what to do. This is
table 1c of the fault matrix as code. Texts are matched case-insensitively and in several
phrasings, because Telegram changes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Literal

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError

from bot.services.records import OutboxRow, Outcome

DEFAULT_WAIT_S = 5.0
"""How long a 429 that names no time is respected."""
SAFE_PAUSE = timedelta(seconds=1)
TRIES = 8
PAUSES = tuple(timedelta(seconds=s) for s in (2, 10, 60, 300, 1_200, 3_600, 14_400))
"""Between the tries of a message whose fate is unknown: eight in about five and a half hours."""


AFTERWARDS = frozenset({"strip", "delete"})
"""Rows that change the message before a new one: where it is gone there is nothing to do."""

Result = Literal["sent", "wait", "unknown", "dead", "drop", "replace", "stop"]


class Fate(Enum):
    """What becomes of a message whose call failed."""

    SAFE = auto()
    """It certainly did not arrive, and nothing else would: try again after a pause."""
    WAIT = auto()
    """Too many requests: try again after exactly the time that was named."""
    UNKNOWN = auto()
    """It may have arrived: again with pauses, unless it is a pure reminder."""
    SUCCESS = auto()
    """What the person sees is already what was asked for."""
    DROP = auto()
    """Nobody waits for it any more."""
    REPLACE = auto()
    """The message to edit, or the topic, is gone: send a new one."""
    PLAIN = auto()
    """Our markup is wrong: send it once as plain text, and tell the staff."""
    BUG = auto()
    """Telegram will never take it: a dead letter, and the staff are told."""
    DEAD = auto()
    """Nobody is reached in this chat any more."""
    MIGRATE = auto()
    """The group has become a supergroup with another id."""
    STOP = auto()
    """The token is not accepted: nothing can be sent at all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fate with what it needs to be carried out."""

    fate: Fate
    reason: str
    wait_s: float = 0.0
    chat: int | None = None
    """Where a migrated group lives now."""


_BAD_REQUESTS: tuple[tuple[Fate, re.Pattern[str]], ...] = tuple(
    (fate, re.compile("|".join(phrases), re.IGNORECASE))
    for fate, phrases in (
        (Fate.SUCCESS, (r"not[ _]modified", r"exactly the same as")),
        (
            Fate.DROP,
            (r"query (is|was) too old", r"query[ _]id(_| is )invalid", r"response timeout expired"),
        ),
        (
            Fate.REPLACE,
            (
                r"message(_id| to (edit|delete))?( was)? not found",
                r"message_id_invalid",
                r"message (can't|can ?not|cannot) be (edited|deleted)",
                r"message_edit_time_expired",
                r"no (text|caption|media) in the message to edit",
                r"message (identifier|id) (is not specified|invalid)",
                r"thread not found|topic (was )?not found|topic(_id)?_(invalid|deleted)",
            ),
        ),
        (
            Fate.PLAIN,
            (
                r"(can't|can ?not|cannot|failed to) parse",
                r"unsupported start tag",
                r"entit(y|ies)[ _](bounds|text|mention|is|are).*invalid",
                r"can't find end",
            ),
        ),
        (
            Fate.DEAD,
            (
                r"(chat|user|peer)( was| is)? not found",
                r"peer_id_invalid|user_id_invalid|chat_id_invalid",
                r"deactivated",
                r"blocked|user_is_bot",
                r"kicked|not a member",
                r"can't initiate",
                r"upgraded to a supergroup",
                r"chat_(write|restricted|send_\w+)_?forbidden|no rights to send",
                r"not enough rights|need administrator rights",
            ),
        ),
    )
)

_TOO_MANY = re.compile(r"too many requests|retry after|flood", re.IGNORECASE)
_RETRY_AFTER = re.compile(r"retry after (\d{1,6})", re.IGNORECASE)


def verdict(error: Exception) -> Verdict:
    """Classify what a call raised; whatever is not known to be harmless is UNKNOWN.

    A bad request in unknown words is a BUG: it is never sent in an endless loop.
    """
    reason = f"{type(error).__name__}: {getattr(error, 'message', error)}"[:500]
    fate, wait_s, chat = Fate.UNKNOWN, 0.0, None
    match error:
        case TelegramRetryAfter():
            fate, wait_s = Fate.WAIT, float(error.retry_after)
        case TelegramMigrateToChat():
            fate, chat = Fate.MIGRATE, error.migrate_to_chat_id
        case TelegramEntityTooLarge():
            fate = Fate.BUG
        case TelegramNetworkError():
            fate = Fate.SAFE if _never_connected(error) else Fate.UNKNOWN
        case TelegramUnauthorizedError() | TelegramNotFound():
            fate = Fate.STOP
        case TelegramForbiddenError():
            fate = Fate.DEAD
        case TelegramBadRequest():
            fate = next((fate for fate, said in _BAD_REQUESTS if said.search(reason)), Fate.BUG)
        case TelegramAPIError() if type(error) is TelegramAPIError and _TOO_MANY.search(reason):
            named = _RETRY_AFTER.search(reason)
            fate, wait_s = Fate.WAIT, float(named[1]) if named else DEFAULT_WAIT_S
    return Verdict(fate, reason, wait_s, chat)


def _never_connected(error: TelegramNetworkError) -> bool:
    """Whether the request cannot have left: no connection was ever made."""
    return isinstance(
        error.__cause__, (ClientConnectorError, ConnectionTimeoutError)
    ) or error.message.startswith("ClientConnector")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the outbox is told of a row, and the staff where they must know."""

    outcome: Outcome
    alert: str | None = None
    facts: dict[str, Any] | None = None


def conclude(row: OutboxRow, found: Verdict, now: datetime, *, new: bool) -> Conclusion:
    """The end of an attempt that failed; `new`: it was to bring a new message, not an edit.

    PLAIN ends as BUG here: the caller has no plainer wording left.
    """
    reason, fate = found.reason, found.fate
    match fate:
        case Fate.SUCCESS:
            return Conclusion(Outcome(row=row.id, result="sent", message_ids=edited_by(row)))
        case Fate.DROP:
            return Conclusion(Outcome(row=row.id, result="drop", error=reason))
        case Fate.REPLACE if row.kind in AFTERWARDS:
            return Conclusion(Outcome(row=row.id, result="drop", error=reason))
        case Fate.REPLACE | Fate.DEAD | Fate.BUG if row.kind == "topic_end":
            # The topic is gone, or not the bot's to close: nothing hangs on it.
            return Conclusion(Outcome(row=row.id, result="drop", error=reason))
        case Fate.REPLACE if not new:
            return Conclusion(Outcome(row=row.id, result="replace", error=reason))
        case Fate.REPLACE if row.chat < 0:
            # The staff have deleted the topic. What is written is kept in the room all the same.
            return Conclusion(Outcome(row=row.id, result="drop", error=reason))
        case Fate.DEAD | Fate.BUG if row.kind == "topic":
            no_topic = Outcome(row=row.id, result="dead", error=reason, unreachable=True)
            return Conclusion(no_topic, "no_topics", {"reason": reason})
        case Fate.REPLACE | Fate.PLAIN | Fate.BUG:
            return _given_up(row, reason)
        case Fate.DEAD:
            dead = Outcome(row=row.id, result="dead", error=reason, unreachable=True)
            case = {"case": row.payload["case"]} if "case" in row.payload else {}
            return Conclusion(dead, "unreachable", {"account": row.chat, **case})
        case Fate.MIGRATE:
            moved = Outcome(row=row.id, result="stop", error=reason, migrate_to=found.chat)
            return Conclusion(moved)
        case Fate.SAFE | Fate.WAIT:
            retry_at = now + max(SAFE_PAUSE, timedelta(seconds=found.wait_s))
            return Conclusion(
                Outcome(row=row.id, result="wait", retry_at=retry_at, error=reason, counts=False)
            )
        case Fate.STOP:
            return Conclusion(Outcome(row=row.id, result="stop", error=reason, counts=False))
        case Fate.UNKNOWN:
            return try_again(row, "unknown", reason, now)


def edited_by(row: OutboxRow) -> tuple[int, ...]:
    """The message that an edit leaves in its slot."""
    return () if row.message is None else (row.message,)


def try_again(
    row: OutboxRow, result: Literal["wait", "unknown"], reason: str, now: datetime
) -> Conclusion:
    """A counted try failed: again after a pause, unless it was the eighth."""
    if row.tries + 1 >= TRIES and not row.at_most_once:
        return _given_up(row, reason)
    retry_at = now + PAUSES[min(row.tries, len(PAUSES) - 1)]
    return Conclusion(Outcome(row=row.id, result=result, retry_at=retry_at, error=reason))


def _given_up(row: OutboxRow, reason: str) -> Conclusion:
    facts = {"row": row.id, "account": row.chat, "reason": reason}
    return Conclusion(Outcome(row=row.id, result="dead", error=reason), "dead_letter", facts)
