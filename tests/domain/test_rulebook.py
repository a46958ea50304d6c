"""Every rule that the program cites stands in the rule book, with its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.rulebook import RULES, RuleKind, _read

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "storage")
ID = re.compile(r"(?:A|C|W|D|ST|T|R|M|P|O|L|X|H)-\d\d[a-d]?")


def cited(source: str) -> Iterator[str]:
    """Every string literal of a program that is a rule id, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and ID.fullmatch(node.value)
        ):
            yield node.value


def test_every_cited_rule_exists() -> None:
    citations = {
        (rule, str(file.relative_to(ROOT)))
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for rule in cited(file.read_text(encoding="utf-8"))
    }
    assert len({rule for rule, _ in citations}) > 10
    assert {(rule, file) for rule, file in citations if rule not in RULES} == set()


def test_rules_named_in_comments_and_docstrings_exist() -> None:
    """Ids of the rooms that later issues build (P, L, O) are named only once they are built."""
    named = {
        (rule, str(file.relative_to(ROOT)))
        for file in (ROOT / "bot" / "domain").glob("*.py")
        for rule in re.findall(r"\b(?:C|W|D|ST|T|R|M|X)-\d\d\b", file.read_text(encoding="utf-8"))
    }
    assert {(rule, file) for rule, file in named if rule not in RULES} == set()


@pytest.mark.parametrize(
    ("letters", "last"),
    [("C", 22), ("W", 14), ("D", 17), ("ST", 13), ("T", 7), ("R", 11), ("M", 4), ("X", 58)],
)
def test_the_rule_book_is_complete(letters: str, last: int) -> None:
    assert {f"{letters}-{number:02}" for number in range(1, last + 1)} <= set(RULES)


def test_every_rule_says_where_it_stands_and_what_it_says() -> None:
    for rule in RULES.values():
        assert ID.fullmatch(rule.id)
        assert re.fullmatch(r"-|S[0-4]:[\d,-]+(; S[0-4]:[\d,-]+)*", rule.source), rule
        assert rule.text.endswith("."), rule
        assert rule.source != "-" or rule.kind is RuleKind.SETTLED, rule


def test_a_rule_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="X-01 stands twice"):
        _read("X-01 | - | settled | One.\nX-01 | - | settled | Two.")
