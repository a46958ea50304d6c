"""The generated parts of the documentation: `make readme` writes them, a test compares them."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain import state_table
from bot.settings import settings_table

ROOT = Path(__file__).parent.parent


def readme(text: str) -> str:
    """The README with its generated parts as the code has them now."""
    for name, content in (("settings", settings_table()), ("states", state_table.table())):
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text = re.sub(pattern, lambda m, c=content: f"{m[1]}{c}\n{m[2]}", text, flags=re.DOTALL)
    return text


def main() -> None:
    """Write all generated parts anew."""
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
    domain = ROOT / "bot" / "domain" / "README.md"
    domain.write_text(state_table.document(), encoding="utf-8")


if __name__ == "__main__":
    main()
