"""One whole return, played by the cast: `returndesk demo --play`.

Everybody presses labels, in the language that is asked for, as a person at the page would. The
story knows no callback data and looks into no database: it fails where a person would be stuck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.cases import Action, Status
from bot.domain.reasons import Reason
from bot.playground.cast import AYGUN, EMRE, OLGA
from bot.playground.people import NoSuchButton, Person
from bot.playground.telegram import Telegram
from bot.screens import keys, labels
from bot.texts import Texts

PHOTOS = Path(__file__).parent / "photos"
TRACK = "RR123456785AZ"
STORY = {
    "en": "A long crack runs down from the rim, and a chip is missing.",
    "ru": "От края вниз идёт длинная трещина, и откололся кусочек.",
}
PATIENCE = 10.0
"""Real seconds that a person waits for a button."""

Tell = Callable[[str], None]
Advance = Callable[[str], Awaitable[object]]
"""Moves the program's clock: `1h`, `1d` or `next`."""
Settle = Callable[[], Awaitable[object]]
"""Returns when the program has nothing to do."""


class NoSuchStep(Exception):
    """The story cannot go on: who is stuck, what was looked for, and what is there instead."""


@dataclass(slots=True)
class Story:
    """The stage: a Telegram with the cast in it, and the words that they read.

    `links` are the start parameters that people have received, by person; `tell` takes a line of
    progress.
    """

    telegram: Telegram
    t: Texts
    links: Mapping[int, str]
    advance: Advance
    settle: Settle
    tell: Tell
    number: str = "R-000001"

    async def play(self) -> None:
        """From the first tap to the money. Raises NoSuchStep."""
        chapters = (
            (self.arrive, "everybody opens the bot", "все открывают бота"),
            (self.ask, "the customer asks to return a mug", "покупатель возвращает кружку"),
            (self._approve, "the seller approves", "продавец одобряет"),
            (self._send, "the customer sends the parcel", "покупатель отправляет посылку"),
            (self._travel, "the parcel travels", "посылка в пути"),
            (self._refund, "the seller receives and refunds", "продавец получает и возвращает"),
            (self._pay, "support marks the refund as paid", "поддержка отмечает выплату"),
            (self._end, "the customer has the money", "деньги у покупателя"),
        )
        for at, (chapter, english, russian) in enumerate(chapters, 1):
            self.tell(f"[{at}/{len(chapters)}] {russian if self.t.language == 'ru' else english}")
            await chapter()

    @property
    def aygun(self) -> Person:
        return self.telegram.people[AYGUN.id]

    @property
    def emre(self) -> Person:
        return self.telegram.people[EMRE.id]

    @property
    def olga(self) -> Person:
        return self.telegram.people[OLGA.id]

    async def arrive(self) -> None:
        """Everybody opens the bot, the seller by the invitation and the customer by a link."""
        await self._says(self.olga, "/start")
        await self._says(self.emre, f"/start {self.links[EMRE.id]}")
        await self._presses(self.emre, self.t.plain("Accept the invitation"))
        await self._says(self.aygun, f"/start {self.links[AYGUN.id]}")

    async def ask(self) -> None:
        """The customer fills in the form for a broken mug and sends it."""
        t, aygun = self.t, self.aygun
        await self._presses(aygun, t.plain("Open the order"))
        await self._presses(aygun, t.plain("Return products"))
        await self._presses(aygun, "☐ ")
        await self._presses(aygun, t.plain("Done"))
        await self._presses(aygun, "1")
        await self._presses(aygun, labels.reason(Reason.DAMAGED_IN_TRANSIT, t))
        await self._says(aygun, STORY[t.language])
        aygun.send_album([_photo("mug-cracked"), _photo("mug-closeup"), _photo("parcel")])
        await self._presses(aygun, t.plain("Done"))
        await self._presses(aygun, t.plain("By post"))
        await self._presses(aygun, t.plain("Send"))

    async def _approve(self) -> None:
        await self.advance("1h")
        await self._acts(self.emre, Action.APPROVE)

    async def _send(self) -> None:
        t, aygun = self.t, self.aygun
        await self.advance("1d")
        await self._presses(aygun, labels.action(Action.SENT, t))
        aygun.send_photo(_photo("receipt"))
        await self._presses(aygun, t.plain("Done"))
        await self._says(aygun, "500 RUB")
        await self._says(aygun, TRACK)

    async def _travel(self) -> None:
        for place in ("Bakı", "İstanbul", "İzmir"):
            await self.advance("1d")
            await self._says(self.olga, f"/return {self.number}")
            await self._presses(self.olga, labels.action(Action.TRACK, self.t))
            await self._says(self.olga, place)

    async def _refund(self) -> None:
        t, emre = self.t, self.emre
        await self._acts(emre, Action.RECEIVE)
        await self.advance("1d")
        await self._presses(emre, labels.action(Action.REFUND, t))
        await self._presses(emre, t.plain("All of it: {most}", most="").strip())
        await self._presses(emre, self._yes(Action.REFUND))

    async def _pay(self) -> None:
        t, olga = self.t, self.olga
        await self._presses(olga, t.plain(keys.REFUNDS))
        await self._presses(olga, self.number)
        await self._presses(olga, labels.action(Action.PAID, t))
        await self._says(olga, "BANK-2026-0042")
        await self._presses(olga, self._yes(Action.PAID))

    async def _end(self) -> None:
        await self.settle()
        refunded = labels.status(Status.REFUNDED, self.t)
        if not any(self.number in text and refunded in text for text in self.aygun.texts()):
            raise NoSuchStep(f"{self.aygun.name} does not read {refunded!r}: {self.aygun.screen!r}")

    # ------------------------------------------------------------------ what people do

    async def _acts(self, person: Person, action: Action) -> None:
        """Press an action of the card, and say yes."""
        await self._presses(person, labels.action(action, self.t))
        await self._presses(person, self._yes(action))

    def _yes(self, action: Action) -> str:
        return self.t.plain("Yes: {what}", what=labels.action(action, self.t))

    async def _says(self, person: Person, text: str) -> None:
        await self.settle()
        person.send(text)
        await self.settle()

    async def _presses(self, person: Person, label: str) -> None:
        await self.settle()
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    version = self.telegram.version
                    try:
                        person.press(label)
                        break
                    except NoSuchButton:
                        await self.telegram.changed(version)
        except TimeoutError:
            raise NoSuchStep(
                f"{person.name} cannot press {label!r} but {person.buttons()}, "
                f"after reading {person.screen!r}"
            ) from None
        await self.settle()


def _photo(name: str) -> bytes:
    return (PHOTOS / f"{name}.jpg").read_bytes()
