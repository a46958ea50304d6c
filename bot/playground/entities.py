"""Texts with entities: Telegram's HTML, its limits and its automatic finds.

Offsets and lengths are in UTF-16 code units, as everywhere in the Bot API. MarkdownV2 is not
offered.
"""

from __future__ import annotations

import html
import re
from typing import Any

from bot.playground.markup import HtmlParser, cannot_parse, utf16_length
from bot.playground.wire import Json, bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024

_FINDS = (
    ("url", re.compile(r"https?://[^\s<>\"]*[^\s<>\".,:;!?)]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}\b")),
    ("bot_command", re.compile(r"(?<![\w/])/\w{1,64}(?:@\w{3,32})?(?!\w|/)")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ()-]{8,18}\d\b")),
)


def read_text(
    text: str, parse_mode: str | None, entities: list[Any] | None, *, empty: bool = False
) -> tuple[str, list[Json]]:
    """A text as Telegram keeps it: parsed, trimmed, with the entities it finds by itself.

    ``entities`` are aiogram's; they count only without a ``parse_mode``. ``empty`` allows an
    empty result (captions). Raises `ApiError` 400.
    """
    if len(text.encode()) > 1 << 15:
        raise bad_request("Text is too long")
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("Unsupported parse_mode")
        text, found = HtmlParser(text).parse()
    else:
        found = [entity.model_dump(exclude_none=True) for entity in entities or []]
        for entity in found:
            if not 0 <= entity["offset"] <= 1_000_000:
                raise cannot_parse(f"Receive an entity with incorrect offset {entity['offset']}")
    text, found = _trim(text, found)
    if not text and not empty:
        raise bad_request("Text must be non-empty")
    return text, _with_finds(text, found)


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    text = text.rstrip()
    left = len(text) - len(text.lstrip(" \n"))
    text = text[left:]
    end = utf16_length(text)
    kept = []
    for entity in entities:
        entity.pop("language", None) if entity["type"] == "code" else None
        start = max(entity["offset"] - left, 0)
        stop = min(entity["offset"] + entity["length"] - left, end)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    blocks = [e for e in kept if e["type"] in ("code", "pre")]
    kept = [e for e in kept if not any(b is not e and _inside(e, b) for b in blocks)]
    return text, sorted(kept, key=lambda e: (e["offset"], -e["length"]))


def _inside(inner: Json, outer: Json) -> bool:
    return bool(
        outer["offset"] <= inner["offset"]
        and inner["offset"] + inner["length"] <= outer["offset"] + outer["length"]
    )


def _with_finds(text: str, entities: list[Json]) -> list[Json]:
    if not any(mark in text for mark in "/@#+:"):
        return entities
    taken = [
        (e["offset"], e["offset"] + e["length"])
        for e in entities
        if e["type"] in ("code", "pre", "text_link", "text_mention", "date_time")
    ]
    found = list(entities)
    for kind, pattern in _FINDS:
        for match in pattern.finditer(text):
            start = utf16_length(text[: match.start()])
            stop = start + utf16_length(match.group())
            if all(stop <= a or b <= start for a, b in taken):
                taken.append((start, stop))
                found.append({"type": kind, "offset": start, "length": stop - start})
    return sorted(found, key=lambda e: (e["offset"], -e["length"]))


_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ('<span class="spoiler">', "</span>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ('<blockquote class="expandable">', "</blockquote>"),
}


def as_html(text: str, entities: list[Json]) -> str:
    """Safe HTML for a web page; a date-time entity becomes ``<time datetime=unix>``."""
    units = text.encode("utf-16-le")
    opening: dict[int, list[tuple[int, str]]] = {}
    closing: dict[int, list[tuple[int, str]]] = {}
    for entity in entities:
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        match entity["type"]:
            case "text_link" | "url":
                piece = units[start * 2 : stop * 2].decode("utf-16-le")
                url = html.escape(entity.get("url", piece))
                pair = (f'<a href="{url}" target="_blank" rel="noopener">', "</a>")
            case "date_time":
                form = html.escape(entity.get("date_time_format", ""))
                pair = (f'<time datetime="{entity["unix_time"]}" data-format="{form}">', "</time>")
            case kind:
                pair = _TAGS.get(kind, (f'<span class="{html.escape(kind)}">', "</span>"))
        opening.setdefault(start, []).append((-stop, pair[0]))
        closing.setdefault(stop, []).append((-start, pair[1]))
    out = []
    edges = sorted({0, len(units) // 2, *opening, *closing})
    for here, there in zip(edges, [*edges[1:], edges[-1]], strict=True):
        out += [tag for _, tag in sorted(closing.get(here, []))]
        out += [tag for _, tag in sorted(opening.get(here, []))]
        piece = units[here * 2 : there * 2].decode("utf-16-le", errors="replace")
        out.append(html.escape(piece, quote=False))
    return "".join(out)
