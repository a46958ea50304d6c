"""`python -m locales.update`: gather the messages of the code into the catalogues.

With `--check` nothing is written; exit 1 and the names of the files that are out of date.
The files carry no dates and no line numbers, so that they change only when a message does.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent
ROOMS = ("bot", "handlers")
SOURCE = "en"
KEYWORDS = {"t": None, "plain": None, "said": None, "n": (1, 2), "plain_n": (1, 2)}
"""The calls of `bot.texts.Texts` that take a sentence."""
_HEADER = (
    "# The messages of Return Desk. Written by `make messages`; only msgstr is edited by hand."
)


def template() -> Catalog:
    """Every message of the code with the modules that say it."""
    catalog = Catalog(project="Return Desk", header_comment=_HEADER, charset="utf-8")
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            with path.open("rb") as file:
                for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                    if message:
                        catalog.add(message, locations=[(where, 0)])
    return catalog


def written(catalog: Catalog) -> str:
    """The file of a catalogue, without anything that changes by itself."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, sort_output=True, omit_header=True, include_lineno=False)
    head = [_HEADER, 'msgid ""', 'msgstr ""', '"Content-Type: text/plain; charset=utf-8\\n"']
    if catalog.locale is not None:
        head += [
            f'"Language: {catalog.locale_identifier}\\n"',
            f'"Plural-Forms: {catalog.plural_forms}\\n"',
        ]
    return "\n".join(head) + "\n\n" + file.getvalue().decode().strip() + "\n"


def files() -> Iterator[tuple[Path, str]]:
    """Each file of this folder and what it should hold."""
    messages = template()
    yield HERE / "messages.pot", written(messages)
    for path in sorted(HERE.glob("*/messages.po")):
        language = path.parent.name
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        catalog.update(deepcopy(messages), no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        if language == SOURCE:
            for message in catalog:
                if message.id:
                    message.string = message.id
        yield path, written(catalog)


def main(arguments: list[str]) -> int:
    """Update the files, or only say which ones are out of date."""
    stale = [
        (path, text)
        for path, text in files()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path, text in stale:
        print(path.relative_to(ROOT).as_posix())
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    if stale and "--check" in arguments:
        print("out of date: run `make messages`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
