"""`returndesk verify` says in one line whether a record is as it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.cases import Role
from bot.services.heads import Head, sealed
from bot.services.verifying import verify
from storage.tables import EPOCH
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
    heads = tmp_path / "heads_2026-03-01.jsonl"
    head = Head(7, 2, verify(RECORDS[Role.CUSTOMER]).digests[1])
    for told, event in ((head, "event 2 of it as it is here"), (Head(8, 1, "0"), "no event of it")):
        seal = sealed(date(2026, 3, 1), EPOCH, None, [told])
        heads.write_text(seal.content)
        assert main(["verify", str(file), "--heads", str(heads)]) == 0
        said = capsys.readouterr().out
        assert f"the file of 2026-03-01 names {event}" in said
        assert seal.digest in said
    heads.write_text(sealed(date(2026, 3, 1), EPOCH, None, [replace(head, digest="0")]).content)
    assert main(["verify", str(file), "--heads", str(heads)]) == 1
    assert "line 2: event 2 of the record has another digest" in capsys.readouterr().err
    for content in ("", "{}\n", "[1]\n"):
        heads.write_text(content)
        assert main(["verify", str(file), "--heads", str(heads)]) == 1
        assert "line 1: it" in capsys.readouterr().err
    file.write_bytes(RECORDS[Role.CUSTOMER].replace("Где".encode(), "где".encode()))
    assert main(["verify", str(file)]) == 1
    assert "line 3 was changed: it does not have the hash" in capsys.readouterr().err
    file.write_bytes(b"")
    assert main(["verify", str(file)]) == 1
    assert main(["verify", str(tmp_path)]) == 2
    assert "cannot be read: Is a directory" in capsys.readouterr().err
