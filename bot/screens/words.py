"""The words of the parties on each other's screens: quoted, with ways around the bot masked."""

from __future__ import annotations

from bot.domain.cases import STAFF, Role
from bot.screens import labels
from bot.services import masking
from bot.services.views import Said
from bot.texts import Html, Texts, joined


def masked(text: str, t: Texts) -> str:
    """The text without links, mail addresses, names of accounts and phone numbers (2.9)."""
    return masking.masked(text, t.plain("[hidden]"))


def quoted(said: Said, reader: Role, t: Texts, limit: int = 600) -> Html:
    """Who wrote it, and the words; staff see them unmasked."""
    words = said.text if reader in STAFF else masked(said.text, t)
    head = t("{who} wrote:", who=capital(labels.role(said.by, t)))
    if said.photos:
        photos = t.n("with {count} photo", "with {count} photos", said.photos)
        head = t("{who} wrote, {photos}:", who=capital(labels.role(said.by, t)), photos=photos)
    return joined([head, t.quote(words, limit)])


def capital(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]
