"""Ways around the bot in what people write to each other: found, and hidden (2.9, N-4)."""

from __future__ import annotations

import re
import unicodedata

_AT = r"(?:@|\(at\)|\[at\])"
# Bounded, and begun where a word begins: else a long one is looked through from each letter.
_HOST = r"(?<![\w-])[\w-]+(?:\.[\w-]+){0,9}"
_LINK = re.compile(
    rf"(?i)\b(?:https?://|tg://|www\.)\S+|{_HOST}\.[a-z]{{2,6}}/\S*|\bt\.me\b\S*|"
    rf"{_HOST}\.(?:com|net|org|info|biz|shop|online|site|store|ru|me|io|tr|az|kz|рф)\b"
)
_EMAIL = re.compile(rf"(?i)[\w.+-]{{1,64}}\s?{_AT}\s?[\w-]+\.[\w.-]+")
_MENTION = re.compile(r"(?<!\w)@\s?\w{3,32}")
# International form, or 10 to 12 digits with the usual signs between; track numbers have others.
_PHONE = re.compile(r"\+\d(?:[ ().-]*\d){7,14}(?!\d)|(?<![\w-])\(?\d(?:[ ().-]*\d){9,11}(?![\w-])")
_MARKS = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
"""Signs that nobody sees, with which a number or a name could be taken apart."""


def masked(text: str, hidden: str) -> str:
    """The text with `hidden` for links, mail addresses, names of accounts and phone numbers.

    A text without any stays as it is typed; of others, signs that look alike become one.
    """
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", text))
    found = plain
    for pattern in (_EMAIL, _LINK, _MENTION, _PHONE):
        found = pattern.sub(hidden, found)
    return text if found == plain else found


def hides(text: str) -> bool:
    """Whether there is something to hide."""
    return masked(text, "\0") != text
