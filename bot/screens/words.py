"""The words of the parties on each other's screens: quoted, with ways around the bot masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.cases import STAFF, Action, Override, Role, Status, return_number
from bot.domain.outlook import Moved
from bot.screens import labels
from bot.screens.buttons import Act
from bot.screens.layout import Row, button
from bot.services import masking
from bot.services.views import Said
from bot.texts import Html, Texts, joined

_NAMED: Final = 5


def masked(text: str, t: Texts) -> str:
    """The text without links, mail addresses, names of accounts and phone numbers (2.9)."""
    return masking.masked(text, t.plain("[hidden]"))


def quoted(said: Said, reader: Role, t: Texts, limit: int = 600) -> Html:
    """Who wrote it, and the words; staff see them unmasked."""
    words = said.text if reader in STAFF else masked(said.text, t)
    return joined([_head(said, reader, t), t.quote(words, limit)])


def _head(said: Said, reader: Role, t: Texts) -> Html:
    # Of the staff there are many: a colleague's words are not the reader's own.
    who, own = capital(labels.role(said.by, t)), said.by is reader and reader not in STAFF
    if not said.photos:
        return t("You wrote:") if own else t("{who} wrote:", who=who)
    photos = t.n("with {count} photo", "with {count} photos", said.photos)
    if own:
        return t("You wrote, {photos}:", photos=photos)
    return t("{who} wrote, {photos}:", who=who, photos=photos)


def returns(ids: Sequence[int], t: Texts, more: int = 0) -> Html:
    """Returns by their numbers, the first few of many; `more` are not among `ids`."""
    named: list[str | Html] = [return_number(id) for id in ids[:_NAMED]]
    if rest := more + len(ids[_NAMED:]):
        named.append(t.n("{count} more return", "{count} more returns", rest))
    return t.list(named)


def capital(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text inside a sentence, after a colon, too: with a small letter, if it may have one."""
    first = text.partition(" ")[0]
    return text if first == "I" or first[1:2].isupper() else text[:1].lower() + text[1:]


def moving(moved: Moved, t: Texts) -> Html:
    """What an override does to the money, once it is confirmed."""
    if moved.takes_back is not None:
        return t(
            "{sum} that was promised to the customer is then taken back.",
            sum=t.money(moved.takes_back),
        )
    if moved.gets is None:
        return t("No other sum is then promised to the customer.")
    if moved.open:
        return t(
            "The customer then gets {sum}, and the shipping once its sum is confirmed.",
            sum=t.money(moved.gets),
        )
    return t("The customer then gets {sum}.", sum=t.money(moved.gets))


def seconding(case: int, version: int, to: Status, now: Status, t: Texts) -> Row:
    """The buttons of the second person: both lead to a last look."""
    same = Act(case=case, version=version, action=f"{Action.OVERRIDE}.{to}")
    down = Act(case=case, version=version, action=f"{Action.OVERRIDE}.{now}")
    return (
        button(t.plain("Confirm the same"), same, "danger"),
        button(t.plain("Turn it down"), down),
    )


def set_to(waiting: Override, t: Texts) -> str:
    """What an override makes of a case: the status, and the sum that goes with it."""
    status = labels.status(waiting.to, t)
    return f"{status}, {t.money(waiting.amount)}" if waiting.amount else status
