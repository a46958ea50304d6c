"""The generated parts of the documentation: `make readme` writes them, a test compares them."""

from __future__ import annotations

from pathlib import Path

from bot.domain import state_table
from bot.settings import settings_table

ROOT = Path(__file__).parent.parent


def readme(text: str) -> str:
    """The README with its generated parts as the code has them now."""
    states = state_table.states().split("\n\n", 1)[1]
    for name, content in (("settings", settings_table()), ("states", states.rstrip())):
        opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, rest = text.split(opening)
        text = f"{head}{opening}{content}\n{closing}{rest.split(closing)[1]}"
    return text


def main() -> None:
    """Write all generated parts anew."""
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
    domain = ROOT / "bot" / "domain" / "README.md"
    domain.write_text(state_table.render(), encoding="utf-8")


if __name__ == "__main__":
    main()
