"""`returndesk verify` says in one line whether a record is as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.cases import Role
from tests.services.test_proof import RECORDS


def test_a_whole_record_a_changed_one_and_none_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "R-000007.jsonl"
    file.write_bytes(RECORDS[Role.CUSTOMER])
    assert main(["verify", str(file)]) == 0
    said = capsys.readouterr().out
    assert "return R-000007, the record for the customer: all 7 lines are as" in said
    assert said.count("\n") == 1
    file.write_bytes(RECORDS[Role.CUSTOMER].replace("Где".encode(), "где".encode()))
    assert main(["verify", str(file)]) == 1
    assert "line 3 was changed: it does not have the hash" in capsys.readouterr().err
    file.write_bytes(b"")
    assert main(["verify", str(file)]) == 1
    assert main(["verify", str(tmp_path)]) == 2
    assert "cannot be read: Is a directory" in capsys.readouterr().err
