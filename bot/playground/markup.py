"""Telegram's HTML: one parser, with the failures of the real one.

It follows the public source of Telegram's own library, byte offsets in complaints included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.playground.wire import Json, bad_request

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
_PLAIN = re.compile(r"[^<&]+")
_TAG_NAME = re.compile(r"[^\s>]*")
_ESCAPE = re.compile(r"&(?:(lt|gt|amp|quot)(?![A-Za-z])|#x([0-9a-fA-F]{1,6})|#([0-9]{1,7}));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ATTRIBUTE_NAME = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[0-9A-Za-z.\-]*")
_USER_LINK = re.compile(r"tg:(?://)?user/?\?(?:.*&)?id=(\d+)", re.IGNORECASE)
_DATE_FORMAT = re.compile(r"[rR]|[tTdDwW]*")


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: characters outside the BMP count two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass
class _Tag:
    name: str
    offset: int
    start: int
    argument: str = ""
    unix: int = 0


@dataclass
class HtmlParser:
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
                plain = _PLAIN.match(source, self.at)
                assert plain is not None
                self._append(self._take(len(plain[0])))
        if self.open_tags:
            name = self.open_tags[-1].name
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{name}"')
        return "".join(self.out), self.entities

    def _take(self, length: int = 1) -> str:
        self.at += length
        return self.source[self.at - length : self.at]

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
            raise cannot_parse(
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
        found = _TAG_NAME.match(self.source, self.at)
        assert found is not None
        return self._take(len(found[0])).lower()

    def _place(self, index: int) -> str:
        return f"at byte offset {len(self.source[:index].encode())}"

    def _start_tag(self, begin: int) -> None:
        name = self._until_space_or_bracket()
        if not self._peek():
            raise cannot_parse(f"Unclosed start tag {self._place(begin)}")
        if name not in _KINDS:
            raise cannot_parse(f'Unsupported start tag "{name}" {self._place(begin)}')
        tag = _Tag(name, self.length, len(self.out))
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                break
            self._attribute(tag, begin)
        self.at += 1
        if name == "span" and tag.argument != "spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" {self._place(begin)}')
        self.open_tags.append(tag)

    def _attribute(self, tag: _Tag, begin: int) -> None:
        unclosed = f'Unclosed start tag "{tag.name}" {self._place(begin)}'
        match = _ATTRIBUTE_NAME.match(self.source, self.at)
        key = match.group() if match else ""
        if not self._peek():
            raise cannot_parse(unclosed)
        if not key:
            raise cannot_parse(f'Empty attribute name in the tag "{tag.name}" {self._place(begin)}')
        self.at += len(key)
        self._skip_spaces()
        if self._peek() != "=":
            if not self._peek():
                raise cannot_parse(unclosed)
            if (tag.name, key) == ("blockquote", "expandable"):
                tag.argument = "1"
            return
        self.at += 1
        self._skip_spaces()
        if not self._peek():
            raise cannot_parse(unclosed)
        value = self._value()
        if not self._peek():
            raise cannot_parse(f"Unclosed start tag {self._place(begin)}")
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
                raise cannot_parse(f"Unexpected end of name token {self._place(begin)}")
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
            raise cannot_parse(f"Unexpected end tag {self._place(begin)}")
        self.at += 1
        name = self._until_space_or_bracket()
        self._skip_spaces()
        if self._peek() != ">":
            raise cannot_parse(f"Unclosed end tag {self._place(begin)}")
        self.at += 1
        tag = self.open_tags.pop()
        if name and name != tag.name:
            raise cannot_parse(
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
                    raise cannot_parse("Invalid custom emoji identifier specified")
                entity["custom_emoji_id"] = tag.argument
            case "tg-time":
                if not _DATE_FORMAT.fullmatch(tag.argument):
                    raise cannot_parse("Invalid date-time format specified")
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


def cannot_parse(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")


def is_link(url: str) -> bool:
    """Whether Telegram takes it as a link: a host with a dot, or one of its own schemes."""
    if re.match(r"(tg|ton|tonsite):(//)?[\w-]+", url, re.IGNORECASE):
        return True
    match = re.match(r"(?:https?://)?(?:[^/@\s]*@)?(\[[^]]+\]|[^/:?#\s]+)", url, re.IGNORECASE)
    return match is not None and ("." in match.group(1) or match.group(1).startswith("["))
