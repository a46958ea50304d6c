"""Files: sizes of photos, ids, downloads, and what is too large."""

import struct

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import BufferedInputFile

from bot.playground.files import MAX_DOWNLOAD, MAX_PHOTO, MAX_UPLOAD, picture_size, sample_photo
from bot.playground.wire import ApiError
from tests.playground.local_telegram import local_telegram, over_http


async def test_a_photo_has_sizes_with_ids_of_their_own() -> None:
    telegram, bot, _ = local_telegram()
    telegram.add_person("Anna").send_photo(sample_photo(1, 1600, 1200))
    [update] = await bot.get_updates()
    assert update.message is not None
    sizes = update.message.photo
    assert sizes is not None
    assert [size.width for size in sizes] == [90, 320, 800, 1600]
    assert len({size.file_unique_id for size in sizes}) == 4
    file = await bot.get_file(sizes[-1].file_id)
    assert file.file_path is not None
    content = await bot.download_file(file.file_path)
    assert content is not None
    assert content.read() == sample_photo(1, 1600, 1200)


async def test_a_new_upload_is_a_new_file_and_an_id_sends_the_old_one() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    upload = BufferedInputFile(sample_photo(1), "a.png")
    first, second = await bot.send_photo(anna.id, upload), await bot.send_photo(anna.id, upload)
    assert first.photo is not None
    assert second.photo is not None
    again = await bot.send_photo(anna.id, first.photo[-1].file_id)
    assert again.photo is not None
    assert again.photo[-1].file_unique_id == first.photo[-1].file_unique_id
    assert second.photo[-1].file_unique_id != first.photo[-1].file_unique_id


async def test_what_is_no_photo_is_refused() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    header = sample_photo(1)[:16]
    wide = header + struct.pack(">II", 2100, 100) + b"\x08"
    huge = header + struct.pack(">II", 6000, 5000) + b"\x08"
    refusals = {
        "IMAGE_PROCESS_FAILED": b"no picture",
        "PHOTO_INVALID_DIMENSIONS": wide,
        "Bad Request: PHOTO_INVALID_DIMENSIONS": huge,
        "file must be non-empty": b"",
        f"file of size {MAX_PHOTO + 1} bytes is too big for a photo; the maximum size is "
        f"{MAX_PHOTO} bytes": sample_photo(1) + bytes(MAX_PHOTO + 1 - len(sample_photo(1))),
    }
    for complaint, content in refusals.items():
        with pytest.raises(TelegramBadRequest, match=complaint):
            await bot.send_photo(anna.id, BufferedInputFile(content, "a.png"))
    paper = anna.send_document().document
    assert paper is not None
    with pytest.raises(TelegramBadRequest, match="can't use file of type Document as Photo"):
        await bot.send_photo(anna.id, paper.id)
    with pytest.raises(TelegramBadRequest, match="wrong remote file identifier specified"):
        await bot.send_photo(anna.id, "AgACunknown")


async def test_large_files_cannot_be_fetched() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    fits = anna.send_video(size=MAX_DOWNLOAD).video
    large = anna.send_document(size=MAX_DOWNLOAD + 1).document
    assert fits is not None
    assert large is not None
    assert (await bot.get_file(fits.id)).file_size == MAX_DOWNLOAD
    with pytest.raises(TelegramBadRequest, match="Bad Request: file is too big"):
        await bot.get_file(large.id)
    with pytest.raises(TelegramBadRequest, match="Bad Request: invalid file_id"):
        await bot.get_file("BQACunknown")
    with pytest.raises(ApiError):
        telegram.files.download(large.path)


async def test_an_upload_of_more_than_50_mb_is_413_on_both_faces() -> None:
    content = BufferedInputFile(bytes(MAX_UPLOAD + 1), "a.bin")
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    with pytest.raises(TelegramEntityTooLarge, match="Request Entity Too Large"):
        await bot.send_document(anna.id, content)
    async with over_http() as (telegram, bot, _, _url):
        anna = telegram.add_person("Anna")
        anna.start()
        with pytest.raises(TelegramEntityTooLarge, match="Request Entity Too Large"):
            await bot.send_document(anna.id, content)


def test_picture_headers_are_read_without_decoding() -> None:
    jpeg = (
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + b"\0" * 9
    )
    gif = b"GIF89a" + struct.pack("<HH", 3, 4)
    webp = (
        b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")
    )
    assert picture_size(sample_photo(3, 320, 240)) == (320, 240)
    assert picture_size(jpeg) == (640, 480)
    assert picture_size(gif) == (3, 4)
    assert picture_size(webp) == (100, 50)
    assert picture_size(b"%PDF-1.4") is None
    assert sample_photo(1) != sample_photo(2)
