"""What people sent is fetched once, whole, and never under a name that somebody chose."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from aiogram import Bot

from bot.domain.policy import Policy
from bot.playground.faults import RESET_BEFORE
from bot.playground.files import sample_photo
from bot.playground.people import Person
from bot.playground.telegram import Telegram
from bot.services.desk import ReturnDesk
from bot.services.records import File
from bot.workers.evidence import MOST_BYTES, EvidenceFetcher
from bot.workers.evidence_folder import place
from bot.workers.looking import Looking
from storage.database import Database
from storage.tables import EPOCH
from tests.workers.local_bot import TOKEN, Clock, in_process, over_http


class Case:
    """A person who sends files, and the fetcher that brings them in."""

    def __init__(self, memory: Database, clock: Clock, folder: Path) -> None:
        self.memory, self.clock, self.folder = memory, clock, folder
        self.telegram, bot = in_process(clock)
        self.fetcher = self.fetching(bot)
        self.anna: Person = self.telegram.add_person("Anna")

    def fetching(self, bot: Bot) -> EvidenceFetcher:
        return EvidenceFetcher(
            bot, self.memory, self.clock, self.folder, ReturnDesk(Policy()), lambda: None
        )

    async def fetch(self) -> int:
        async with Looking() as looking:
            return await self.fetcher.fetch(looking)

    async def sent(self, *files: File) -> None:
        async with self.memory.group() as group:
            unit = group.unit(self.clock())
            for file in files:
                unit.files.keep(file)
            group.keep(unit)
            await group.commit()

    def photo(self, content: bytes) -> File:
        photo = self.anna.send_photo(content).photo[-1]
        return File(key=photo.unique_id, file_id=photo.id, kind="photo", sent_at=self.clock())

    def document(self, content: bytes, name: str = "a.txt") -> File:
        paper = self.anna.send_document(content, name).document
        assert paper is not None
        return File(key=paper.unique_id, file_id=paper.id, kind="document", sent_at=self.clock())

    async def stored(self, file: File) -> File:
        async with self.memory.reading(EPOCH) as unit:
            [found] = await unit.files.get([file.key])
        return found

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def case(memory: Database, clock: Clock, tmp_path: Path) -> Case:
    return Case(memory, clock, tmp_path / "evidence")


async def test_a_photo_is_fetched_once_and_its_digest_kept(case: Case) -> None:
    photo = case.photo(sample_photo(1))
    await case.sent(photo)
    assert await case.fetch() == 1
    assert await case.fetch() == 0
    digest = (await case.stored(photo)).sha256
    assert digest is not None
    content = place(case.folder, digest).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert case.telegram.counts["getFile"] == 1


async def test_the_same_bytes_are_one_file(case: Case) -> None:
    await case.sent(case.document(b"receipt"), case.document(b"receipt"))
    assert await case.fetch() == 2
    assert len(case.files()) == 1


@pytest.mark.parametrize("name", ["../../escape.txt", "/etc/passwd", "a\x00b", ".." * 100])
async def test_no_name_that_a_person_chose_touches_the_disk(case: Case, name: str) -> None:
    await case.sent(case.document(b"bytes", name))
    await case.fetch()
    [path] = case.files()
    assert path.name == hashlib.sha256(b"bytes").hexdigest()
    assert path.stat().st_mode & 0o077 == 0


async def test_an_outage_is_no_reason_to_give_a_file_up(case: Case) -> None:
    first, second = case.document(b"one"), case.document(b"two")
    await case.sent(first, second)
    case.telegram.faults.next("getFile", RESET_BEFORE, times=5)
    for _ in range(5):
        assert await case.fetch() == 0
    assert await case.fetch() == 2


async def test_what_a_bot_may_not_download_holds_up_nobody(case: Case) -> None:
    huge, small = case.document(b"x" * (MOST_BYTES + 1)), case.document(b"small")
    lost = replace(case.document(b"y"), file_id="no such file")
    await case.sent(huge, lost, small)
    assert await case.fetch() == 1
    assert (await case.stored(huge)).sha256 is None
    case.telegram.counts.clear()
    assert await case.fetch() == 0
    assert case.telegram.counts["getFile"] == 0


async def test_a_file_that_is_larger_than_it_said_is_not_kept(case: Case) -> None:
    paper = case.document(b"x" * (MOST_BYTES + 1))
    object.__setattr__(case.telegram.files.get(paper.file_id), "size", 5)
    await case.sent(paper)
    assert await case.fetch() == 0
    assert case.files() == []


async def test_a_folder_that_cannot_be_written_keeps_nothing_half(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    await case.sent(case.document(b"bytes"))
    with monkeypatch.context() as patch:

        def full(_: int) -> None:
            raise OSError("disk full")

        patch.setattr("os.fsync", full)
        assert await case.fetch() == 0
    assert case.files() == []
    assert await case.fetch() == 1


async def test_files_come_over_http_and_no_log_holds_the_token(
    memory: Database, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with over_http(clock) as (telegram, bot, _):
        case = Case(memory, clock, tmp_path / "evidence")
        case.anna = telegram.add_person("Anna")
        case.fetcher = case.fetching(bot)
        kept, gone = case.document(b"kept"), case.document(b"gone")
        await case.sent(kept, gone)
        _lose(telegram, gone)
        assert await case.fetch() == 1
    assert (await case.stored(kept)).sha256 == hashlib.sha256(b"kept").hexdigest()
    assert "evidence was not fetched" in caplog.text
    assert TOKEN not in caplog.text


def _lose(telegram: Telegram, file: File) -> None:
    """The file is known, but its bytes are not there any more."""
    files = telegram.files
    files._by_path = {
        path: each for path, each in files._by_path.items() if each.id != file.file_id
    }
