"""Texts with entities: Telegram's HTML, its limits and its automatic finds.

Offsets and lengths are in UTF-16 code units, as everywhere in the Bot API. The parser follows
the public source of Telegram's own library; MarkdownV2 is not offered.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from bot.playground.wire import Json, bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_ESCAPE = re.compile(r"&(?:(lt|gt|amp|quot)(?![A-Za-z])|#x([0-9a-fA-F]{1,6})|#([0-9]{1,7}));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ATTRIBUTE_NAME = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[0-9A-Za-z.\-]*")
_USER_LINK = re.compile(r"tg:(?://)?user/?\?(?:.*&)?id=(\d+)", re.IGNORECASE)
_DATE_FORMAT = re.compile(r"[rR]|[tTdDwW]*")

_FINDS = (
    ("url", re.compile(r"https?://[^\s<>\"]*[^\s<>\".,:;!?)]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}\b")),
    ("bot_command", re.compile(r"(?<![\w/])/\w{1,64}(?:@\w{3,32})?(?!\w|/)")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ()-]{8,18}\d\b")),
)


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: characters outside the BMP count two."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass
class _Tag:
    name: str
    offset: int
    start: int
    argument: str = ""
    unix: int = 0


@dataclass
class _HtmlParser:
    """One pass over Telegram's HTML; every failure names the byte offset of its tag."""

    source: str
    out: list[str] = field(default_factory=list)
    length: int = 0
    open_tags: list[_Tag] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)
    at: int = 0

    def parse(self) -> tuple[str, list[Json]]:
        source = self.source
        while self.at < len(source):
            character = source[self.at]
            if character == "<":
                begin = self.at
                self.at += 1
                if source.startswith("/", self.at):
                    self._end_tag(begin)
                else:
                    self._start_tag(begin)
            elif character == "&":
                self._append(self._escape() or self._take())
            else:
                self._append(self._take())
        if self.open_tags:
            name = self.open_tags[-1].name
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{name}"')
        return "".join(self.out), self.entities

    def _take(self) -> str:
        self.at += 1
        return self.source[self.at - 1]

    def _append(self, piece: str) -> None:
        self.out.append(piece)
        self.length += utf16_length(piece)

    def _escape(self) -> str | None:
        match = _ESCAPE.match(self.source, self.at)
        if match is None:
            return None
        named, hexadecimal, decimal = match.groups()
        code = 0 if named else int(hexadecimal or decimal, 16 if hexadecimal else 10)
        if not named and not 0 < code < 0x10FFFF:
            return None
        if 0xD800 <= code <= 0xDFFF:
            raise _cannot(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        self.at = match.end()
        return _NAMED[named] if named else chr(code)

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _skip_spaces(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _until_space_or_bracket(self) -> str:
        begin = self.at
        while self._peek() and self._peek() != ">" and not self._peek().isspace():
            self.at += 1
        return self.source[begin : self.at].lower()

    def _place(self, index: int) -> str:
        return f"at byte offset {len(self.source[:index].encode())}"

    def _start_tag(self, begin: int) -> None:
        name = self._until_space_or_bracket()
        if not self._peek():
            raise _cannot(f"Unclosed start tag {self._place(begin)}")
        if name not in _KINDS:
            raise _cannot(f'Unsupported start tag "{name}" {self._place(begin)}')
        tag = _Tag(name, self.length, len(self.out))
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                break
            self._attribute(tag, begin)
        self.at += 1
        if name == "span" and tag.argument != "spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" {self._place(begin)}')
        self.open_tags.append(tag)

    def _attribute(self, tag: _Tag, begin: int) -> None:
        unclosed = f'Unclosed start tag "{tag.name}" {self._place(begin)}'
        match = _ATTRIBUTE_NAME.match(self.source, self.at)
        key = match.group() if match else ""
        if not self._peek():
            raise _cannot(unclosed)
        if not key:
            raise _cannot(f'Empty attribute name in the tag "{tag.name}" {self._place(begin)}')
        self.at += len(key)
        self._skip_spaces()
        if self._peek() != "=":
            if not self._peek():
                raise _cannot(unclosed)
            if (tag.name, key) == ("blockquote", "expandable"):
                tag.argument = "1"
            return
        self.at += 1
        self._skip_spaces()
        if not self._peek():
            raise _cannot(unclosed)
        value = self._value()
        if not self._peek():
            raise _cannot(f"Unclosed start tag {self._place(begin)}")
        match tag.name, key:
            case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format"):
                tag.argument = value
            case ("code", "class") if value.startswith("language-"):
                tag.argument = value.removeprefix("language-")
            case ("span", "class") if value.startswith("tg-"):
                tag.argument = value.removeprefix("tg-")
            case ("blockquote", "expandable"):
                tag.argument = "1"
            case ("tg-time", "unix"):
                tag.unix = int(value) if re.fullmatch(r"-?\d{1,10}", value) else 0

    def _value(self) -> str:
        quote = self._peek()
        if quote not in "'\"":
            begin = self.at
            match = _TOKEN.match(self.source, begin)
            self.at = match.end() if match else begin
            if self._peek() and self._peek() != ">" and not self._peek().isspace():
                raise _cannot(f"Unexpected end of name token {self._place(begin)}")
            return self.source[begin : self.at].lower()
        self.at += 1
        pieces = []
        while self._peek() and self._peek() != quote:
            pieces.append((self._escape() if self._peek() == "&" else None) or self._take())
        if self._peek():
            self.at += 1
        return "".join(pieces)

    def _end_tag(self, begin: int) -> None:
        if not self.open_tags:
            raise _cannot(f"Unexpected end tag {self._place(begin)}")
        self.at += 1
        name = self._until_space_or_bracket()
        self._skip_spaces()
        if self._peek() != ">":
            raise _cannot(f"Unclosed end tag {self._place(begin)}")
        self.at += 1
        tag = self.open_tags.pop()
        if name and name != tag.name:
            raise _cannot(
                f"Unmatched end tag {self._place(begin)}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        if self.length > tag.offset:
            self._add(tag)

    def _add(self, tag: _Tag) -> None:
        entity: Json = {
            "type": _KINDS[tag.name],
            "offset": tag.offset,
            "length": self.length - tag.offset,
        }
        last = self.entities[-1] if self.entities else None
        same_span = (
            last is not None
            and last["offset"] == entity["offset"]
            and last["length"] == entity["length"]
        )
        match tag.name:
            case "a":
                url = tag.argument or "".join(self.out[tag.start :])
                if not is_link(url):
                    return
                entity["url"] = url if ":" in url else f"http://{url}/"
            case "tg-emoji":
                if not tag.argument.isdigit() or int(tag.argument) == 0:
                    raise _cannot("Invalid custom emoji identifier specified")
                entity["custom_emoji_id"] = tag.argument
            case "tg-time":
                if not _DATE_FORMAT.fullmatch(tag.argument):
                    raise _cannot("Invalid date-time format specified")
                if tag.unix <= 0:
                    return
                entity["unix_time"] = tag.unix
                if tag.argument:
                    entity["date_time_format"] = tag.argument
            case "blockquote" if tag.argument:
                entity["type"] = "expandable_blockquote"
            case "pre" if same_span and last is not None and last.get("language"):
                last["type"] = "pre"
                return
            case "code" if tag.argument:
                if same_span and last is not None and last["type"] == "pre":
                    last["language"] = tag.argument
                    return
                entity["language"] = tag.argument
        self.entities.append(entity)


def _cannot(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")


def is_link(url: str) -> bool:
    """Whether Telegram takes it as a link: a host with a dot, or one of its own schemes."""
    if re.match(r"(tg|ton|tonsite):(//)?[\w-]+", url, re.IGNORECASE):
        return True
    match = re.match(r"(?:https?://)?(?:[^/@\s]*@)?(\[[^]]+\]|[^/:?#\s]+)", url, re.IGNORECASE)
    return match is not None and ("." in match.group(1) or match.group(1).startswith("["))


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
        text, found = _HtmlParser(text).parse()
    else:
        found = [entity.model_dump(exclude_none=True) for entity in entities or []]
        for entity in found:
            if not 0 <= entity["offset"] <= 1_000_000:
                raise bad_request(
                    f"can't parse entities: Receive an entity with incorrect offset "
                    f"{entity['offset']}"
                )
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
