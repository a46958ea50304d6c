"""The rooms of disputes and what was written in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, select, tuple_

from bot.domain.cases import Role
from bot.services.chain import content_digest, json_line, sha256
from bot.services.records import Letter, Room
from storage import tables
from storage.effects import Effects, Phase, insert
from storage.files import SHOW
from storage.gathered import KEYS, Reads
from storage.line import Line
from storage.repository import Repository
from storage.tables import microseconds

_room, _letter = tables.rooms.c, tables.letters.c

OPEN = insert(tables.rooms, Phase.HANG)
WRITE = insert(tables.letters, Phase.HANG)

_ROOMS = select(tables.rooms).where(_room.case_id.in_(KEYS)).order_by(_room.opened_at)
_ORDER = (_letter.chat, _letter.message, _letter.n)
_OF_CASES = select(tables.letters).where(_letter.case_id.in_(KEYS)).order_by(*_ORDER)
_THESE = select(tables.letters).where(tuple_(_letter.chat, _letter.message).in_(KEYS))
_THIS = select(tables.letters).where(
    _letter.chat == bindparam("chat_"), _letter.message == bindparam("message_")
)

_version_of = attrgetter("chat", "message")


class StoredRooms(Repository):
    """The unit's view of the rooms."""

    def __init__(
        self, reads: Reads, effects: Effects, now: datetime, salt: Callable[[], str]
    ) -> None:
        super().__init__(reads, effects, now)
        self._salt = salt

    def forget(self) -> None:
        self._opened: dict[int, Room] = {}

    async def get(self, case: int) -> Room | None:
        return self._opened.get(case) or await self._reads.ask(_rooms, case)

    def open(self, room: Room) -> None:
        row = {"case_id": room.case, "opened_at": room.opened_at, "code": room.code}
        self._effects.add(OPEN, row)
        self._opened[room.case] = room

    async def letters(self, case: int) -> tuple[Letter, ...]:
        return await self._reads.ask(_letters_of, case) or ()

    async def letter(self, chat: int, message: int) -> Letter | None:
        return await self._reads.ask(_letters, (chat, message))

    def write(self, letter: Letter) -> None:
        body, salt = json_line({"text": letter.text, "photos": letter.photos}), self._salt()
        row = {
            "chat": letter.chat,
            "message": letter.message,
            "n": len(letter.earlier) + 1,
            "case_id": letter.case,
            "at": self._now,
            "by": letter.by,
            "person": letter.person,
            "to": json.dumps(letter.to),
        }
        digest = letter_digest(row, content_digest(salt, body))
        self._effects.put(
            "letter",
            (letter.chat, letter.message),
            WRITE,
            row | {"salt": salt, "body": body, "digest": digest},
        )
        for photo in letter.photos:
            self._effects.add(SHOW, {"case_id": letter.case, "file": photo, "receipt": False})


def letter_digest(row: Mapping[str, Any], content: str) -> str:
    """SHA-256 over what is stored of a version, with the salted digest of its words, in hex."""
    names = ("chat", "message", "n", "case_id", "by", "person", "to")
    said = {name: row[name] for name in names}
    return sha256(json_line(said | {"at": microseconds(row["at"]), "content": content}))


async def _rooms(connection: Line, cases: Sequence[int]) -> Mapping[int, Room]:
    """The newest room of each case."""
    rows = await connection.execute(_ROOMS, {"keys": list(cases)})
    return {row.case_id: Room(row.case_id, row.opened_at, row.code) for row in rows}


async def _letters_of(connection: Line, cases: Sequence[int]) -> Mapping[int, tuple[Letter, ...]]:
    rows = await connection.execute(_OF_CASES, {"keys": list(cases)})
    found = sorted(_assembled(rows), key=attrgetter("at", "message"))
    return {case: tuple(each for each in found if each.case == case) for case in cases}


async def _letters(
    connection: Line, places: Sequence[tuple[int, int]]
) -> Mapping[tuple[int, int], Letter]:
    if connection.dialect.name == "sqlite":
        # Asked for a list of pairs, SQLite would look at every letter there is.
        each = [{"chat_": chat, "message_": message} for chat, message in places]
        rows = await connection.execute(_THIS, each)
    else:
        rows = await connection.execute(_THESE, {"keys": list(places)})
    found = _assembled(sorted(rows, key=attrgetter("chat", "message", "n")))
    return {(letter.chat, letter.message): letter for letter in found}


def _assembled(rows: Iterable[Any]) -> list[Letter]:
    """The letters of rows in order; what retention has emptied says nothing."""
    letters = []
    for _, versions in groupby(rows, _version_of):
        first, *_ = kept = list(versions)
        bodies = [json.loads(row.body) if row.body else {} for row in kept]
        *earlier, text = [body.get("text", "") for body in bodies]
        letters.append(
            Letter(
                case=first.case_id,
                chat=first.chat,
                message=first.message,
                at=first.at,
                by=Role(first.by),
                person=first.person,
                to=tuple(map(Role, json.loads(first.to))),
                text=text,
                photos=tuple(bodies[-1].get("photos", ())),
                earlier=tuple(earlier),
            )
        )
    return letters
