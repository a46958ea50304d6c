"""One whole return, played by the cast: `returndesk demo --play`.

Everybody presses labels, in the language that is asked for, as a person at the page would. The
story knows no callback data and looks into no database: it fails where a person would be stuck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.cases import Action, DisputeTopic, Status
from bot.domain.money import Money
from bot.domain.reasons import Reason, RejectReason
from bot.playground.cast import AYGUN, EMRE, OLGA, VERA
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
REFUSAL = {
    "en": "It left our shop without a scratch; the carrier has damaged it.",
    "ru": "Из магазина она ушла без царапины; её повредила доставка.",
}
COMPLAINT = {
    "en": "The box was whole. The crack is under the glaze: it was there before.",
    "ru": "Коробка была целой. Трещина под глазурью: она была и раньше.",
}
CALL = {
    "en": "I can show the box as well. Shall we talk? My number:",
    "ru": "Могу показать и коробку. Созвонимся? Мой номер:",
}
ANSWER = {
    "en": "I see the crack now. Let us share the damage.",
    "ru": "Теперь вижу трещину. Давайте поделим ущерб.",
}
REPLY = {
    "en": "It may be a flaw of the kiln; we cannot tell from here.",
    "ru": "Возможно, это изъян обжига; отсюда не разобрать.",
}
PROPOSED = "1500"
"""Roubles: what the moderator proposes."""
PATIENCE = 10.0
"""Real seconds that a person waits for a button."""

Tell = Callable[[str], None]
Advance = Callable[[str], Awaitable[object]]
"""Moves the program's clock: `1h`, `1d` or `next`."""
Chapter = tuple[Callable[[], Awaitable[None]], str, str]
"""What happens, and what it is called in English and Russian."""
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
        chapters = self.chapters()
        for at, (chapter, english, russian) in enumerate(chapters, 1):
            self.tell(f"[{at}/{len(chapters)}] {russian if self.t.language == 'ru' else english}")
            await chapter()

    def chapters(self) -> Sequence[Chapter]:
        """What happens, one thing after the other."""
        return (
            (self.arrive, "everybody opens the bot", "все открывают бота"),
            (self.ask, "the customer asks to return a mug", "покупатель возвращает кружку"),
            (self._approve, "the seller approves", "продавец одобряет"),
            (self._send, "the customer sends the parcel", "покупатель отправляет посылку"),
            (self._travel, "the parcel travels", "посылка в пути"),
            (self._refund, "the seller receives and refunds", "продавец получает и возвращает"),
            (self._pay, "support marks the refund as paid", "поддержка отмечает выплату"),
            (self._end, "the customer has the money", "деньги у покупателя"),
        )

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


class DisputeStory(Story):
    """A return that is refused: customer and seller end their dispute by agreement."""

    def chapters(self) -> Sequence[Chapter]:
        """What happens, one thing after the other."""
        return (
            (self._all_arrive, "everybody opens the bot", "все открывают бота"),
            (self.ask, "the customer asks to return a mug", "покупатель возвращает кружку"),
            (self._refuse, "the seller refuses", "продавец отказывает"),
            (self._dispute, "the customer opens a dispute", "покупатель открывает спор"),
            (self._talk, "the two write to each other", "стороны переписываются"),
            (self._propose, "seller and moderator propose", "продавец и модератор предлагают"),
            (self._agree, "both accept the moderator's proposal", "обе стороны соглашаются"),
            (self._pay, "support marks the sum as paid", "поддержка отмечает выплату"),
            (self._end, "the customer has the money", "деньги у покупателя"),
        )

    @property
    def vera(self) -> Person:
        return self.telegram.people[VERA.id]

    async def _all_arrive(self) -> None:
        await self.arrive()
        await self._says(self.vera, f"/start {self.links[VERA.id]}")
        await self._presses(self.vera, self.t.plain("Accept the invitation"))

    async def _refuse(self) -> None:
        t, emre = self.t, self.emre
        await self.advance("1h")
        await self._presses(emre, labels.action(Action.REJECT, t))
        await self._presses(emre, labels.reject_reason(RejectReason.REASON_MISMATCH, t))
        await self._says(emre, REFUSAL[t.language])
        await self._presses(emre, t.plain("Skip"))
        await self._presses(emre, self._yes(Action.REJECT))

    async def _dispute(self) -> None:
        t, aygun = self.t, self.aygun
        await self._presses(aygun, labels.action(Action.OPEN_DISPUTE, t))
        await self._presses(aygun, labels.topic(DisputeTopic.FAULTY, t))
        await self._says(aygun, COMPLAINT[t.language])
        aygun.send_photo(_photo("mug-closeup"))
        await self._presses(aygun, t.plain("Done"))

    async def _talk(self) -> None:
        """By the button of the card, and by replying; a phone number does not get through."""
        t, aygun, emre = self.t, self.aygun, self.emre
        await self.advance("1h")
        await self._presses(aygun, t.plain("Write to the other side"))
        await self._says(aygun, f"{CALL[t.language]} {aygun.phone}")
        if any(aygun.phone in text for text in emre.texts()):
            raise NoSuchStep(f"{emre.name} reads the phone number of {aygun.name}")
        emre.send(ANSWER[t.language], reply_to=emre.last)
        await self._presses(emre, labels.action(Action.REPLY, t))
        await self._says(emre, REPLY[t.language])
        await self._presses(emre, t.plain("Skip"))

    async def _propose(self) -> None:
        emre, vera = self.emre, self.vera
        await self.advance("1h")
        await self._proposes(emre, "500")
        await self._says(vera, f"/return {self.number}")
        await self._proposes(vera, PROPOSED)

    async def _proposes(self, person: Person, amount: str) -> None:
        await self._presses(person, labels.action(Action.SETTLE, self.t))
        await self._presses(person, self.t.plain("A part of the money"))
        await self._says(person, amount)
        await self._presses(person, self.t.plain("Skip"))
        await self._presses(person, self._yes(Action.SETTLE))

    async def _agree(self) -> None:
        t = self.t
        what = t.money(Money.of(PROPOSED))
        for person in (self.aygun, self.emre):
            await self._presses(person, t.plain("Accept: {what}", what=what))
            await self._presses(person, self._yes(Action.ACCEPT))


STORIES: Mapping[str, type[Story]] = {"return": Story, "dispute": DisputeStory}
"""What can be played, by the word of the command line."""


def _photo(name: str) -> bytes:
    return (PHOTOS / f"{name}.jpg").read_bytes()
