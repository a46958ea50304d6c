"""The words of the parties on each other's screens: quoted, with ways around the bot masked."""

from __future__ import annotations

import re

from bot.domain.cases import STAFF, Role
from bot.screens import labels
from bot.services.views import Said
from bot.texts import Html, Texts, joined

_LINK = re.compile(
    r"(?i)\b(?:https?://|tg://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}/\S*|\bt\.me\b\S*"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_MENTION = re.compile(r"(?<!\w)@\w{3,32}")
# International form, or 10 to 12 digits with the usual signs between; track numbers have others.
_PHONE = re.compile(r"\+\d(?:[ ().-]?\d){7,14}(?!\d)|(?<![\w-])\(?\d(?:[ ().-]*\d){9,11}(?![\w-])")


def masked(text: str, t: Texts) -> str:
    """The text without links, mail addresses, names of accounts and phone numbers (2.9)."""
    hidden = t.plain("[hidden]")
    for pattern in (_LINK, _EMAIL, _MENTION, _PHONE):
        text = pattern.sub(hidden, text)
    return text


def quoted(said: Said, reader: Role, t: Texts, limit: int = 600) -> Html:
    """Who wrote it, and the words; staff see them unmasked."""
    words = said.text if reader in STAFF else masked(said.text, t)
    head = t("{who} wrote:", who=_capital(labels.role(said.by, t)))
    if said.photos:
        photos = t.n("with {count} photo", "with {count} photos", said.photos)
        head = t("{who} wrote, {photos}:", who=_capital(labels.role(said.by, t)), photos=photos)
    return joined([head, t.quote(words, limit)])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
