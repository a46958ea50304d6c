"""A dispute that comes again and again, and a desk that works beside it: what torture plays."""

from __future__ import annotations

from bot.domain.cases import Action, Status
from bot.domain.reasons import RejectReason
from bot.playground.chats import Message
from bot.playground.people import Person
from bot.playground.story import PHOTOS, PROPOSED, DisputeStory
from bot.screens import labels
from tests.torture.stage import Stage

COMMENT = "The photos of the mug do not show what the customer says."
ORDERS = (PHOTOS.parent / "orders.csv").read_bytes()
RULES = b"[ship]\ndays = 7\n"


class Cycle(DisputeStory):
    """Refused, disputed, withdrawn; decided and cancelled; settled, and set to something else."""

    boris: Person
    """The second administrator."""

    async def gather(self) -> None:
        """Everybody opens the bot; the owner invites a second administrator."""
        t, olga = self.t, self.olga
        await self._all_arrive()
        await self._presses(olga, t.plain("Invite"))
        await self._presses(olga, t.plain("Administrator"))
        await self._presses(olga, t.plain("Copy the link"))
        self.boris = self.telegram.add_person("Boris", "en", role="admin")
        self.boris.open_link(olga.clipboard)
        await self._presses(self.boris, t.plain("Accept the invitation"))

    async def quarrel(self) -> None:
        """Three times the same dispute: withdrawn after letters, decided, settled by agreement."""
        await self._first_round()
        await self._reopen()
        await self._second_round()
        await self._reopen()
        await self._third_round()

    async def _first_round(self) -> None:
        t, aygun, emre = self.t, self.aygun, self.emre
        await self._say_no()
        await self._dispute()
        await self._presses(aygun, t.plain("Write to the other side"))
        written = await self._writes(aygun, "Look at the rim, please.")
        aygun.edit(written, "Look at the rim and at the handle, please.")
        await self._presses(emre, t.plain("Write to the other side"))
        emre.send_album(3, "This is how it left us.")
        await self._presses(emre, t.plain("Send"))
        await self._answer()
        await self._says(self.vera, f"/return {self.number}")
        await self._proposes(self.vera, PROPOSED)
        await self._presses(aygun, labels.action(Action.WITHDRAW, t))
        await self._presses(aygun, t.plain("Skip"))
        await self._presses(aygun, self._yes(Action.WITHDRAW))

    async def _second_round(self) -> None:
        t, vera = self.t, self.vera
        await self._say_no()
        await self._dispute()
        await self._answer()
        await self._says(vera, f"/decide {self.number}")
        await self._presses(vera, t.plain("For the customer"))
        await self._says(vera, "A crack under the glaze is the kiln's.")
        await self._presses(vera, self._yes(Action.DECIDE))
        await self._acts(self.aygun, Action.CANCEL)

    async def _third_round(self) -> None:
        await self._say_no()
        await self._dispute()
        await self._says(self.vera, f"/return {self.number}")
        await self._proposes(self.vera, PROPOSED)
        await self._agree()

    async def _say_no(self) -> None:
        t, emre = self.t, self.emre
        await self._presses(emre, labels.action(Action.REJECT, t))
        await self._presses(emre, labels.reject_reason(RejectReason.REASON_MISMATCH, t))
        await self._says(emre, COMMENT)
        await self._presses(emre, t.plain("Skip"))
        await self._presses(emre, self._yes(Action.REJECT))

    async def _answer(self) -> None:
        t, emre = self.t, self.emre
        await self._presses(emre, labels.action(Action.REPLY, t))
        await self._says(emre, COMMENT)
        await self._presses(emre, t.plain("Skip"))

    async def _reopen(self) -> None:
        t, olga = self.t, self.olga
        await self._says(olga, f"/reopen {self.number}")
        await self._presses(olga, t.plain("The seller decides"))
        await self._says(olga, "Let us look at it once more.")
        await self._presses(olga, self._yes(Action.REOPEN))

    async def desk(self) -> None:
        """What the staff do all day: stop somebody and let go, look, take away, give, read files.

        What moves much takes two of them.
        """
        await self._stop_and_let_go()
        await self._look()
        for person in (self.olga, self.boris):
            await self._override(person)
        await self._take_away()
        await self._read_orders()
        await self._switch_rules()

    async def _stop_and_let_go(self) -> None:
        """The second person agrees, and lets go after the objection."""
        t, aygun, olga, vera = self.t, self.aygun, self.olga, self.vera
        await self._says(olga, f"/block {self.number}")
        await self._presses(olga, "90 ")
        await self._says(olga, "The same photo in four returns.")
        await self._presses(olga, t.plain("Yes, stop them"))
        await self._presses(vera, t.plain("Look at it"))
        await self._presses(vera, t.plain("Confirm it"))
        await self._presses(aygun, t.plain("Object"))
        await self._says(aygun, "These are photos of four mugs of one set.")
        await self._presses(vera, t.plain("Look at it"))
        await self._presses(vera, t.plain("Lift the block"))

    async def _look(self) -> None:
        olga = self.olga
        for person, word in ((self.vera, f"/find {self.number}"), (olga, "/queue"),
                             (olga, "/audit"), (olga, f"/export {self.number}")):  # fmt: skip
            await self._says(person, word)

    async def _override(self, person: Person) -> None:
        """The whole sum instead of the part that was agreed on."""
        await self._says(person, f"/override {self.number}")
        await self._presses(person, labels.status(Status.REFUND_DUE, self.t))
        await self._says(person, "The whole set has the flaw.")
        await self._presses(person, self._yes(Action.OVERRIDE))

    async def _take_away(self) -> None:
        t, olga = self.t, self.olga
        await self._says(olga, f"/missing {self.number}")
        await self._presses(olga, t.plain("Brass table lamp"))
        await self._presses(olga, t.plain("Yes, deduct it"))

    async def _read_orders(self) -> None:
        await self._says(self.vera, "/import")
        self.vera.send_document(ORDERS, "orders.csv", mime="text/csv")
        await self.settle()

    async def _switch_rules(self) -> None:
        t, olga, boris = self.t, self.olga, self.boris
        await self._says(olga, "/policy diff")
        olga.send_document(RULES, "week.toml", mime="application/toml")
        await self._presses(olga, t.plain("Look at it"))
        await self._presses(olga, t.plain("Switch them on"))
        await self._says(boris, "/policy activate")
        await self._presses(boris, t.plain("Confirm: switch them on"))

    async def _writes(self, person: Person, text: str) -> Message:
        await self.settle()
        sent = person.send(text)
        await self.settle()
        return sent


async def cycle(on: Stage) -> None:
    """Play it."""
    story = on.tell(Cycle)
    await story.gather()
    await story.ask()
    await story.quarrel()
    await story.desk()
    await story.settle()
