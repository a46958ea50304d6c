"""Texts: Telegram's HTML, its error messages and its lengths."""

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import MessageEntity

from bot.playground.entities import as_html, read_text
from bot.playground.markup import utf16_length
from tests.playground.local_telegram import local_telegram


def entities_of(html: str) -> list[tuple[object, ...]]:
    text, entities = read_text(html, "HTML", None)
    units = text.encode("utf-16-le")
    return [
        (
            e["type"],
            units[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"),
            *[value for key, value in e.items() if key not in ("type", "offset", "length")],
        )
        for e in entities
    ]


@pytest.mark.parametrize(
    ("html", "entities"),
    [
        ("<b>a<i>b</i></b>", [("bold", "ab"), ("italic", "b")]),
        (
            "<strong>a</strong> <em>b</em> <ins>c</ins> <del>d</del>",
            [("bold", "a"), ("italic", "b"), ("underline", "c"), ("strikethrough", "d")],
        ),
        ("😀<u>x</u>", [("underline", "x")]),
        (
            "<tg-spoiler>x</tg-spoiler><span class='tg-spoiler'>y</span>",
            [("spoiler", "x"), ("spoiler", "y")],
        ),
        (
            '<a href="https://example.org/?a=1&amp;b=2">go</a>',
            [("text_link", "go", "https://example.org/?a=1&b=2")],
        ),
        ('<a href="nowhere">go</a>', []),
        ("<blockquote>q</blockquote>", [("blockquote", "q")]),
        ("<blockquote expandable>q</blockquote>", [("expandable_blockquote", "q")]),
        ("<code>/x</code>", [("code", "/x")]),
        ('<pre><code class="language-python">x</code></pre>', [("pre", "x", "python")]),
        (
            '<tg-time unix="1772366400" format="wDT">Sunday</tg-time>',
            [("date_time", "Sunday", 1772366400, "wDT")],
        ),
        ('<tg-time unix="1772366400">Sunday</tg-time>', [("date_time", "Sunday", 1772366400)]),
        ("<code>a <b>b</b></code>", [("code", "a b")]),
        ("<b></b>x", []),
        ("&lt;b&gt; &amp;amp; &quot; &#33; &#x21; &nbsp;", []),
        (
            "/return see https://t.me/x, ask @moderator #R1 a@b.org",
            [
                ("bot_command", "/return"),
                ("url", "https://t.me/x"),
                ("mention", "@moderator"),
                ("hashtag", "#R1"),
                ("email", "a@b.org"),
            ],
        ),
    ],
)
def test_html_becomes_the_entities_that_telegram_makes(
    html: str, entities: list[tuple[object, ...]]
) -> None:
    assert entities_of(html) == entities


def test_escapes_are_decoded_and_unknown_ones_stay() -> None:
    assert (
        read_text("&lt;b&gt; &amp;amp; &#33;&#x21; &nbsp;", "HTML", None)[0]
        == "<b> &amp; !! &nbsp;"
    )


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("я <p>x</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=http://x>y</a>", "Unexpected end of name token at byte offset 8"),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
        ('<tg-time unix="5" format="q">x</tg-time>', "Invalid date-time format specified"),
        (
            "&#xd800;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
async def test_html_that_telegram_cannot_parse(html: str, complaint: str) -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_message(anna.id, html)
    assert str(refused.value).endswith(f"Bad Request: can't parse entities: {complaint}")
    assert anna.texts() == []


async def test_a_text_has_4096_units_after_parsing_and_a_caption_1024() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    photo = anna.send_photo().photo[-1].id
    await bot.send_message(anna.id, f"<b>{'я' * 4096}</b>")
    await bot.send_photo(anna.id, photo, caption="&lt;" * 1024)
    with pytest.raises(TelegramBadRequest, match="Bad Request: message is too long"):
        await bot.send_message(anna.id, "я" * 4097)
    with pytest.raises(TelegramBadRequest, match="Bad Request: message is too long"):
        await bot.send_message(anna.id, "😀" * 2049)
    with pytest.raises(TelegramBadRequest, match="Bad Request: message caption is too long"):
        await bot.send_photo(anna.id, photo, caption="я" * 1025)
    assert utf16_length("😀я") == 3


async def test_empty_texts_and_other_parse_modes_are_refused() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    for text, complaint in (("", "message text is empty"), (" \n ", "text must be non-empty")):
        with pytest.raises(TelegramBadRequest, match=f"Bad Request: {complaint}"):
            await bot.send_message(anna.id, text)
    with pytest.raises(TelegramBadRequest, match="Bad Request: unsupported parse_mode"):
        await bot.send_message(anna.id, "x", parse_mode="BBCode")


async def test_entities_are_trimmed_with_the_text() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    bold = MessageEntity(type="bold", offset=2, length=4)
    sent = await bot.send_message(anna.id, "  ab  ", parse_mode=None, entities=[bold])
    assert sent.text == "ab"
    assert sent.html_text == "<b>ab</b>"


def test_the_page_gets_html_that_cannot_carry_a_script() -> None:
    text, entities = read_text(
        '<b>5 &lt; 6</b> <a href="https://x.org/?&quot; onclick=&quot;y">k</a>', "HTML", None
    )
    assert as_html(text, entities) == (
        '<b>5 &lt; 6</b> <a href="https://x.org/?&quot; onclick=&quot;y" '
        'target="_blank" rel="noopener">k</a>'
    )
    text, entities = read_text('<tg-time unix="7" format="r">soon</tg-time>', "HTML", None)
    assert as_html(text, entities) == '<time datetime="7" data-format="r">soon</time>'
