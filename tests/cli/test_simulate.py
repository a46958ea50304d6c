"""`returndesk simulate`: a timeline for people, lines for machines, and what was wrong."""

from __future__ import annotations

import json

import pytest

from tests.cli.shell import Shell

SCRIPT = """\
start = 2026-03-01T10:00:00Z
until = 2026-03-10T00:00:00Z

[order]
profile = "ozon"
route = "mail"
delivered_at = 2026-02-27T12:00:00Z
seller = { country = "TR", premoderated = false }
customer = { flagged = false }

[[order.items]]
sku = "A-1"
category = "other"
price = "2500.00"

[[step]]
at = 2026-03-01T10:00:00Z
by = "customer"
do = "submit"
reason = "changed_mind"
photos = 2
"""


@pytest.fixture
def nowhere(shell: Shell) -> Shell:
    """A folder without a database and without settings: a script needs neither."""
    shell.settings.clear()
    (shell.folder / "script.toml").write_text(SCRIPT)
    return shell


def test_a_script_is_played_for_people(nowhere: Shell) -> None:
    played = nowhere("simulate", "script.toml")
    assert (played.status, played.err) == (0, "")
    assert "APPROVED" in played.out


def test_a_script_is_played_for_machines(nowhere: Shell) -> None:
    played = nowhere("simulate", "script.toml", "--json")
    assert played.status == 0
    first, second, *_ = map(json.loads, played.out.splitlines())
    assert (first["by"], first["event"]) == ("customer", "submit")
    assert (second["by"], second["rule"], second["status"]) == ("clock", "D-07", "APPROVED")


def test_a_fault_of_the_script_is_named_with_its_line(nowhere: Shell) -> None:
    (nowhere.folder / "script.toml").write_text(SCRIPT.replace('"submit"', '"sulk"'))
    refused = nowhere("simulate", "script.toml")
    assert refused.status == 2
    assert refused.line.startswith("script.toml: line 19: ")


def test_a_script_that_is_not_there_is_named(nowhere: Shell) -> None:
    refused = nowhere("simulate", "none.toml")
    assert refused.status == 2
    assert refused.line.startswith("none.toml cannot be read")


def test_a_fault_is_told_on_standard_error_only(nowhere: Shell) -> None:
    assert nowhere("simulate", "none.toml", "--json").out == ""
