"""The catalogues: nothing missing, nothing fuzzy, whole plurals, and Russian that is Russian."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.texts import LOCALES, SOURCE, Catalogues
from locales import update

LANGUAGES = sorted(path.parent.name for path in LOCALES.glob("*/messages.po"))
TAG = re.compile(r"</?[a-z-]+[^>]*>")
WORD = re.compile(r"[A-Za-z]{2,}")
CYRILLIC = re.compile("[А-Яа-яЁё]")
NAMES = {
    "Telegram",
    "Return",
    "Desk",
    "returndesk",
    "check",
    "orders",
    "links",
    "RUB",
    "SHA",
    "CSV",
    "Excel",
}
"""Latin words that every language keeps."""
NAMES |= {
    "CSV", "Europe", "ISO", "Istanbul", "JSON", "Lines", "RU", "SKU", "UTF", "at", "courier",
    "created", "en", "mail", "quantity", "ru",
}  # fmt: skip
"""Words of order files: what a file must say is in no language."""
NAMES |= {
    "TOML", "after", "ali", "days", "false", "local", "pickup", "point", "service", "ship", "true",
    "toml", "txt", "until",
}  # fmt: skip
"""Words of policies and scripts."""


def catalog(language: str) -> Catalog:
    with (LOCALES / language / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def sources(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_template_and_the_catalogues_are_up_to_date() -> None:
    stale = [path.name for path, text in update.files() if path.read_text("utf-8") != text]
    assert not stale, "run `make messages`"


def test_english_and_russian_are_spoken() -> None:
    assert {"en", "ru"} <= set(Catalogues().languages)
    assert Catalogues().languages[0] == SOURCE


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_missing_or_fuzzy(language: str) -> None:
    found = catalog(language)
    left = [message.id for message in found if message.id and not all(forms(message))]
    assert not left
    assert not [message.id for message in found if message.id and message.fuzzy]
    assert not found.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_its_forms(language: str) -> None:
    found = catalog(language)
    for message in found:
        if message.id and message.pluralizable:
            assert len(forms(message)) == found.num_plurals, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_and_the_markup_of_its_source(language: str) -> None:
    for message in messages(language):
        expected = set().union(*(values(source) for source in sources(message)))
        tags = TAG.findall(sources(message)[0])
        for form in forms(message):
            assert values(form) == expected, form
            assert TAG.findall(form) == tags, form
            assert form == form.strip(), form


def test_a_russian_text_without_cyrillic_fails() -> None:
    for message in messages("ru"):
        words = set(WORD.findall(re.sub(r"\{\w+\}|/\w+|R-\d+", "", sources(message)[0])))
        if words - NAMES:
            for form in forms(message):
                assert CYRILLIC.search(form), form


def test_no_english_is_left_in_a_russian_text() -> None:
    for message in messages("ru"):
        for form in forms(message):
            left = set(WORD.findall(re.sub(r"\{\w+\}|/\w+|R-\d+", "", form)))
            assert left <= NAMES, form


def test_russian_quotes_are_russian() -> None:
    for message in messages("ru"):
        assert not re.search('[“”"]', "".join(forms(message))), message.id


def test_sentences_are_sentences() -> None:
    """A text that begins a message ends with a full stop, a question mark or a colon."""
    for message in messages("ru"):
        for source, form in zip(sources(message)[:1], forms(message)[:1], strict=True):
            if source.endswith((".", "?", ":")):
                assert form[-1] == source[-1] or form[-1] in ".?:", form


def test_a_new_message_is_found_and_an_old_one_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "new.py").write_text('t("A new {thing}")\nt.n("{count} a", "{count} b", 2)')
    here = tmp_path / "locales"
    (here / "ru").mkdir(parents=True)
    (here / "ru" / "messages.po").write_text('msgid "Old"\nmsgstr "Старое"\n')
    for name, value in {"ROOT": tmp_path, "HERE": here, "ROOMS": ("bot",)}.items():
        monkeypatch.setattr(update, name, value)
    assert update.main(["--check"]) == 1
    assert update.main([]) == 0
    text = (here / "ru" / "messages.po").read_text("utf-8")
    assert 'msgid "A new {thing}"' in text
    assert "msgstr[2]" in text
    assert "Old" not in text
    assert update.main(["--check"]) == 0
