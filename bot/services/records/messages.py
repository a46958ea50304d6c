"""What comes in and goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A raw update as the receiver stores it. `chat` is the key of the order in which it waits."""

    update_id: int
    chat: int
    kind: str
    raw: str
    received_at: datetime
    tries: int = 0
    value: Any = field(default=None, compare=False, repr=False)
    """What `raw` says, where it has just come and is known."""


class How(StrEnum):
    """How the deliverer brings a message into its slot."""

    SEND = "send"
    """Always a new message."""
    EDIT = "edit"
    """Edit the message of the slot (or `message`), silently; send it anew where that fails."""
    RENEW = "renew"
    """Send anew, with sound; then take the buttons off the slot's old message."""
    REPLACE = "replace"
    """Send anew, with sound; then delete the slot's old message."""


Kind = Literal[
    "screen", "card", "album", "notice", "letter", "topic", "topic_end", "commands", "document"
]
"""Who renders the `payload` of a message, and when.

A `screen` was rendered by a handler; a `card` ({"case": id}) is rendered at sending from the case
as it is; an `album` ({"case": id, "version": n}) is the photos with which that version came, or
({"withholding": id}) those against a deduction, or ({"sightings": […]}) photos beside those that
they look like; a `notice` ({"notice": name, …facts}) is rendered at sending from
facts frozen at commit; a `letter` ({"chat": id, "message": id}) is what somebody wrote in a
dispute, as it is by then, or its photos; a `topic` ({"case": id}) is made in a group, or opened
again, and its number is the message of its slot; a `topic_end` closes it; `commands` sets the
person's command menu; a `document` ({"document": name, "as": kind, …facts}) is a file that is made
when its turn comes.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Something a person must hear: a row of the outbox."""

    chat: int
    kind: Kind
    payload: Mapping[str, Any]
    key: str
    """Unique effect key: the same effect written twice is one row."""
    slot: str | None = None
    how: How = How.SEND
    message: int | None = None
    """The very message to edit (the pressed one), where it is not the slot's."""
    silent: bool = False
    at_most_once: bool = False
    """For pure reminders: after an UNKNOWN outcome they are not sent again."""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A row of the outbox that is to be delivered now; it is already marked `sending`."""

    id: int
    chat: int
    kind: Kind | Literal["strip", "delete"]
    """`strip` takes the buttons off `message`, `delete` takes it away."""
    payload: Mapping[str, Any]
    slot: str | None = None
    how: How = How.SEND
    message: int | None = None
    """The message to change: the named one, else the slot's. None: send a new one."""
    silent: bool = False
    at_most_once: bool = False
    tries: int = 0
    """How many attempts have counted so far."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """The next rows to deliver, and from when there are more; None: nothing waits for a time.

    Where as many were taken as were asked for, there may be more at once.
    """

    rows: tuple[OutboxRow, ...]
    next_at: datetime | None
    reported: int
    """How many outcomes were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an attempt (the classes of `reliability.md` 1c).

    `sent`: done; `message_ids` are what Telegram answered (or the edited message) and the first
    of them becomes the slot's. `wait`: certainly not delivered, again at `retry_at`. `unknown`:
    perhaps delivered, again at `retry_at`, but never a row that is `at_most_once`. `replace`: the
    message to edit is gone, the row becomes a new message at once. `drop`: there is nothing left
    to say. `dead`: given up, kept for the staff. `stop`: nothing was tried, the row is new again.
    """

    row: int
    result: Literal["sent", "wait", "unknown", "dead", "drop", "replace", "stop"]
    message_ids: tuple[int, ...] = ()
    retry_at: datetime | None = None
    error: str | None = None
    counts: bool = True
    """Whether the attempt counts as a try; a 429 does not."""
    unreachable: bool = False
    """The person cannot be reached any more: the account is marked."""
    migrate_to: int | None = None
    """The group has become this chat: its rows and slots move there and the row is new again."""
