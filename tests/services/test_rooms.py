"""The word of a dispute: drawn anew for each, and easy to read aloud."""

from random import Random

from bot.services.rooms import case_of_topic, code_word, place_of_letter


def test_a_code_word_is_six_letters_that_can_be_spoken() -> None:
    random = Random(7)
    words = {code_word(random.randrange) for _ in range(500)}
    assert len(words) > 490
    assert all(len(word) == 6 and word.isascii() and word.isupper() for word in words)
    assert all(set(word[1::2]) <= set("AEIOU") for word in words)


def test_slots_tell_what_they_are_of() -> None:
    assert case_of_topic("topic:12:2026-03-01T10:00:00+00:00") == 12
    assert case_of_topic("card:12:moderator") is None
    assert place_of_letter("photos:-100:7") == (-100, 7)
    assert place_of_letter("topic:12:x") is None
