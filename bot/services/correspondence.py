"""The dispute room (N-4): what the parties write to each other goes through the bot.

People are roles there and never names. What is written is evidence: it is kept as typed, with
every version of an edit; the other side reads it without ways around the bot, the staff read all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.cases import STAFF, Party, Refused, ReturnCase, Role, Status, side
from bot.services.announcing import card_slot
from bot.services.desk import ReturnDesk
from bot.services.masking import hides
from bot.services.ports import Unit
from bot.services.records import Account, How, Letter, Outgoing

MOST: Final = 20
"""Letters of one person in one case within `SPAN`."""
SPAN: Final = timedelta(hours=1)
PARTIES: Final = (Role.CUSTOMER, Role.SELLER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter is under way. `waits` are the roles that cannot be reached at present."""

    case: ReturnCase
    to: tuple[Role, ...]
    hidden: bool
    """Whether the other side reads it without what was in it."""
    waits: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a person wants to send: words, and the keys of photos."""

    text: str = ""
    photos: tuple[str, ...] = ()


class Correspondence:
    """Carries letters between the parties of a dispute and the staff."""

    def __init__(self, desk: ReturnDesk, topics: int | None = None) -> None:
        """`topics`: the group in which each dispute has a topic, if there is one."""
        self._desk = desk
        self._topics = topics

    async def readers(self, unit: Unit, account: Account, case_id: int) -> tuple[Role, ...]:
        """To whom a person may write in this case. Raises Refused: not theirs, closed, blocked."""
        case, party = await self._who(unit, account, case_id)
        _check_open(case, account, unit.now)
        return tuple(role for role in PARTIES if role is not party.role)

    async def write(
        self,
        unit: Unit,
        account: Account,
        case_id: int,
        place: tuple[int, int],
        enclosed: Enclosed,
        to: Sequence[Role],
    ) -> Sent:
        """Keep a letter and pass it on. `place`: the chat and the message in which it was typed.

        Raises Refused.
        """
        case, party = await self._who(unit, account, case_id)
        _check_open(case, account, unit.now)
        chosen = tuple(role for role in PARTIES if role in to and role is not party.role)
        if not chosen:
            raise Refused("letter_to_nobody")
        if not (enclosed.text or enclosed.photos):
            raise Refused("text_expected")
        await self._check_rate(unit, case, account)
        chat, message = place
        letter = Letter(
            case=case.id,
            chat=chat,
            message=message,
            at=unit.now,
            by=side(party.role),
            person=account.id,
            to=chosen,
            text=enclosed.text,
            photos=enclosed.photos,
        )
        unit.rooms.write(letter)
        unit.files.show(case.id, letter.photos)
        for chat_id, role in await self._recipients(unit, case, letter):
            if letter.photos:
                _put(unit, letter, chat_id, role, photos=True)
            if letter.text:
                _put(unit, letter, chat_id, role)
        waits = [role for role in chosen if not await self._reachable(unit, case, role)]
        return Sent(case=case, to=chosen, hidden=hides(letter.text), waits=tuple(waits))

    async def edit(
        self, unit: Unit, account: Account, place: tuple[int, int], text: str
    ) -> Sent | None:
        """Keep a new version of what was written, and correct what the others read, silently.

        None: it was no letter, or says the same. Raises Refused.
        """
        letter = await unit.rooms.letter(*place)
        if letter is None or letter.person != account.id or letter.text == text:
            return None
        case, _ = await self._who(unit, account, letter.case)
        _check_open(case, account, unit.now)
        edited = replace(letter, text=text, earlier=(*letter.earlier, letter.text))
        unit.rooms.write(edited)
        for chat_id, role in await self._recipients(unit, case, edited):
            _put(unit, edited, chat_id, role)
        return Sent(case=case, to=letter.to, hidden=hides(text))

    # ------------------------------------------------------------------ inside

    async def _who(self, unit: Unit, account: Account, id: int) -> tuple[ReturnCase, Party]:
        case, policy = await self._desk.open(unit, id)
        return case, self._desk.party(account, case, unit.now, policy)

    async def _check_rate(self, unit: Unit, case: ReturnCase, account: Account) -> None:
        written = [
            each.at
            for each in await unit.rooms.letters(case.id)
            if each.person == account.id and each.at > unit.now - SPAN
        ]
        if len(written) >= MOST:
            raise Refused("letters_too_many", most=MOST, opens=written[-MOST] + SPAN)

    async def _recipients(
        self, unit: Unit, case: ReturnCase, letter: Letter
    ) -> Sequence[tuple[int, Role]]:
        """The other side, and the staff who look at this case, but not the writer."""
        found: list[tuple[int, Role]] = []
        if Role.CUSTOMER in letter.to:
            found.append((case.customer, Role.CUSTOMER))
        if Role.SELLER in letter.to:
            team = await unit.accounts.team(case.seller)
            found += [(person.id, Role.SELLER) for person in team]
        staff = {each.id for each in await unit.accounts.staff()}
        for person in await unit.outbox.holders(card_slot(case.id, Role.MODERATOR)):
            if person in staff:
                found.append((person, Role.MODERATOR))
        if self._topics is not None:
            found.append((self._topics, Role.MODERATOR))
        own = {letter.person, letter.chat}
        return list(
            {chat: (chat, role) for chat, role in reversed(found) if chat not in own}.values()
        )

    async def _reachable(self, unit: Unit, case: ReturnCase, role: Role) -> bool:
        people: Iterable[Account | None] = (
            [await unit.accounts.get(case.customer)]
            if role is Role.CUSTOMER
            else await unit.accounts.team(case.seller)
        )
        return any(person is not None and person.reachable for person in people)


def _check_open(case: ReturnCase, account: Account, now: datetime) -> None:
    """In a dispute, and by whom the staff have not stopped: all else has its buttons."""
    if case.status is not Status.DISPUTE:
        raise Refused("room_closed", number=case.number)
    if account.blocked_at(now) and account.staff not in STAFF:
        raise Refused("letters_stopped")


def _put(unit: Unit, letter: Letter, chat: int, role: Role, *, photos: bool = False) -> None:
    version = len(letter.earlier) + 1
    kind = "photos" if photos else "letter"
    slot = f"{kind}:{letter.chat}:{letter.message}"
    payload = {"chat": letter.chat, "message": letter.message, "case": letter.case}
    unit.outbox.put(
        Outgoing(
            chat=chat,
            kind="letter",
            payload={**payload, "role": str(role)} | ({"photos": True} if photos else {}),
            key=f"{slot}:{version}:{chat}",
            slot=slot,
            how=How.EDIT,
            silent=photos or bool(letter.earlier),
        )
    )
