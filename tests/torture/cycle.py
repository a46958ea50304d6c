"""A dispute that comes again and again, and a desk that works beside it: what torture plays."""

from __future__ import annotations

from bot.domain.cases import Action, Status
from bot.domain.reasons import RejectReason
from bot.playground.chats import Message
from bot.playground.people import Person
from bot.playground.story import DisputeStory
from bot.screens import labels
from tests.torture.stage import Stage

COMMENT = "The photos of the mug do not show what the customer says."


class Cycle(DisputeStory):
    """Refused, disputed, withdrawn and reopened; then decided, and cancelled in the end."""

    async def quarrel(self) -> None:
        """Twice the same dispute: withdrawn after letters and proposals, then decided."""
        await self._first_round()
        await self._reopen()
        await self._second_round()

    async def _first_round(self) -> None:
        t, aygun, emre = self.t, self.aygun, self.emre
        await self._say_no()
        await self._dispute()
        await self._presses(aygun, t.plain("Write to the other side"))
        written = await self._writes(aygun, "Look at the rim, please.")
        aygun.edit(written, "Look at the rim and at the handle, please.")
        await self._presses(emre, t.plain("Write to the other side"))
        emre.send_photo()
        await self._presses(emre, t.plain("Send"))
        await self._presses(emre, labels.action(Action.REPLY, t))
        await self._says(emre, COMMENT)
        await self._presses(emre, t.plain("Skip"))
        await self._says(self.vera, f"/return {self.number}")
        await self._proposes(self.vera, "1500")
        await self._presses(aygun, labels.action(Action.WITHDRAW, t))
        await self._presses(aygun, t.plain("Skip"))
        await self._presses(aygun, self._yes(Action.WITHDRAW))

    async def _second_round(self) -> None:
        t, aygun, emre, vera = self.t, self.aygun, self.emre, self.vera
        await self._say_no()
        await self._dispute()
        await self._presses(emre, labels.action(Action.REPLY, t))
        await self._says(emre, COMMENT)
        await self._presses(emre, t.plain("Skip"))
        await self._says(vera, f"/decide {self.number}")
        await self._presses(vera, t.plain("For the customer"))
        await self._says(vera, "A crack under the glaze is the kiln's.")
        await self._presses(vera, self._yes(Action.DECIDE))
        await self._acts(aygun, Action.CANCEL)

    async def _say_no(self) -> None:
        t, emre = self.t, self.emre
        await self._presses(emre, labels.action(Action.REJECT, t))
        await self._presses(emre, labels.reject_reason(RejectReason.REASON_MISMATCH, t))
        await self._says(emre, COMMENT)
        await self._presses(emre, t.plain("Skip"))
        await self._presses(emre, self._yes(Action.REJECT))

    async def _reopen(self) -> None:
        t, olga = self.t, self.olga
        await self._says(olga, f"/reopen {self.number}")
        await self._presses(olga, labels.status(Status.NEW, t))
        await self._says(olga, "Let us look at it once more.")
        await self._presses(olga, self._yes(Action.REOPEN))

    async def desk(self) -> None:
        """What the staff do all day: stop somebody, hear the objection, look, take away, deduct."""
        t, aygun, olga, vera = self.t, self.aygun, self.olga, self.vera
        await self._says(olga, f"/block {self.number}")
        await self._presses(olga, "90 ")
        await self._says(olga, "The same photo in four returns.")
        await self._presses(olga, t.plain("Yes, stop them"))
        await self._presses(vera, t.plain("Look at it"))
        await self._presses(vera, t.plain("Confirm it"))
        await self._presses(aygun, t.plain("Object"))
        await self._says(aygun, "These are photos of four mugs of one set.")
        for person, word in ((vera, f"/find {self.number}"), (olga, "/queue"), (olga, "/audit"),
                             (olga, f"/export {self.number}")):  # fmt: skip
            await self._says(person, word)
        await self._says(olga, f"/missing {self.number}")
        await self._presses(olga, t.plain("Brass table lamp"))
        await self._presses(olga, t.plain("Yes, deduct it"))

    async def _writes(self, person: Person, text: str) -> Message:
        await self.settle()
        sent = person.send(text)
        await self.settle()
        return sent


async def cycle(on: Stage) -> None:
    """Play it."""
    story = on.tell(Cycle)
    await story._all_arrive()
    await story.ask()
    await story.quarrel()
    await story.desk()
    await story.settle()
